import { Button } from '@mantine/core';
import { agentListRoutes, forceFullReports } from '@muster/api/agents';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** The agents that report, what is wrong with each, and the way to make one send everything. */
export function AgentsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const ask = useChange((id: string) => call(forceFullReports, { body: { ids: [id] } }), { message: t('agents.asked') });
  return (
    <ListPage name={t('nav.agents')} line={t('agents.line')}>
      <ProblemNotice error={ask.error} />
      <ResourceTable
        resource={agentListRoutes.resource}
        source={agentListRoutes}
        state={state}
        onState={onState}
        open={(row) => (row.asset ? `/assets/${row.asset.id}` : null)}
        alsoFields={['asset', 'family', 'forceFull']}
        cells={{
          health: (row) => row.health && <StateBadge value={row.health} label={t(`agents.${row.health as 'silent'}`)} />,
          missing: (row) => (row.missing ? row.missing.split(', ').map(wordOf).join(', ') : t('none.nothing')),
        }}
        rowActions={
          can('discovery:write')
            ? (row) =>
                row.family === 'glpi' &&
                (row.forceFull ? (
                  <span className="dimmed">{t('agents.waiting')}</span>
                ) : (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    aria-label={t('agents.askOf', { device: row.device ?? '' })}
                    onClick={() => row.id && ask.mutate(row.id)}
                  >
                    {t('agents.ask')}
                  </Button>
                ))
            : undefined
        }
        empty={
          <EmptyState title={t('agents.empty')} action={<AppLink to="/sources">{t('asset.emptyAction')}</AppLink>}>
            {t('sources.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}
