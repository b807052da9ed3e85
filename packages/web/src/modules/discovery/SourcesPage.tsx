import { Button } from '@mantine/core';
import { enrolmentKeyListRoutes, revokeEnrolmentKey } from '@muster/api/access';
import { listSources, type SourcesAnswer } from '@muster/api/discovery';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { listPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { AgentTabs, KeyDialog } from './KeyDialog.tsx';
import { SourceHealthTable } from './SourceHealthTable.tsx';

export function SourcesPage() {
  const query = useQuery({ ...apiQuery(listSources, {}), refetchInterval: 10_000 });
  const { can } = useSession();
  const follow = useFollow();
  const [making, setMaking] = useState(false);
  return (
    <PlainPage
      name={t('nav.sources')}
      line={query.data && <InboxLine inbox={query.data.inbox} />}
      actions={
        <>
          <Button variant="default" onClick={() => follow('/enrolment-keys')}>
            {t('nav.enrolmentKeys')}
          </Button>
          {can('discovery:write') && <Button onClick={() => setMaking(true)}>{t('sources.newKey')}</Button>}
        </>
      }
    >
      <SourceHealthTable />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('sources.empty')}>{t('sources.emptyHint')}</EmptyState>
          ) : (
            <SimpleTable
              title={t('sources.reporting')}
              rows={items}
              columns={[
                [t('sources.agent'), (s) => <AppLink to={listPath('/reports', `family:${s.family}`)}>{wordOf(s.family)}</AppLink>],
                [t('sources.key'), (s) => s.enrolmentKey?.label ?? <Unknown word={t('none.none')} />],
                [t('sources.machines'), (s) => number(s.machines), true],
                [t('sources.last'), (s) => (s.lastReportAt ? <TimeAgo at={s.lastReportAt} /> : <Unknown word={t('none.never')} />)],
                [
                  t('sources.day'),
                  (s) => <AppLink to={listPath('/reports', `family:${s.family} received_at>now-1d`)}>{number(s.reports24h)}</AppLink>,
                  true,
                ],
                [
                  t('sources.failed'),
                  (s) => <AppLink to={listPath('/reports', `family:${s.family} state:failed`)}>{number(s.failures24h)}</AppLink>,
                  true,
                ],
                [
                  t('sources.held'),
                  (s) => <AppLink to={listPath('/reports', `family:${s.family} state:held`)}>{number(s.held)}</AppLink>,
                  true,
                ],
              ]}
            />
          )
        }
      </Loaded>
      <Section title={t('sources.configure')}>
        <p className="dimmed recipe-hint">{t('sources.configureHint')}</p>
        <AgentTabs enrolmentKey={t('sources.placeholder')} />
      </Section>
      {making && <KeyDialog onClose={() => setMaking(false)} />}
    </PlainPage>
  );
}

function InboxLine({ inbox }: { inbox: SourcesAnswer['inbox'] }) {
  return (
    <span>
      <AppLink to={listPath('/reports', 'state:pending')}>{tn('sources.pending', inbox.pending)}</AppLink>
      {inbox.oldestPendingAt && (
        <>
          {' '}
          ({t('sources.oldest')} <TimeAgo at={inbox.oldestPendingAt} />)
        </>
      )}{' '}
      · {tn('sources.processed', inbox.processed24h)} ·{' '}
      <AppLink to={listPath('/reports', 'state:failed received_at>now-1d')}>{tn('sources.failures', inbox.failed24h)}</AppLink>
    </span>
  );
}

export function EnrolmentKeysPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const revoke = useChange((id: string) => call(revokeEnrolmentKey, { params: { id } }), { message: t('sources.revoked') });
  return (
    <ListPage
      name={t('nav.enrolmentKeys')}
      line={t('sources.keysLine')}
      actions={can('discovery:write') && <Button onClick={() => setMaking(true)}>{t('sources.newKey')}</Button>}
    >
      <ProblemNotice error={revoke.error} />
      <ResourceTable
        resource={enrolmentKeyListRoutes.resource}
        source={enrolmentKeyListRoutes}
        state={state}
        onState={onState}
        open={() => null}
        alsoFields={['state']}
        rowActions={
          can('discovery:write')
            ? (row) =>
                row.state === 'active' && (
                  <ConfirmButton
                    label={t('action.revoke')}
                    question={t('sources.revokeQuestion', { name: row.name ?? '' })}
                    onConfirm={() => row.id && revoke.mutate(row.id)}
                  />
                )
            : undefined
        }
        empty={
          <EmptyState
            title={t('sources.noKeys')}
            action={can('discovery:write') && <Button onClick={() => setMaking(true)}>{t('sources.newKey')}</Button>}
          >
            {t('sources.noKeysHint')}
          </EmptyState>
        }
      />
      {making && <KeyDialog onClose={() => setMaking(false)} />}
    </ListPage>
  );
}
