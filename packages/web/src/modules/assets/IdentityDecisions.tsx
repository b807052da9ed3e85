import { Button, Checkbox, Group, Modal, Select, Stack } from '@mantine/core';
import { assetListRoutes, assetResource } from '@muster/api/assets';
import type { Ref } from '@muster/api/fields';
import {
  listIdentityOperations,
  mergeAsset,
  previewSplit,
  splitAsset,
  undoIdentityOperation,
  type IdentityOperation,
  type SplitPreview,
} from '@muster/api/identity';
import type { AssetIdentity } from '@muster/api/inventory';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, keyOf } from '../../app/api.ts';
import { fieldLabel, t, tn } from '../../app/messages.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { ReasonForm } from '../../ui/ReasonForm.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Facts, Loaded, Section } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { number, relativeTime } from '../../ui/formatting.ts';
import { wordOf } from '../../ui/value-words.ts';

type Observation = AssetIdentity['observations'][number];

interface Props {
  id: string;
  observations: Observation[];
  /** Merge, split and undo are offered. */
  mayDecide: boolean;
  /** A merged asset has nothing left to merge or split. */
  merged: boolean;
}

/** What people decided about this asset's identity, and the ways to decide. */
export function IdentityDecisions({ id, observations, mayDecide, merged }: Props) {
  const [open, setOpen] = useState<'merge' | 'split' | null>(null);
  const query = useQuery(apiQuery(listIdentityOperations, { params: { id } }));
  const close = (): void => setOpen(null);
  return (
    <Section
      title={t('identity.history')}
      actions={
        mayDecide &&
        !merged && (
          <Group gap="xs">
            {observations.length > 1 && (
              <Button variant="default" size="xs" onClick={() => setOpen('split')}>
                {t('identity.split')}
              </Button>
            )}
            <Button variant="default" size="xs" onClick={() => setOpen('merge')}>
              {t('identity.merge')}
            </Button>
          </Group>
        )
      }
    >
      <Loaded query={query}>
        {({ items }) => (
          <>
            <History items={items} mayDecide={mayDecide} />
            <Modal
              opened={open !== null}
              onClose={close}
              title={open === 'split' ? t('identity.splitTitle') : t('identity.mergeTitle')}
              closeButtonProps={{ 'aria-label': t('action.close') }}
            >
              {open === 'split' && <SplitForm id={id} observations={observations} operations={items} onClose={close} />}
              {open === 'merge' && <MergeForm id={id} onClose={close} />}
            </Modal>
          </>
        )}
      </Loaded>
    </Section>
  );
}

function MergeForm({ id, onClose }: { id: string; onClose: () => void }) {
  const [other, setOther] = useState<Ref | null>(null);
  const merge = useChange((values: { merged: string; reason: string }) => call(mergeAsset, { params: { id }, body: values }), {
    message: t('identity.mergedDone'),
    onDone: onClose,
  });
  return (
    <ReasonForm
      label={t('identity.mergeNow')}
      ready={other !== null && other.id !== id}
      pending={merge.isPending}
      error={merge.error}
      onClose={onClose}
      onSubmit={(reason) => other && merge.mutate({ merged: other.id, reason })}
    >
      <p>{t('identity.mergeHint')}</p>
      <RefSelect
        routes={assetListRoutes}
        label={t('identity.mergeOther')}
        required
        value={other}
        onChange={setOther}
        error={other?.id === id ? t('identity.mergeSelf') : undefined}
      />
    </ReasonForm>
  );
}

function titleOf(o: Observation): string {
  return `${wordOf(o.source)}: ${o.nativeId}`;
}

function SplitForm({
  id,
  observations,
  operations,
  onClose,
}: {
  id: string;
  observations: Observation[];
  operations: IdentityOperation[];
  onClose: () => void;
}) {
  const [chosen, setChosen] = useState<string[]>([]);
  const [into, setInto] = useState<string | null>(null);
  const split = useChange(
    (reason: string) => call(splitAsset, { params: { id }, body: { observations: chosen, reason, ...(into ? { into } : {}) } }),
    { message: t('identity.splitDone'), onDone: onClose },
  );
  const targets = new Map(
    operations.flatMap(({ kind, undoneAt, asset, other }) =>
      kind === 'merge' && !undoneAt && asset?.id === id && other ? [[other.id, other.label] as const] : [],
    ),
  );
  const moving = observations.filter((o) => chosen.includes(o.id));
  const all = moving.length === observations.length;
  return (
    <ReasonForm
      label={t('identity.splitNow')}
      ready={moving.length > 0 && !all}
      pending={split.isPending}
      error={split.error}
      onClose={onClose}
      onSubmit={(reason) => split.mutate(reason)}
    >
      <Checkbox.Group
        label={t('identity.splitChoose')}
        value={chosen}
        onChange={setChosen}
        error={all ? t('identity.splitAll') : undefined}
      >
        <Stack gap="xs" my="xs">
          {observations.map((o) => (
            <Checkbox key={o.id} value={o.id} label={titleOf(o)} description={`${t('identity.last')}: ${relativeTime(o.lastReceivedAt)}`} />
          ))}
        </Stack>
      </Checkbox.Group>
      {targets.size > 0 && (
        <Select
          label={t('identity.splitInto')}
          placeholder={t('identity.splitNew')}
          clearable
          data={[...targets].map(([value, label]) => ({ value, label }))}
          value={into}
          onChange={setInto}
        />
      )}
      {moving.length > 0 && !all && <Preview id={id} moving={moving} into={into} />}
    </ReasonForm>
  );
}

