import { Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import {
  authProtocols,
  createCredentialSet,
  credentialSetListRoutes,
  deleteCredentialSet,
  privProtocols,
  type ScanSecret,
} from '@muster/api/scans';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { wordOf } from '../../ui/value-words.ts';

export function CredentialSetsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const remove = useChange((id: string) => call(deleteCredentialSet, { params: { id } }), { message: t('credential.removed') });
  const add = can('discovery:write') && <Button onClick={() => setMaking(true)}>{t('credential.new')}</Button>;
  return (
    <ListPage name={t('nav.credentialSets')} line={t('credential.line')} actions={add}>
      <ProblemNotice error={remove.error} />
      <ResourceTable
        resource={credentialSetListRoutes.resource}
        source={credentialSetListRoutes}
        state={state}
        onState={onState}
        open={() => null}
        rowActions={
          can('discovery:write')
            ? (row) => (
                <ConfirmButton
                  label={t('credential.remove')}
                  question={t('credential.removeQuestion', { name: row.name ?? '' })}
                  onConfirm={() => row.id && remove.mutate(row.id)}
                />
              )
            : undefined
        }
        empty={
          <EmptyState title={t('credential.empty')} action={add}>
            {t('credential.emptyHint')}
          </EmptyState>
        }
      />
      {making && <CredentialDialog onClose={() => setMaking(false)} />}
    </ListPage>
  );
}

const empty = {
  name: '',
  kind: 'snmp_v2c',
  community: '',
  userName: '',
  authProtocol: 'sha',
  authPassword: '',
  privProtocol: 'aes',
  privPassword: '',
  contextName: '',
};
type Values = typeof empty;

function secretOf(v: Values): unknown {
  if (v.kind !== 'snmp_v3') return { kind: v.kind, community: v.community };
  const authPassword = orNull(v.authPassword);
  const privPassword = orNull(v.privPassword);
  return {
    kind: v.kind,
    userName: v.userName,
    authProtocol: authPassword === null ? null : v.authProtocol,
    authPassword,
    privProtocol: privPassword === null ? null : v.privProtocol,
    privPassword,
    contextName: v.contextName,
  };
}

function CredentialDialog({ onClose }: { onClose: () => void }) {
  const form = useForm<Values>({
    initialValues: empty,
    validate: { name: (name) => (name.trim() === '' ? t('credential.nameMissing') : null) },
  });
  const [problem, setProblem] = useState<unknown>(null);
  const create = useChange((v: Values) => call(createCredentialSet, { body: { name: v.name, secret: secretOf(v) as ScanSecret } }), {
    message: t('record.saved'),
    onDone: onClose,
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  const v3 = form.values.kind === 'snmp_v3';
  return (
    <Modal opened onClose={onClose} title={t('credential.new')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          create.mutate(values);
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
            data={['snmp_v2c', 'snmp_v3', 'snmp_v1'].map((value) => ({ value, label: wordOf(value) }))}
            {...form.getInputProps('kind')}
          />
          {v3 ? (
            <UserFields form={form} />
          ) : (
            <SecretInput label={t('credential.community')} required {...form.getInputProps('community')} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Not a password of this site: browsers are not to offer to keep it. */
function SecretInput(props: { label: string; required?: boolean; description?: string }) {
  return <PasswordInput autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': t('credential.show') }} {...props} />;
}

function UserFields({ form }: { form: Pick<ReturnType<typeof useForm<Values>>, 'getInputProps'> }) {
  const options = (values: readonly string[]) => values.map((value) => ({ value, label: value.toUpperCase() }));
  return (
    <>
      <TextInput label={t('credential.user')} required {...form.getInputProps('userName')} />
      <Select label={t('credential.auth')} allowDeselect={false} data={options(authProtocols)} {...form.getInputProps('authProtocol')} />
      <SecretInput
        label={t('credential.authPassword')}
        description={t('credential.passwordHint')}
        {...form.getInputProps('authPassword')}
      />
      <Select label={t('credential.priv')} allowDeselect={false} data={options(privProtocols)} {...form.getInputProps('privProtocol')} />
      <SecretInput
        label={t('credential.privPassword')}
        description={t('credential.passwordHint')}
        {...form.getInputProps('privPassword')}
      />
      <TextInput label={t('credential.context')} {...form.getInputProps('contextName')} />
    </>
  );
}
