import { Button, Modal, Radio, SimpleGrid, Stack } from '@mantine/core';
import type { AssetRecord } from '@muster/api/assets';
import {
  getIdentityConflict,
  identityConflictListRoutes,
  resolveIdentityConflict,
  type IdentityConflictDetail,
} from '@muster/api/identity';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { IdentityKeys } from '../../ui/IdentityKeys.tsx';
import { ReasonForm } from '../../ui/ReasonForm.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** Pairs of assets that may be one machine, for a person to decide. */
export function ConflictsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.conflicts')} line={t('conflict.line')}>
      <ResourceTable
        resource={identityConflictListRoutes.resource}
        source={identityConflictListRoutes}
        state={state}
        onState={onState}
        open={(row) => `/conflicts/${row.id}`}
        empty={<EmptyState title={t('conflict.empty')}>{t('conflict.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

/** Both assets of a conflict beside each other, and the answers. */
export function ConflictPage() {
  const query = useQuery(apiQuery(getIdentityConflict, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(conflict) => <Conflict conflict={conflict} />}</Loaded>;
}

type Side = IdentityConflictDetail['sides'][number];

function nameOf(asset: AssetRecord): string {
  return asset.name ?? asset.tag ?? asset.serial ?? t('none.unnamed');
}

function Conflict({ conflict }: { conflict: IdentityConflictDetail }) {
  const { can } = useSession();
  const answerable = conflict.state === 'open' || conflict.state === 'later';
  return (
    <PlainPage
      name={[...new Set(conflict.sides.map((side) => nameOf(side.asset)))].join(' – ')}
      back={{ to: '/conflicts', label: t('nav.conflicts') }}
      line={
        <>
          <StateBadge value={conflict.state} />
          <span>
            {wordOf(conflict.kind)} · {conflict.reason} · <TimeAgo at={conflict.openedAt} />
          </span>
        </>
      }
      actions={answerable && can('assets:write') && <Answers conflict={conflict} />}
    >
      {conflict.resolvedAt && (
        <Facts
          items={[
            [t('conflict.answeredBy'), conflict.resolvedBy ?? <Unknown />],
            [t('conflict.answered'), <TimeAgo key="a" at={conflict.resolvedAt} />],
            [t('identity.reason'), conflict.note ?? <Unknown word={t('none.none')} />],
          ]}
        />
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {conflict.sides.map((side, i) => (
          <SideOfConflict key={`${side.asset.id} ${i === 0 ? 'first' : 'second'}`} side={side} />
        ))}
      </SimpleGrid>
    </PlainPage>
  );
}

function SideOfConflict({ side: { asset, observations } }: { side: Side }) {
  const text = (value: string | null) => value ?? <Unknown />;
  return (
    <div>
      <Section title={nameOf(asset)} actions={<AppLink to={`/assets/${asset.id}?tab=identity`}>{t('conflict.open')}</AppLink>}>
        <Facts
          items={[
            [fieldLabel('Class'), asset.class.label],
            [fieldLabel('State'), <StateBadge key="s" value={asset.state} />],
            [fieldLabel('Asset tag'), asset.tag ?? <Unknown word={t('none.none')} />],
            [fieldLabel('Manufacturer'), text(asset.manufacturer)],
            [fieldLabel('Model'), text(asset.model)],
            [fieldLabel('Serial number'), asset.serial ? <span className="mono">{asset.serial}</span> : <Unknown />],
            [fieldLabel('Operating system'), text(asset.osName)],
            [fieldLabel('Person'), asset.person?.label ?? <Unknown word={t('none.nobody')} />],
            [fieldLabel('Last seen'), asset.lastSeenAt ? <TimeAgo at={asset.lastSeenAt} /> : <Unknown word={t('none.never')} />],
          ]}
        />
      </Section>
      {observations.length === 0 && <p className="dimmed">{t('asset.noSource')}</p>}
      {observations.map((o) => (
        <Section key={o.id} title={`${wordOf(o.source)}: ${o.nativeId}`}>
          <Facts items={[[t('identity.last'), <TimeAgo key="l" at={o.lastReceivedAt} />]]} />
          <IdentityKeys observation={o} />
        </Section>
      ))}
    </div>
  );
}

type Answer = 'same' | 'different' | 'later';
const answers: Answer[] = ['same', 'different', 'later'];

function hintOf({ kind }: IdentityConflictDetail, answer: Answer): string {
  if (kind !== 'fork' || answer === 'later') return t(`conflict.${answer}Hint`);
  return t(answer === 'same' ? 'conflict.forkSameHint' : 'conflict.forkDifferentHint');
}

function Answers({ conflict }: { conflict: IdentityConflictDetail }) {
  const [chosen, setChosen] = useState<Answer | null>(null);
  const [survivor, setSurvivor] = useState(conflict.sides[0]?.asset.id ?? '');
  const resolve = useChange(
    (values: { as: Answer; reason: string }) =>
      call(resolveIdentityConflict, {
        params: { id: conflict.id },
        body: { ...values, ...(values.as === 'same' ? { survivor } : {}) },
      }),
    { message: t('conflict.done'), onDone: () => setChosen(null) },
  );
  const close = (): void => {
    setChosen(null);
    resolve.reset();
  };
  return (
    <>
      {answers
        .filter((one) => one !== conflict.state)
        .map((one) => (
          <Button key={one} variant="default" onClick={() => setChosen(one)}>
            {t(`conflict.${one}`)}
          </Button>
        ))}
      <Modal
        opened={chosen !== null}
        onClose={close}
        title={chosen && t(`conflict.${chosen}`)}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {chosen && (
          <ReasonForm
            label={t(`conflict.${chosen}`)}
            pending={resolve.isPending}
            error={resolve.error}
            onClose={close}
            onSubmit={(reason) => resolve.mutate({ as: chosen, reason })}
          >
            <p>{hintOf(conflict, chosen)}</p>
            {chosen === 'same' && conflict.kind !== 'fork' && (
              <Radio.Group label={t('conflict.survivor')} value={survivor} onChange={setSurvivor}>
                <Stack gap="xs" mt="xs">
                  {conflict.sides.map(({ asset }) => (
                    <Radio key={asset.id} value={asset.id} label={[nameOf(asset), asset.tag, asset.serial].filter(Boolean).join(' · ')} />
                  ))}
                </Stack>
              </Radio.Group>
            )}
          </ReasonForm>
        )}
      </Modal>
    </>
  );
}
