import { Button, Stack } from '@mantine/core';
import { readUnsubscribe, unsubscribe } from '@muster/api/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { apiQuery, call } from '../../app/api.ts';
import { t, useLanguage } from '../../app/messages.ts';
import { useDocumentTitle } from '../../ui/page-title.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';

/** What the link of a mail opens: one button that stops all mails, without an account. */
export function UnsubscribePage() {
  const { token = '' }: Record<string, string | undefined> = useParams({ strict: false });
  useLanguage();
  useDocumentTitle(t('unsubscribe.title'));
  const query = useQuery({ ...apiQuery(readUnsubscribe, { params: { token } }), retry: false });
  const change = useMutation({
    mutationFn: async (stopped: boolean) => (await call(unsubscribe, { params: { token }, body: { stopped } })).data,
  });
  const now = change.data ?? query.data;
  return (
    <main className="entry" aria-busy={query.isPending}>
      <div className="entry-box">
        <h1>{t('unsubscribe.title')}</h1>
        <ProblemNotice error={query.error ?? change.error} />
        {now && (
          <Stack gap="md">
            <p role="status">{t(now.stopped ? 'unsubscribe.stopped' : 'unsubscribe.question', { address: now.address })}</p>
            <div>
              <Button variant={now.stopped ? 'default' : 'filled'} loading={change.isPending} onClick={() => change.mutate(!now.stopped)}>
                {t(now.stopped ? 'unsubscribe.again' : 'unsubscribe.stop')}
              </Button>
            </div>
          </Stack>
        )}
      </div>
    </main>
  );
}
