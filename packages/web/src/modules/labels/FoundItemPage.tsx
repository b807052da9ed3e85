import { Button, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { resolveCode } from '@muster/api/codes';
import { readFound, reportFound } from '@muster/api/labels';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { apiQuery, call, queryClient } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { sessionQuery } from '../../app/Session.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { useDocumentTitle } from '../../ui/page-title.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { addScan } from './scan-set.ts';

function useCode(): string {
  const params: Record<string, string | undefined> = useParams({ strict: false });
  return params['code'] ?? '';
}

/** What the code on a label opens: the asset for people with an account here, the page of found items for others. */
export function CodePage() {
  const code = useCode();
  const router = useRouter();
  useEffect(() => {
    const go = async (): Promise<string> => {
      const session = await queryClient.fetchQuery({ ...sessionQuery, retry: false }).catch(() => null);
      if (!session?.permissions.includes('assets:read')) return `/f/${encodeURIComponent(code)}`;
      const { data } = await call(resolveCode, { params: { code } });
      if (data.asset) return `/assets/${data.asset.id}`;
      await addScan(code, data);
      return '/scan';
    };
    void go()
      .catch(() => `/f/${encodeURIComponent(code)}`)
      .then((to) => router.history.replace(to));
  }, [code, router]);
  return (
    <main className="entry" aria-busy="true">
      <p role="status">{t('page.loading')}</p>
    </main>
  );
}

/** For a stranger who found something: how to reach its owner, and nothing else. */
export function FoundItemPage() {
  const code = useCode();
  useDocumentTitle(t('found.title'));
  const query = useQuery(apiQuery(readFound, { params: { code } }));
  const form = useForm({ initialValues: { message: '', contact: '' } });
  const [problem, setProblem] = useState<unknown>(null);
  const send = useMutation({
    mutationFn: async ({ message, contact }: { message: string; contact: string }) =>
      call(reportFound, { params: { code }, body: { message, ...(contact.trim() ? { contact } : {}) } }),
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  useEffect(() => {
    const robots = document.createElement('meta');
    robots.name = 'robots';
    robots.content = 'noindex, nofollow';
    document.head.append(robots);
    return () => robots.remove();
  }, []);
  const { data } = query;
  return (
    <main className="entry">
      <div className="entry-box">
        <h1>{t('found.title')}</h1>
        <ProblemNotice error={query.error} />
        {data && !data.enabled && <p>{t('found.notInUse')}</p>}
        {data?.enabled && (
          <>
            {data.organisation && <p>{t('found.belongsTo', { organisation: data.organisation })}</p>}
            {data.tag && (
              <p>
                {t('asset.tag')}: <span className="mono">{data.tag}</span>
              </p>
            )}
            {data.contact && <p style={{ whiteSpace: 'pre-line' }}>{data.contact}</p>}
            {send.isSuccess ? (
              <p role="status">{t('found.thanks')}</p>
            ) : (
              <form
                noValidate
                onSubmit={form.onSubmit((values) => {
                  setProblem(null);
                  send.mutate(values);
                })}
              >
                <Stack gap="sm">
                  <ProblemNotice error={problem} />
                  <Textarea label={t('found.message')} required autosize minRows={3} {...form.getInputProps('message')} />
                  <TextInput label={t('found.yourContact')} description={t('found.yourContactHint')} {...form.getInputProps('contact')} />
                  <Button type="submit" loading={send.isPending}>
                    {t('found.send')}
                  </Button>
                </Stack>
              </form>
            )}
          </>
        )}
      </div>
    </main>
  );
}
