import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import {
  addAssetRelation,
  getAssetImpact,
  listAssetRelations,
  type Relation,
  type RelationKind,
  relationKinds,
  removeAssetRelation,
} from '@muster/api/components';
import type { Ref } from '@muster/api/fields';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { orNull } from '../../ui/forms.ts';
import { number } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** What the asset is to others, they to it, and what would be affected if it failed. */
export function RelationsTab({ id, mayEdit }: { id: string; mayEdit: boolean }) {
  const query = useQuery(apiQuery(listAssetRelations, { params: { id } }));
  const impact = useQuery(apiQuery(getAssetImpact, { params: { id } }));
  const [adding, setAdding] = useState(false);
  const remove = useChange((relation: Relation) => call(removeAssetRelation, { params: { id, relationId: relation.id } }), {
    message: t('relations.removed'),
  });
  return (
    <>
      <ProblemNotice error={remove.error} />
      {mayEdit && (
        <Group mb="sm">
          <Button variant="default" size="xs" onClick={() => setAdding(true)}>
            {t('relations.add')}
          </Button>
        </Group>
      )}
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('relations.none')}>{t('relations.noneHint')}</EmptyState>
          ) : (
            <SimpleTable
              title={t('relations.title')}
              rows={items}
              columns={[
                [t('relations.kind'), (r) => r.label],
                [t('relations.other'), (r) => <AppLink to={`/assets/${r.other.id}?tab=relations`}>{r.other.label}</AppLink>],
                [
                  t('relations.ports'),
                  (r) =>
                    r.ports.length === 0 ? (
                      <Unknown word={t('none.none')} />
                    ) : (
                      r.ports.map((p) => `${p.port ?? '?'} – ${p.otherPort ?? '?'}`).join(', ')
                    ),
                ],
                [t('relations.source'), (r) => (r.source === 'manual' ? (r.actor ?? t('provenance.manual')) : wordOf(r.source))],
                [t('relations.since'), (r) => <TimeAgo at={r.firstSeenAt} />],
                [t('relations.note'), (r) => r.note],
                [
                  t('authority.actions'),
                  (r) =>
                    mayEdit &&
                    r.source === 'manual' && (
                      <ConfirmButton
                        label={t('relations.remove')}
                        question={t('relations.removeQuestion', { relation: r.label, other: r.other.label })}
                        onConfirm={() => remove.mutate(r)}
                      />
                    ),
                ],
              ]}
            />
          )
        }
      </Loaded>
      {impact.data && (
        <SimpleTable
          title={t(impact.data.more ? 'relations.impactMore' : 'relations.impact')}
          rows={impact.data.items}
          columns={[
            [t('relations.asset'), (i) => <AppLink to={`/assets/${i.asset.id}`}>{i.asset.label}</AppLink>],
            [t('relations.class'), (i) => wordOf(i.asset.class)],
            [t('relations.because'), (i) => i.label],
            [t('relations.steps'), (i) => number(i.depth), true],
          ]}
        />
      )}
      {adding && <AddRelation id={id} onClose={() => setAdding(false)} />}
    </>
  );
}

/** Both ways to say each kind; a kind that is the same from both sides is said once. */
const choices = (Object.entries(relationKinds) as [RelationKind, (typeof relationKinds)[RelationKind]][]).flatMap(([kind, k]) => [
  { value: `${kind} out`, label: k.label },
  ...(k.inverse === k.label ? [] : [{ value: `${kind} in`, label: k.inverse }]),
]);

function AddRelation({ id, onClose }: { id: string; onClose: () => void }) {
  const [choice, setChoice] = useState('depends_on out');
  const [other, setOther] = useState<Ref | null>(null);
  const [note, setNote] = useState('');
  const add = useChange(
    async () => {
      const [kind, way] = choice.split(' ');
      const text = orNull(note);
      return call(addAssetRelation, {
        params: { id },
        body: { kind: kind as RelationKind, outgoing: way === 'out', other: other?.id ?? '', ...(text === null ? {} : { note: text }) },
      });
    },
    { message: t('relations.added'), onDone: onClose },
  );
  return (
    <Modal opened onClose={onClose} title={t('relations.add')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={add.error} />
          <Select
            label={t('relations.kind')}
            allowDeselect={false}
            value={choice}
            onChange={(value) => setChoice(value ?? choice)}
            data={choices}
          />
          <RefSelect routes={assetListRoutes} label={t('relations.other')} required value={other} onChange={setOther} />
          <TextInput label={t('relations.note')} maxLength={500} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={add.isPending} disabled={other === null}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
