import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { completeSetup, getSetup } from '@muster/api/access';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { AppLink } from '../ui/AppLink.tsx';
import { showProblemOn } from '../ui/forms.ts';
import { useDocumentTitle } from '../ui/page-title.ts';
import { ProblemNotice } from '../ui/ProblemNotice.tsx';
import { apiQuery, call, queryClient } from './api.ts';
import { t } from './messages.ts';
import { sessionRenewed } from './session-state.ts';
import { sessionQuery } from './Session.tsx';
import { Brand } from './Brand.tsx';
import { SignInForm } from './SignInForm.tsx';

function Entry({ title, children }: { title: string; children: ReactNode }) {
  useDocumentTitle(title);
  return (
    <main className="entry">
      <div className="entry-box">
        <Brand />
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** Only a path of this application is gone back to, never another site. */
export function safeReturn(path: string | undefined): string {
  return path && path.startsWith('/') && !path.startsWith('//') && !path.startsWith('/sign-in') ? path : '/';
}

export function SignInPage() {
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const router = useRouter();
  const setup = useQuery(apiQuery(getSetup, {}));
  return (
    <Entry title={t('signIn.title')}>
      {setup.data?.needed && <p className="entry-hint">{t('signIn.setupNeeded')}</p>}
      <SignInForm onDone={() => router.history.push(safeReturn(search['return']))} />
    </Entry>
  );
}

export function SetupPage() {
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const router = useRouter();
  const token = search['token'] ?? '';
  const setup = useQuery(apiQuery(getSetup, {}));
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '', email: '', password: '' } });
  const create = useMutation({
    mutationFn: async (values: { name: string; email: string; password: string }) =>
      (await call(completeSetup, { body: { ...values, token } })).data,
    onSuccess: (session) => {
      queryClient.setQueryData(sessionQuery.queryKey, session);
      sessionRenewed();
      router.history.push('/');
    },
    onError: (error) => showProblemOn(form, error),
  });
  if (setup.data && !setup.data.needed) {
    return (
      <Entry title={t('setup.done')}>
        <AppLink to="/sign-in">{t('action.signIn')}</AppLink>
      </Entry>
    );
  }
  if (!token) {
    return (
      <Entry title={t('setup.title')}>
        <p className="entry-hint">{t('setup.noToken')}</p>
      </Entry>
    );
  }
  return (
    <Entry title={t('setup.title')}>
      <p className="entry-hint">{t('setup.hint')}</p>
      <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
        <Stack gap="sm">
          <ProblemNotice error={create.error} />
          <TextInput
            label={t('setup.name')}
            autoComplete="name"
            required
            autoFocus
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('signIn.email')}
            type="email"
            autoComplete="username"
            required
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('signIn.password')}
            description={t('account.passwordRule')}
            autoComplete="new-password"
            required
            key={form.key('password')}
            {...form.getInputProps('password')}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          />
          <Button type="submit" size="sm" loading={create.isPending}>
            {t('setup.create')}
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}
