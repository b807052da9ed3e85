import { Button } from '@mantine/core';
import { evidenceListRoutes, getEvidence, recognitionRuleListRoutes, retireRecognitionRule } from '@muster/api/software';
import { useQuery } from '@tanstack/react-query';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { listPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { ProductCell } from './ProductCell.tsx';
import { EvidenceExplained } from './EvidenceExplained.tsx';

export function EvidenceListPage() {
  const [state, onState] = useUrlListState();
  const follow = useFollow();
  return (
    <ListPage
      name={t('evidence.list')}
      line={t('evidence.line')}
      actions={
        <Button variant="default" onClick={() => follow('/unrecognised')}>
          {t('nav.unrecognised')}
        </Button>
      }
    >
      <ResourceTable
        resource={evidenceListRoutes.resource}
        source={evidenceListRoutes}
        state={state}
        onState={onState}
        alsoFields={['kind']}
        cells={{ product: (row) => <ProductCell product={row.product} kind={row.kind} /> }}
        empty={<EmptyState title={t('evidence.empty')}>{t('software.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function EvidencePage() {
  const id = Number(useRecordId());
  const query = useQuery(apiQuery(getEvidence, { params: { id } }));
  return (
    <Loaded query={query}>
      {(e) => (
        <PlainPage
          name={e.name}
          back={{ to: '/evidence', label: t('evidence.list') }}
          line={
            <>
              <AppLink to={listPath('/installations', `evidence:${e.id}`)}>{tn('software.installations', e.installations)}</AppLink> ·{' '}
              {tn('software.assets', e.assets)}
            </>
          }
        >
          <EvidenceExplained id={id} standalone />
        </PlainPage>
      )}
    </Loaded>
  );
}

export function RulesPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const retire = useChange((id: string) => call(retireRecognitionRule, { params: { id } }), { message: t('rules.retired') });
  return (
    <ListPage name={t('rules.title')} line={t('rules.line')}>
      <ProblemNotice error={retire.error} />
      <ResourceTable
        resource={recognitionRuleListRoutes.resource}
        source={recognitionRuleListRoutes}
        state={state}
        onState={onState}
        alsoFields={['retiredAt']}
        rowActions={
          can('software:write')
            ? (row) =>
                !row.retiredAt && (
                  <ConfirmButton
                    label={t('rules.retire')}
                    question={t('rules.retireQuestion', { title: row.namePattern ?? '' })}
                    onConfirm={() => row.id && retire.mutate(row.id)}
                  />
                )
            : undefined
        }
        empty={
          <EmptyState title={t('rules.empty')} action={<AppLink to="/unrecognised">{t('nav.unrecognised')}</AppLink>}>
            {t('rules.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}
