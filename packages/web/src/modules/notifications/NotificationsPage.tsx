import { Button } from '@mantine/core';
import { notificationPath, notificationSentence } from '@muster/api/notification-sentences';
import { type NotificationFacts, notificationListRoutes, readNotifications } from '@muster/api/notifications';
import { call } from '../../app/api.ts';
import { currentLanguage, t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

interface Told {
  kind?: string | undefined;
  subjectType?: string | null | undefined;
  subjectId?: string | null | undefined;
  facts?: unknown;
  text?: string | undefined;
}

const factsOf = (row: Told): NotificationFacts => (row.facts ?? {}) as NotificationFacts;
const pathOf = (row: Told): string | null =>
  notificationPath({ kind: row.kind ?? '', subjectType: row.subjectType ?? null, subjectId: row.subjectId ?? '', facts: factsOf(row) });

/** What one was told, newest first; opening a subject or pressing the button marks it as read. */
export function NotificationsPage() {
  const [state, onState] = useUrlListState();
  const read = useChange((body: { ids?: string[]; read?: boolean }) => call(readNotifications, { body }));
  const all = useChange(() => call(readNotifications, { body: {} }), { message: t('notify.allRead') });
  const said = (row: Told): string =>
    row.facts ? notificationSentence(row.kind ?? '', factsOf(row), currentLanguage()) : (row.text ?? '');
  return (
    <ListPage
      name={t('nav.notifications')}
      line={
        <span>
          {t('notify.line')} <AppLink to="/notification-settings">{t('notify.settings')}</AppLink>
        </span>
      }
      actions={
        <Button variant="default" loading={all.isPending} onClick={() => all.mutate(undefined)}>
          {t('notify.readAll')}
        </Button>
      }
    >
      <ProblemNotice error={read.error ?? all.error} />
      <ResourceTable
        resource={notificationListRoutes.resource}
        source={notificationListRoutes}
        state={state}
        onState={onState}
        alsoFields={['kind', 'facts', 'subjectType', 'subjectId', 'unread']}
        open={pathOf}
        cells={{
          text: (row) => {
            const path = pathOf(row);
            const words = row.unread ? <strong>{said(row)}</strong> : said(row);
            return path === null ? (
              words
            ) : (
              <AppLink to={path} onClick={() => row.unread && row.id && read.mutate({ ids: [row.id] })}>
                {words}
              </AppLink>
            );
          },
        }}
        selectable={false}
        rowActions={(row) => (
          <Button variant="subtle" size="compact-xs" onClick={() => row.id && read.mutate({ ids: [row.id], read: row.unread === true })}>
            {row.unread ? t('notify.read') : t('notify.unread')}
          </Button>
        )}
        empty={
          <EmptyState title={t('notify.empty')} action={<AppLink to="/notification-settings">{t('notify.settings')}</AppLink>}>
            {t('notify.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}
