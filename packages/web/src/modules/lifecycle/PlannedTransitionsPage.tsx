import { cancelPlannedTransition, plannedTransitionListRoutes } from '@muster/api/planned-transitions';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { recordPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

/** What the clock will do to assets, what it did and what it could not do. */
export function PlannedTransitionsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const cancel = useChange((id: string) => call(cancelPlannedTransition, { params: { id } }), { message: t('planned.cancelled') });
  return (
    <ListPage name={t('nav.planned')} line={t('planned.line')}>
      <ProblemNotice error={cancel.error} />
      <ResourceTable
        resource={plannedTransitionListRoutes.resource}
        source={plannedTransitionListRoutes}
        state={state}
        onState={onState}
        alsoFields={['asset', 'state', 'dueOn']}
        open={(row) => (row.asset ? recordPath('assets', row.asset.id) : null)}
        rowActions={(row) =>
          can('assets:write') && row.state === 'planned' ? (
            <ConfirmButton
              label={t('planned.cancelShort')}
              question={t('planned.cancelQuestion', { label: row.label ?? '', asset: row.asset?.label ?? '', day: row.dueOn ?? '' })}
              onConfirm={() => row.id && cancel.mutate(row.id)}
            />
          ) : null
        }
        empty={<EmptyState title={t('planned.empty')}>{t('planned.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}
