import { Button, PasswordInput, Select, Stack, useMantineColorScheme } from '@mantine/core';
import { useForm } from '@mantine/form';
import { changeOwnPassword, listMySessions, revokeMySession } from '@muster/api/access';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { languages, switchLanguage, t, useLanguage } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useSignOut } from '../../app/sign-out.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Facts, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { scopeText } from './ScopeInput.tsx';

export function AccountPage() {
  const { user, roles } = useSession();
  const signOut = useSignOut();
  return (
    <PlainPage
      name={t('nav.account')}
      line={user.email}
      actions={
        <Button variant="default" onClick={signOut}>
          {t('action.signOut')}
        </Button>
      }
    >
      <Facts
        items={[
          [t('person.name'), user.name],
          [t('signIn.email'), user.email],
          [
            t('users.roles'),
            roles.length === 0 ? (
              <Unknown key="r" word={t('none.none')} />
            ) : (
              roles.map((r) => `${wordOf(r.role)} (${scopeText(r.scope)})`).join(', ')
            ),
          ],
        ]}
      />
      <Appearance />
      <ChangePassword />
      <Sessions />
    </PlainPage>
  );
}

function Appearance() {
  const language = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={t('account.appearance')}>
      <div className="form-grid form">
        <Select
          label={t('account.language')}
          allowDeselect={false}
          data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
          value={language}
          onChange={(value) => value && void switchLanguage(value)}
        />
        <Select
          label={t('account.theme')}
          allowDeselect={false}
          data={[
            { value: 'auto', label: t('account.themeAuto') },
            { value: 'light', label: t('account.themeLight') },
            { value: 'dark', label: t('account.themeDark') },
          ]}
          value={colorScheme}
          onChange={(value) => value && setColorScheme(value)}
        />
      </div>
    </Section>
  );
}

function ChangePassword() {
  const form = useForm({ initialValues: { currentPassword: '', newPassword: '' } });
  const [problem, setProblem] = useState<unknown>(null);
  const change = useChange((values: { currentPassword: string; newPassword: string }) => call(changeOwnPassword, { body: values }), {
    message: t('account.passwordChanged'),
    onDone: () => form.reset(),
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  return (
    <Section title={t('account.changePassword')}>
      <form
        className="form"
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          change.mutate(values);
        })}
        noValidate
      >
        <Stack gap="sm" maw={360}>
          <ProblemNotice error={problem} />
          <PasswordInput
            label={t('account.current')}
            autoComplete="current-password"
            required
            {...form.getInputProps('currentPassword')}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          />
          <PasswordInput
            label={t('account.new')}
            description={t('account.passwordRule')}
            autoComplete="new-password"
            required
            {...form.getInputProps('newPassword')}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          />
          <div>
            <Button type="submit" loading={change.isPending}>
              {t('account.changePassword')}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}

function Sessions() {
  const query = useQuery(apiQuery(listMySessions, {}));
  const revoke = useChange((id: string) => call(revokeMySession, { params: { id } }), { message: t('account.ended') });
  return (
    <Loaded query={query}>
      {({ items }) => (
        <>
          <ProblemNotice error={revoke.error} />
          <SimpleTable
            title={t('account.sessions')}
            rows={items}
            columns={[
              [t('account.browser'), (s) => <span className="wrap">{s.userAgent ?? t('none.unknown')}</span>],
              [t('audit.address'), (s) => s.ip ?? <Unknown />],
              [t('account.lastSeen'), (s) => <TimeAgo at={s.lastSeenAt} />],
              [t('account.expires'), (s) => <TimeAgo at={s.expiresAt} />],
              [
                t('table.actions'),
                (s) =>
                  s.current ? (
                    <span className="dimmed">{t('account.thisOne')}</span>
                  ) : (
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      loading={revoke.isPending && revoke.variables === s.id}
                      onClick={() => revoke.mutate(s.id)}
                    >
                      {t('account.end')}
                    </Button>
                  ),
              ],
            ]}
          />
        </>
      )}
    </Loaded>
  );
}
