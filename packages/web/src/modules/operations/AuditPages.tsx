import { auditListRoutes, getAuditEntry } from '@muster/api/audit';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { recordPath } from '../../ui/links.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

export function AuditPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.auditLog')} line={t('audit.line')}>
      <ResourceTable
        resource={auditListRoutes.resource}
        source={auditListRoutes}
        state={state}
        onState={onState}
        empty={<EmptyState title={t('audit.empty')} />}
      />
    </ListPage>
  );
}

export function AuditEntryPage() {
  const query = useQuery(apiQuery(getAuditEntry, { params: { id: useRecordId() } }));
  return (
    <Loaded query={query}>
      {(entry) => {
        const path = entry.resourceId ? recordPath(entry.resource, entry.resourceId) : null;
        return (
          <PlainPage name={entry.summary} back={{ to: '/audit-log', label: t('nav.auditLog') }}>
            <Facts
              items={[
                [t('audit.who'), `${entry.actor} (${wordOf(entry.actorKind)})`],
                [t('audit.when'), <TimeAgo key="w" at={entry.at} />],
                [t('audit.action'), <code key="a">{entry.action}</code>],
                [
                  t('audit.what'),
                  path ? (
                    <AppLink key="r" to={path}>
                      {entry.resource}
                    </AppLink>
                  ) : (
                    entry.resource
                  ),
                ],
                [t('audit.address'), entry.ip ?? <Unknown key="i" />],
                [
                  t('error.requestId'),
                  entry.requestId ? <code key="q">{entry.requestId}</code> : <Unknown key="q" word={t('none.none')} />,
                ],
              ]}
            />
            <Changes before={entry.before} after={entry.after} />
          </PlainPage>
        );
      }}
    </Loaded>
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function cellText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function Changes({ before, after }: { before: unknown; after: unknown }) {
  const old = asRecord(before);
  const now = asRecord(after);
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  if (names.length === 0) return null;
  return (
    <Section title={t('audit.changes')}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={t('audit.changes')}>
        <table className="simple">
          <thead>
            <tr>
              <th scope="col">{t('audit.field')}</th>
              <th scope="col">{t('audit.before')}</th>
              <th scope="col">{t('audit.after')}</th>
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="wrap">{cellText(old[name])}</td>
                <td className="wrap">{cellText(now[name])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
