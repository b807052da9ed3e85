import { Button, Checkbox, Group, Modal, NumberInput, PasswordInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { ApiProblem } from '@muster/api/client';
import {
  authProtocols,
  createCredentialSet,
  type CredentialSetDetail,
  credentialKinds,
  privProtocols,
  type ScanSecret,
  type SecretChange,
  updateCredentialSet,
} from '@muster/api/scans';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { wordOf } from '../../ui/value-words.ts';

interface Values extends Record<string, unknown> {
  name: string;
  kind: string;
  community: string;
  userName: string;
  authProtocol: string;
  authPassword: string;
  privProtocol: string;
  privPassword: string;
  contextName: string;
  password: string;
  privateKey: string;
  passphrase: string;
  port: number | string;
  https: boolean;
}

/** Select has no empty value of its own that could be chosen. */
const NONE = 'none';

/** Secrets are empty, also of a set that holds some: they do not come back. */
function valuesOf(set: CredentialSetDetail | undefined): Values {
  const v3 = set?.kind === 'snmp_v3';
  return {
    name: set?.name ?? '',
    kind: set?.kind ?? 'snmp_v2c',
    community: '',
    userName: set?.userName ?? '',
    authProtocol: v3 ? (set.settings.authProtocol ?? NONE) : 'sha',
    authPassword: '',
    privProtocol: v3 ? (set.settings.privProtocol ?? NONE) : 'aes',
    privPassword: '',
    contextName: set?.settings.contextName ?? '',
    password: '',
    privateKey: '',
    passphrase: '',
    port: set?.settings.port ?? (set ? '' : 22),
    https: set?.settings.https ?? true,
  };
}

/** The secret of a new set: what is empty is not there. */
function secretOf(v: Values): Record<string, unknown> {
  return withFields(v, (text) => (text === '' ? null : text));
}

/** What changes of a set: what is empty stays, so it is not sent. */
function changeOf(v: Values): Record<string, unknown> {
  const fields = withFields(v, (text) => (text === '' ? undefined : text));
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function withFields(v: Values, secret: (text: string) => string | null | undefined): Record<string, unknown> {
  const port = v.port === '' ? null : Number(v.port);
  if (v.kind === 'ssh')
    return {
      kind: v.kind,
      userName: v.userName,
      password: secret(v.password),
      privateKey: secret(v.privateKey),
      passphrase: secret(v.passphrase),
      port: port ?? 22,
    };
  if (v.kind === 'winrm') return { kind: v.kind, userName: v.userName, password: secret(v.password) ?? undefined, https: v.https, port };
  if (v.kind !== 'snmp_v3') return { kind: v.kind, community: secret(v.community) ?? undefined };
  const [auth, priv] = [v.authProtocol !== NONE, v.privProtocol !== NONE];
  return {
    kind: v.kind,
    userName: v.userName,
    authProtocol: auth ? v.authProtocol : null,
    authPassword: auth ? secret(v.authPassword) : null,
    privProtocol: priv ? v.privProtocol : null,
    privPassword: priv ? secret(v.privPassword) : null,
    contextName: v.contextName,
  };
}

/** Makes a credential set, or changes one: then empty secrets stay as they are. */
export function CredentialDialog({ set, onClose }: { set?: CredentialSetDetail; onClose: () => void }) {
  const form = useForm<Values>({ initialValues: valuesOf(set) });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (v: Values) => {
      if (!set) return call(createCredentialSet, { body: { name: v.name, secret: secretOf(v) as ScanSecret } });
      const secret = (set.kind === v.kind ? changeOf(v) : secretOf(v)) as SecretChange;
      return call(updateCredentialSet, { params: { id: set.id }, ifMatch: `"${set.version}"`, body: { name: v.name, secret } });
    },
    {
      message: t('record.saved'),
      onDone: onClose,
      onError: (error) => {
        setProblem(null);
        if (error instanceof ApiProblem && error.code === 'conflict') form.setFieldError('name', error.message);
        else setProblem(showProblemOn(form, error));
      },
    },
  );
  const title = set ? t('credential.editOf', { name: set.name }) : t('credential.new');
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          save.mutate(values);
        })}
        noValidate
        autoComplete="off"
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <TextInput label={t('credential.name')} required data-autofocus {...form.getInputProps('name')} />
          <Select
            label={t('credential.kind')}
            allowDeselect={false}
            data={credentialKinds.map((value) => ({ value, label: wordOf(value) }))}
            {...form.getInputProps('kind')}
          />
          <KindFields form={form} keeps={set?.kind === form.values.kind} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface FieldsProps {
  readonly form: Pick<ReturnType<typeof useForm<Values>>, 'getInputProps' | 'values'>;
  /** Empty secrets stay as they are. */
  readonly keeps: boolean;
}