/** What goes away with the chosen observations, and what both records say then, before anything is done. */
function Preview({ id, moving, into }: { id: string; moving: Observation[]; into: string | null }) {
  const body = { observations: moving.map((o) => o.id), ...(into ? { into } : {}) };
  const preview = useQuery({
    queryKey: keyOf(previewSplit, { id, ...body }),
    queryFn: async ({ signal }) => (await call(previewSplit, { params: { id }, body, signal })).data,
    placeholderData: keepPreviousData,
  });
  if (!preview.data) return <ProblemNotice error={preview.error} />;
  const { goes, stays, titles, interfaces, disks, components, users, stayingChanges, otherChanges } = preview.data;
  return (
    <div className="preview" aria-live="polite">
      <p>
        {tn('identity.goes', goes)} {tn('identity.stay', stays)}
      </p>
      <Facts
        items={[
          [t('identity.goesTitles'), number(titles)],
          [t('identity.goesInterfaces'), number(interfaces)],
          [t('identity.goesDisks'), number(disks)],
          [t('identity.goesComponents'), number(components)],
          [t('identity.goesUsers'), users.join(', ') || <Unknown word={t('none.none')} />],
        ]}
      />
      <Changes title={t('identity.stayingChanges')} changes={stayingChanges} />
      <Changes title={t('identity.otherChanges')} changes={otherChanges} />
    </div>
  );
}

function Changes({ title, changes }: { title: string; changes: SplitPreview['otherChanges'] }) {
  if (changes.length === 0) return null;
  return (
    <>
      <strong>{title}</strong>
      <ul>
        {changes.map((c) => (
          <li key={c.field}>
            {fieldLabel(labelOf(c.field))}: {c.from === null ? '' : `${c.from} → `}
            {c.to ?? t('none.none')}
          </li>
        ))}
      </ul>
    </>
  );
}

const labelOf = (name: string): string => Object.entries(assetResource.fields).find(([key]) => key === name)?.[1].label ?? name;

/** An asset of an operation; its name is hidden from whoever may not see it. */
function Side({ of }: { of: IdentityOperation['asset'] }) {
  return of ? <RefLink to="assets" value={of} /> : <span className="dimmed">{t('identity.outside')}</span>;
}

function History({ items, mayDecide }: { items: IdentityOperation[]; mayDecide: boolean }) {
  const [undoing, setUndoing] = useState<IdentityOperation | null>(null);
  const undo = useChange(
    (values: { id: string; reason: string }) => call(undoIdentityOperation, { params: { id: values.id }, body: { reason: values.reason } }),
    { message: t('identity.undone'), onDone: () => setUndoing(null) },
  );
  const close = (): void => {
    setUndoing(null);
    undo.reset();
  };
  if (items.length === 0) return <p className="dimmed">{t('identity.noHistory')}</p>;
  // The latest is undone first: only it has the button.
  const latest = items.find((one) => !one.undoneAt)?.id;
  return (
    <>
      <ol className="timeline">
        {items.map((one) => (
          <li key={one.id}>
            <p className="timeline-summary">
              <StateBadge value={one.kind} tone={one.undoneAt ? 'neutral' : 'info'} /> <Side of={one.other} />{' '}
              {one.kind === 'merge' ? t('identity.wentInto') : t('identity.cameFrom')} <Side of={one.asset} />{' '}
              {mayDecide && one.id === latest && one.asset && one.other && (
                <Button variant="subtle" size="compact-xs" onClick={() => setUndoing(one)}>
                  {t('identity.undo')}
                </Button>
              )}
            </p>
            <p>{one.reason}</p>
            <p className="timeline-meta">
              {one.actor} · <TimeAgo at={one.at} /> · {tn('identity.moved', one.observations)}
            </p>
            {one.undoneAt && (
              <p className="timeline-meta">
                {t('identity.undoneBy', { actor: one.undoneBy ?? t('none.unknown') })} · <TimeAgo at={one.undoneAt} />
                {one.undoReason && ` · ${one.undoReason}`}
              </p>
            )}
          </li>
        ))}
      </ol>
      <Modal
        opened={undoing !== null}
        onClose={close}
        title={t('identity.undoTitle')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {undoing && (
          <ReasonForm
            label={t('identity.undo')}
            pending={undo.isPending}
            error={undo.error}
            onClose={close}
            onSubmit={(reason) => undo.mutate({ id: undoing.id, reason })}
          >
            <p>{t('identity.undoHint')}</p>
          </ReasonForm>
        )}
      </Modal>
    </>
  );
}
