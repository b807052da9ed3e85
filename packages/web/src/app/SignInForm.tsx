import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { signIn } from '@muster/api/access';
import { useMutation } from '@tanstack/react-query';
import { showProblemOn } from '../ui/forms.ts';
import { ProblemNotice } from '../ui/ProblemNotice.tsx';
import { call, queryClient } from './api.ts';
import { t } from './messages.ts';
import { sessionRenewed } from './session-state.ts';
import { sessionQuery } from './Session.tsx';

/** E-mail and password. Used by the sign-in page and over a page whose session ended. */
export function SignInForm({ email = '', onDone }: { email?: string; onDone: () => void }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { email, password: '' } });
  const enter = useMutation({
    mutationFn: async (body: { email: string; password: string }) => (await call(signIn, { body })).data,
    onSuccess: (session) => {
      queryClient.setQueryData(sessionQuery.queryKey, session);
      // Also on the sign-in page: the refused question that led here has said that there is no session.
      sessionRenewed();
      onDone();
    },
    onError: (error) => showProblemOn(form, error),
  });
  return (
    <form onSubmit={form.onSubmit((values) => enter.mutate(values))} noValidate>
      <Stack gap="sm">
        <ProblemNotice error={enter.error} />
        <TextInput
          label={t('signIn.email')}
          type="email"
          autoComplete="username"
          required
          data-autofocus={email ? undefined : true}
          autoFocus={!email}
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('signIn.password')}
          autoComplete="current-password"
          required
          autoFocus={Boolean(email)}
          key={form.key('password')}
          {...form.getInputProps('password')}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
        />
        <Button type="submit" size="sm" loading={enter.isPending}>
          {t('action.signIn')}
        </Button>
      </Stack>
    </form>
  );
}
