import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { decideOfferedHandover, readOfferedHandover } from '@muster/api/handover';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { switchLanguage, t, useLanguage } from '../../app/messages.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { absoluteTime } from '../../ui/formatting.ts';
import { useDocumentTitle } from '../../ui/page-title.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';

/** What a signed link opens: that document, to be accepted or declined once, without an account. In the document's language. */
export function AcceptPage() {
  const { token = '' }: Record<string, string | undefined> = useParams({ strict: false });
  useLanguage();
  useDocumentTitle(t('accept.title'));
  // The decision uses the link up: what was read before must stay on the page.
  const query = useQuery({ ...apiQuery(readOfferedHandover, { params: { token } }), retry: false, staleTime: Infinity });
  const form = useForm({ initialValues: { name: '' } });
  const [problem, setProblem] = useState<unknown>(null);
  const decide = useMutation({
    mutationFn: async (decision: 'accepted' | 'declined') =>
      (
        await call(decideOfferedHandover, {
          params: { token },
          body: decision === 'declined' ? { decision } : { decision, signature: { kind: 'typed', name: form.getValues().name } },
        })
      ).data,
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  const { data } = query;
  const language = data?.language;
  useEffect(() => {
    if (language) void switchLanguage(language);
  }, [language]);
  const send = (decision: 'accepted' | 'declined'): void => {
    setProblem(null);
    decide.mutate(decision);
  };
  return (
    <main className="entry" aria-busy={query.isPending}>
      <div className="entry-box">
        <h1>{data?.text.title ?? t('accept.title')}</h1>
        <ProblemNotice error={query.error} />
        {data && (
          <Stack gap="md">
            <p>
              {[data.organisation, data.number, absoluteTime(data.createdAt)].filter(Boolean).join(' · ')}
              <br />
              {t('accept.handedOver', { by: data.issuedBy, to: data.person })}
            </p>
            <ul>
              {data.assets.map((asset) => (
                <li key={`${asset.label} ${asset.tag} ${asset.serial}`}>
                  {[asset.label, asset.class, asset.model, asset.tag, asset.serial].filter(Boolean).join(' · ')}
                </li>
              ))}
            </ul>
            <p style={{ whiteSpace: 'pre-line' }}>{data.text.body}</p>
            {decide.data ? (
              <p role="status">{decide.data.state === 'accepted' ? t('accept.accepted') : t('accept.declined')}</p>
            ) : (
              <form noValidate onSubmit={form.onSubmit(() => send('accepted'))}>
                <Stack gap="sm">
                  <ProblemNotice error={problem} />
                  <TextInput
                    label={t('accept.name')}
                    description={t('accept.nameHint')}
                    autoComplete="name"
                    required
                    {...form.getInputProps('name')}
                    error={form.errors['name'] ?? form.errors['signature.name']}
                  />
                  <Group>
                    <Button type="submit" loading={decide.isPending && decide.variables === 'accepted'}>
                      {t('accept.accept')}
                    </Button>
                    <Button
                      variant="default"
                      loading={decide.isPending && decide.variables === 'declined'}
                      onClick={() => send('declined')}
                    >
                      {t('accept.decline')}
                    </Button>
                  </Group>
                </Stack>
              </form>
            )}
          </Stack>
        )}
      </div>
    </main>
  );
}
