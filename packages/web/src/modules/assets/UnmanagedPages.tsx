import { Button, Group, Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import {
  getUnmanagedHost,
  getUnmanagedLimits,
  ignoreUnmanagedHost,
  makeAssetOfHost,
  type UnmanagedHost,
  unmanagedKinds,
  unmanagedListRoutes,
} from '@muster/api/unmanaged';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { ReasonForm } from '../../ui/ReasonForm.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { WarningNotice } from '../../ui/WarningNotice.tsx';

/** What the network shows and no source tells of. */
export function UnmanagedPage() {
  const [state, onState] = useUrlListState();
  const [show, setShow] = useState<'open' | 'ignored'>('open');
  const limits = useQuery(apiQuery(getUnmanagedLimits, {}));
  const [worst] = limits.data?.notKept ?? [];
  return (
    <ListPage name={t('nav.unmanaged')} line={t('unmanaged.line')}>
      {worst && limits.data && (
        <WarningNotice
          title={t('unmanaged.notKept', {
            count: number(worst.count),
            range: worst.range,
            day: worst.day,
            most: number(limits.data.newPerRangeAndDay),
          })}
        />
      )}
      <SegmentedControl
        size="xs"
        mb="xs"
        style={{ alignSelf: 'flex-start' }}
        aria-label={t('unmanaged.show')}
        value={show}
        onChange={(value) => setShow(value)}
        data={[
          { value: 'open', label: t('unmanaged.open') },
          { value: 'ignored', label: t('unmanaged.ignored') },
        ]}
      />
      <ResourceTable
        resource={unmanagedListRoutes.resource}
        source={unmanagedListRoutes}
        state={state}
        onState={onState}
        fixedFilter={`state:${show}`}
        open={(row) => `/unmanaged/${row.id}`}
        empty={<EmptyState title={t('unmanaged.none')}>{t('unmanaged.noneHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function UnmanagedHostPage() {
  const query = useQuery(apiQuery(getUnmanagedHost, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(host) => <Host host={host} />}</Loaded>;
}

function Host({ host }: { host: UnmanagedHost }) {
  const { can } = useSession();
  return (
    <PlainPage
      name={host.title}
      back={{ to: '/unmanaged', label: t('nav.unmanaged') }}
      line={<StateBadge value={host.state} />}
      actions={can('assets:write') && <Actions host={host} />}
    >
      <Facts
        items={[
          [
            t('hardware.mac'),
            host.mac ? (
              <span key="m" className="mono">
                {host.mac}
              </span>
            ) : (
              <Unknown key="m" word={t('none.none')} />
            ),
          ],
          [t('hardware.ips'), host.ip ?? <Unknown key="i" />],
          [t('unmanaged.vendor'), host.vendor ?? <Unknown key="v" />],
          [t('unmanaged.count'), number(host.count)],
          [
            t('unmanaged.behind'),
            host.device ? (
              <span key="d">
                {host.port && t('unmanaged.atPort', { port: host.port })} <RefLink to="assets" value={host.device} />
              </span>
            ) : (
              <Unknown key="d" />
            ),
          ],
          [t('unmanaged.range'), host.range],
          [t('unmanaged.seenBy'), host.seenBy.map(wordOf).join(', ')],
          [t('hardware.firstSeen'), <TimeAgo key="f" at={host.firstSeen} />],
          [t('hardware.lastSeen'), <TimeAgo key="l" at={host.lastSeen} />],
          ...(host.reason ? ([[t('unmanaged.reason'), `${host.reason} (${host.ignoredBy ?? ''})`]] as [string, string][]) : []),
        ]}
      />
    </PlainPage>
  );
}

type Kind = (typeof unmanagedKinds)[number];

function Actions({ host }: { host: UnmanagedHost }) {
  const follow = useFollow();
  const [dialog, setDialog] = useState<'asset' | 'ignore' | null>(null);
  const [kind, setKind] = useState<Kind>('computer');
  const [name, setName] = useState(host.title === host.mac ? '' : host.title);
  const close = () => setDialog(null);
  const make = useChange(
    async () => (await call(makeAssetOfHost, { params: { id: host.id }, body: { kind, name: name.trim() || null } })).data,
    { message: t('unmanaged.made'), onDone: ({ asset }) => follow(`/assets/${asset.id}`) },
  );
  const ignored = host.state !== 'ignored';
  const ignore = useChange((reason: string) => call(ignoreUnmanagedHost, { params: { id: host.id }, body: { ignored, reason } }), {
    message: t('unmanaged.saved'),
    onDone: close,
  });
  const label = ignored ? t('unmanaged.ignore') : t('unmanaged.notice');
  return (
    <>
      {!host.random && <Button onClick={() => setDialog('asset')}>{t('unmanaged.make')}</Button>}
      <Button variant="default" onClick={() => setDialog('ignore')}>
        {label}
      </Button>
      <Modal opened={dialog === 'asset'} onClose={close} title={t('unmanaged.make')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <Stack gap="sm">
          <ProblemNotice error={make.error} />
          <Select
            label={t('unmanaged.kind')}
            data={unmanagedKinds.map((value) => ({ value, label: wordOf(value) }))}
            value={kind}
            allowDeselect={false}
            onChange={(value) => value && setKind(value)}
          />
          <TextInput label={t('unmanaged.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={200} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('action.cancel')}
            </Button>
            <Button loading={make.isPending} onClick={() => make.mutate(undefined)}>
              {t('unmanaged.make')}
            </Button>
          </Group>
        </Stack>
      </Modal>
      <Modal opened={dialog === 'ignore'} onClose={close} title={label} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <ReasonForm
          label={label}
          pending={ignore.isPending}
          error={ignore.error}
          onClose={close}
          onSubmit={(reason) => ignore.mutate(reason)}
        />
      </Modal>
    </>
  );
}
