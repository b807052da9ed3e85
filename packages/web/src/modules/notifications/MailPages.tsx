import { Button, Checkbox, NumberInput, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import {
  getMailSettings,
  mailListRoutes,
  mailSecurities,
  type MailSettings,
  putMailSettings,
  retryMail,
  sendTestMail,
} from '@muster/api/mail';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

/** How mail is sent, and whether it works. */
export function MailSettingsPage() {
  const query = useQuery(apiQuery(getMailSettings, {}));
  return (
    <PlainPage
      name={t('nav.mailSettings')}
      line={
        <span>
          {t('mail.line')} <AppLink to="/mails">{t('mail.log')}</AppLink>
        </span>
      }
    >
      <Loaded query={query}>
        {(settings) => (
          <>
            <SettingsForm settings={settings} />
            {settings.configured && <TestMail />}
          </>
        )}
      </Loaded>
    </PlainPage>
  );
}

function SettingsForm({ settings }: { settings: MailSettings }) {
  const { can } = useSession();
  const { hasPassword, configured: _configured, ...rest } = settings;
  const form = useForm({ initialValues: { ...rest, userName: rest.userName ?? '', password: '' } });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    ({ password, ...v }: typeof form.values) =>
      call(putMailSettings, { body: { ...v, userName: orNull(v.userName), ...(password === '' ? {} : { password }) } }),
    {
      message: t('mail.saved'),
      onDone: () => form.setFieldValue('password', ''),
      onError: (error) => setProblem(showProblemOn(form, error)),
    },
  );
  return (
    <form
      className="form"
      noValidate
      autoComplete="off"
      onSubmit={form.onSubmit((values) => {
        setProblem(null);
        save.mutate(values);
      })}
    >
      <Stack gap="sm" component="fieldset" className="lifecycle-form" {...(can('settings:write') ? {} : { disabled: true })}>
        <ProblemNotice error={problem} />
        <div className="form-grid">
          <TextInput label={t('mail.host')} required {...form.getInputProps('host')} />
          <NumberInput label={t('mail.port')} required min={1} max={65_535} {...form.getInputProps('port')} />
          <Select
            label={t('mail.security')}
            allowDeselect={false}
            data={mailSecurities.map((value) => ({ value, label: t(`mail.security.${value}`) }))}
            {...form.getInputProps('security')}
          />
          <TextInput label={t('mail.user')} description={t('mail.userHint')} {...form.getInputProps('userName')} />
          <PasswordInput
            label={t('mail.password')}
            autoComplete="new-password"
            {...(hasPassword ? { description: t('mail.keeps') } : {})}
            visibilityToggleButtonProps={{ 'aria-label': t('credential.show') }}
            {...form.getInputProps('password')}
          />
          <TextInput label={t('mail.fromAddress')} required {...form.getInputProps('fromAddress')} />
          <TextInput label={t('mail.fromName')} required {...form.getInputProps('fromName')} />
        </div>
        <Checkbox label={t('mail.remindHolders')} {...form.getInputProps('remindHolders', { type: 'checkbox' })} />
        {form.values.remindHolders && (
          <NumberInput label={t('mail.remindDays')} maw={240} min={0} max={60} {...form.getInputProps('remindDays')} />
        )}
        <div>
          <Button type="submit" loading={save.isPending}>
            {t('action.save')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

/** Sends one now; the answer of the mail server is shown as it came. */
function TestMail() {
  const { user, can } = useSession();
  const form = useForm({ initialValues: { to: user.email } });
  const [problem, setProblem] = useState<unknown>(null);
  const test = useMutation({
    mutationFn: async (to: string) => (await call(sendTestMail, { body: { to } })).data,
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  if (!can('settings:write')) return null;
  return (
    <Section title={t('mail.test')}>
      <form
        className="form"
        noValidate
        onSubmit={form.onSubmit(({ to }) => {
          setProblem(null);
          test.mutate(to);
        })}
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <TextInput label={t('mail.testTo')} required maw={360} {...form.getInputProps('to')} />
          <div>
            <Button type="submit" variant="default" loading={test.isPending}>
              {t('mail.sendTest')}
            </Button>
          </div>
          <div role="status">
            {test.data && (
              <>
                <strong>{t(test.data.sent ? 'mail.sent' : 'mail.refused')}</strong>
                <p className="mono wrap">{t('mail.answer', { answer: test.data.answer })}</p>
              </>
            )}
          </div>
        </Stack>
      </form>
    </Section>
  );
}

/** Every mail with what became of it. */
export function MailsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const retry = useChange((id: string) => call(retryMail, { params: { id } }), { message: t('mail.retried') });
  return (
    <ListPage name={t('nav.mails')} line={t('mail.listLine')}>
      <ProblemNotice error={retry.error} />
      <ResourceTable
        resource={mailListRoutes.resource}
        source={mailListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        alsoFields={['state']}
        open={() => null}
        rowActions={
          can('settings:write')
            ? (row) =>
                row.state === 'failed' && (
                  <Button variant="subtle" size="compact-xs" onClick={() => row.id && retry.mutate(row.id)}>
                    {t('mail.retry')}
                  </Button>
                )
            : undefined
        }
        empty={<EmptyState title={t('mail.empty')} action={<AppLink to="/mail-settings">{t('nav.mailSettings')}</AppLink>} />}
      />
    </ListPage>
  );
}
