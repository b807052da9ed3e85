import { Button, Group, Modal } from '@mantine/core';
import { agentLineListRoutes } from '@muster/api/agent-lines';
import { agentListRoutes, forceFullReports } from '@muster/api/agents';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { wordOf } from '../../ui/value-words.ts';

interface Agent {
  readonly id: string;
  readonly device: string;
}

/** The agents that report, what is wrong with each, and the way to make one send everything. */
export function AgentsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [log, setLog] = useState<Agent | null>(null);
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
        rowActions={(row) => (
          <Group gap={4} wrap="nowrap" justify="flex-end">
            {row.family === 'osquery' && (
              <Button
                variant="subtle"
                size="compact-xs"
                aria-label={t('agents.logOf', { device: row.device ?? '' })}
                onClick={() => row.id && setLog({ id: row.id, device: row.device ?? '' })}
              >
                {t('agents.log')}
              </Button>
            )}
            {can('discovery:write') &&
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
              ))}
          </Group>
        )}
        empty={
          <EmptyState title={t('agents.empty')} action={<AppLink to="/sources">{t('asset.emptyAction')}</AppLink>}>
            {t('sources.emptyHint')}
          </EmptyState>
        }
      />
      {log && <AgentLog agent={log} onClose={() => setLog(null)} />}
    </ListPage>
  );
}

/** What the agent wrote into its own log: what it could not do, and what others' queries found. */
function AgentLog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const [state, onState] = useLocalListState({ columns: 'lastAt,severity,message,name,times' });
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('agents.logOf', { device: agent.device })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <ResourceTable
        resource={agentLineListRoutes.resource}
        source={agentLineListRoutes}
        state={state}
        onState={onState}
        fixedFilter={`agent:${quoted(agent.id)}`}
        embedded
        open={() => null}
        cells={{ severity: (row) => row.severity && <StateBadge value={row.severity} /> }}
        empty={<EmptyState title={t('agents.noLines')}>{t('agents.noLinesHint')}</EmptyState>}
      />
    </Modal>
  );
}