function KindFields({ form, keeps }: FieldsProps) {
  const { kind } = form.values;
  if (kind === 'snmp_v3') return <UserFields form={form} keeps={keeps} />;
  if (kind === 'ssh') return <SshFields form={form} keeps={keeps} />;
  if (kind === 'winrm') return <WinrmFields form={form} keeps={keeps} />;
  const hint = keeps ? { description: t('credential.keeps') } : { required: true };
  return <SecretInput label={t('credential.community')} {...hint} {...form.getInputProps('community')} />;
}

/** Not a password of this site: browsers are not to offer to keep it. */
function SecretInput(props: { label: string; required?: boolean; description?: string }) {
  return <PasswordInput autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': t('credential.show') }} {...props} />;
}

function UserFields({ form, keeps }: FieldsProps) {
  const options = (values: readonly string[]) => [
    ...values.map((value) => ({ value, label: value.toUpperCase() })),
    { value: NONE, label: t('credential.none') },
  ];
  const hint = t(keeps ? 'credential.keeps' : 'credential.passwordHint');
  return (
    <>
      <TextInput label={t('credential.user')} required {...form.getInputProps('userName')} />
      <Select label={t('credential.auth')} allowDeselect={false} data={options(authProtocols)} {...form.getInputProps('authProtocol')} />
      {form.values.authProtocol !== NONE && (
        <SecretInput label={t('credential.authPassword')} description={hint} {...form.getInputProps('authPassword')} />
      )}
      <Select label={t('credential.priv')} allowDeselect={false} data={options(privProtocols)} {...form.getInputProps('privProtocol')} />
      {form.values.privProtocol !== NONE && (
        <SecretInput label={t('credential.privPassword')} description={hint} {...form.getInputProps('privPassword')} />
      )}
      <TextInput label={t('credential.context')} {...form.getInputProps('contextName')} />
    </>
  );
}

function SshFields({ form, keeps }: FieldsProps) {
  const hint = t(keeps ? 'credential.keeps' : 'credential.emptyWithout');
  return (
    <>
      <TextInput label={t('credential.user')} required {...form.getInputProps('userName')} />
      <SecretInput label={t('credential.password')} description={hint} {...form.getInputProps('password')} />
      <Textarea
        label={t('credential.privateKey')}
        description={t(keeps ? 'credential.keeps' : 'credential.privateKeyHint')}
        autosize
        minRows={2}
        maxRows={6}
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('privateKey')}
      />
      <SecretInput label={t('credential.passphrase')} description={hint} {...form.getInputProps('passphrase')} />
      <NumberInput label={t('credential.port')} min={1} max={65_535} {...form.getInputProps('port')} />
    </>
  );
}

function WinrmFields({ form, keeps }: FieldsProps) {
  const hint = keeps ? { description: t('credential.keeps') } : { required: true };
  return (
    <>
      <TextInput label={t('credential.winUser')} required {...form.getInputProps('userName')} />
      <SecretInput label={t('credential.password')} {...hint} {...form.getInputProps('password')} />
      <Checkbox label={t('credential.https')} {...form.getInputProps('https', { type: 'checkbox' })} />
      <NumberInput
        label={t('credential.port')}
        description={t('credential.portHint')}
        min={1}
        max={65_535}
        {...form.getInputProps('port')}
      />
    </>
  );
}
