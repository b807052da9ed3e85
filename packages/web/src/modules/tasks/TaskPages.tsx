import { Button, Group } from '@mantine/core';
import { deleteTask, taskListRoutes, updateTask } from '@muster/api/tasks';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { recordPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import type { ListState, ListStateChange } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { NewTask } from './NewTask.tsx';

/** Everything that is to be done about assets. */
export function TasksPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.tasks')} line={t('task.line')}>
      <TasksTable state={state} onState={onState} />
    </ListPage>
  );
}

/** The tasks of one asset, and a new one. */
export function AssetTasks({ id, mayEdit }: { id: string; mayEdit: boolean }) {
  const [state, onState] = useLocalListState();
  return (
    <>
      {mayEdit && <NewTask assetId={id} />}
      <TasksTable state={state} onState={onState} assetId={id} />
    </>
  );
}

function TasksTable({ state, onState, assetId }: { state: ListState; onState: ListStateChange; assetId?: string }) {
  const { can } = useSession();
  const change = useChange(
    ({ id, version, done }: { id: string; version: number; done: boolean }) =>
      call(updateTask, { params: { id }, ifMatch: `"${version}"`, body: { done } }),
    { message: t('record.saved') },
  );
  const remove = useChange((id: string) => call(deleteTask, { params: { id } }), { message: t('task.removed') });
  return (
    <>
      <ProblemNotice error={change.error ?? remove.error} />
      <ResourceTable
        resource={taskListRoutes.resource}
        source={taskListRoutes}
        state={state}
        onState={onState}
        {...(assetId ? { fixedFilter: `asset:${assetId}`, embedded: true } : {})}
        selectable={false}
        alsoFields={['asset', 'state', 'version']}
        open={(row) => (row.asset ? `${recordPath('assets', row.asset.id) ?? ''}?tab=tasks` : null)}
        rowActions={
          can('assets:write')
            ? (row) => (
                <Group gap={4} wrap="nowrap">
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    onClick={() => row.id && change.mutate({ id: row.id, version: row.version ?? 0, done: row.state !== 'done' })}
                  >
                    {row.state === 'done' ? t('task.reopen') : t('task.done')}
                  </Button>
                  <ConfirmButton
                    label={t('task.remove')}
                    question={t('task.removeQuestion', { title: row.title ?? '' })}
                    onConfirm={() => row.id && remove.mutate(row.id)}
                  />
                </Group>
              )
            : undefined
        }
        empty={<EmptyState title={t('task.empty')}>{t('task.emptyHint')}</EmptyState>}
      />
    </>
  );
}
