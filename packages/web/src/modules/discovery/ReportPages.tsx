import { Button } from '@mantine/core';
import { urlOf } from '@muster/api/client';
import { getReport, getReportBody, reportListRoutes, reportResource, retryReport, type ReportDetail } from '@muster/api/discovery';
import { observationListRoutes } from '@muster/api/inventory';
import { useQuery } from '@tanstack/react-query';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, ValueCell } from '../../ui/ValueCell.tsx';
import { fieldLabel } from '../../app/messages.ts';
import { wordOf } from '../../ui/value-words.ts';

export function ReportsPage() {
  const [state, onState] = useUrlListState();
  const follow = useFollow();
  return (
    <ListPage
      name={t('nav.reports')}
      line={t('report.line')}
      actions={
        <Button variant="default" onClick={() => follow('/observations?filter=held:true')}>
          {t('report.held')}
        </Button>
      }
    >
      <ResourceTable
        resource={reportResource}
        source={reportListRoutes}
        state={state}
        onState={onState}
        open={(row) => `/reports/${row.id}`}
        empty={
          <EmptyState title={t('report.empty')} action={<AppLink to="/sources">{t('asset.emptyAction')}</AppLink>}>
            {t('report.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}

export function ObservationsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('observation.title')} line={t('observation.line')}>
      <ResourceTable
        resource={observationListRoutes.resource}
        source={observationListRoutes}
        state={state}
        onState={onState}
        alsoFields={['asset']}
        open={(row) => (row.asset ? `/assets/${row.asset.id}?tab=identity` : null)}
        empty={<EmptyState title={t('observation.empty')} />}
      />
    </ListPage>
  );
}

export function ReportPage() {
  const query = useQuery(apiQuery(getReport, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(detail) => <Report detail={detail} />}</Loaded>;
}

function Report({ detail }: { detail: ReportDetail }) {
  const { can } = useSession();
  const { report, warnings, decision, observation } = detail;
  const id = report.id ?? '';
  const retry = useChange(() => call(retryReport, { params: { id } }), { message: t('report.retried') });
  const name = t('report.of', { device: report.deviceId ?? report.deviceKey ?? t('none.unknown') });
  return (
    <PlainPage
      name={name}
      back={{ to: '/reports', label: t('nav.reports') }}
      line={
        <>
          {report.state && <StateBadge value={report.state} />}
          <span>
            {report.family && wordOf(report.family)} · {report.kind && wordOf(report.kind)}{' '}
            {report.receivedAt && (
              <>
                · <TimeAgo at={report.receivedAt} />
              </>
            )}
            {report.asset && (
              <>
                {' '}
                · <AppLink to={`/assets/${report.asset.id}`}>{report.asset.label}</AppLink>
              </>
            )}
          </span>
        </>
      }
      actions={
        <>
          {can('discovery:write') && report.state !== 'pending' && (
            <Button variant="default" loading={retry.isPending} onClick={() => retry.mutate(undefined)}>
              {t('report.retry')}
            </Button>
          )}
          {detail.bodyAvailable ? (
            <>
              <Button variant="default" component="a" href={urlOf(getReportBody, { id }, { as: 'inflated' })} download>
                {t('report.body')}
              </Button>
              <Button variant="default" component="a" href={urlOf(getReportBody, { id }, { as: 'received' })} download>
                {t('report.bodyReceived')}
              </Button>
            </>
          ) : (
            <span className="dimmed">{t('report.bodyGone')}</span>
          )}
        </>
      }
    >
      <ProblemNotice error={retry.error} />
      {report.error && <p className="job-error">{report.error}</p>}
      <Section title={t('report.decision')}>
        {decision ? (
          <>
            <p>
              <StateBadge value={decision.outcome} tone="info" /> <code>{decision.rule}</code> · <TimeAgo at={decision.at} />
            </p>
            <ul className="reasons">
              {reasonsOf(decision.reasons).map((r) => (
                <li key={r}>{r}</li>
              ))}
            </ul>
            {report.asset && <AppLink to={`/assets/${report.asset.id}?tab=identity`}>{t('report.identity')}</AppLink>}
          </>
        ) : (
          <p className="dimmed">{observation ? t('report.noDecision') : t('report.noObservation')}</p>
        )}
      </Section>
      {warnings.length === 0 ? (
        <Section title={t('report.warnings')}>
          <p className="dimmed">{t('report.noWarnings')}</p>
        </Section>
      ) : (
        <SimpleTable
          title={t('report.warnings')}
          rows={warnings}
          columns={[
            [t('report.code'), (w) => <code>{w.code}</code>],
            [t('report.where'), (w) => <span className="mono">{w.path}</span>],
            [t('report.what'), (w) => <span className="wrap">{w.message}</span>],
          ]}
        />
      )}
      <Section title={t('record.facts')}>
        <dl className="facts">
          {Object.entries(reportResource.fields)
            .filter(([key]) => key !== 'id' && key !== 'error')
            .map(([key, field]) => (
              <div key={key}>
                <dt>{fieldLabel(field.label)}</dt>
                <dd>
                  <ValueCell resource="reports" name={key} field={field} value={report[key as keyof typeof report]} />
                </dd>
              </div>
            ))}
        </dl>
      </Section>
    </PlainPage>
  );
}

/** Reasons are kept with the candidates that were compared; the sentences are what people read. */
function reasonsOf(reasons: unknown): string[] {
  if (Array.isArray(reasons)) return reasons.map((r) => (typeof r === 'string' ? r : JSON.stringify(r)));
  if (typeof reasons === 'object' && reasons !== null && 'sentences' in reasons) return reasonsOf(reasons.sentences);
  return reasons === null || reasons === undefined ? [] : [JSON.stringify(reasons)];
}
