import { Button, Checkbox, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { createToken, revokeToken, tokenListRoutes } from '@muster/api/access';
import type { Permission, Scope } from '@muster/api/permissions';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { CopyBlock } from '../../ui/CopyBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { ScopeInput } from './ScopeInput.tsx';

export function TokensPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const revoke = useChange((id: string) => call(revokeToken, { params: { id } }), { message: t('tokens.revoked') });
  const add = can('users:write') && <Button onClick={() => setMaking(true)}>{t('tokens.new')}</Button>;
  return (
    <ListPage name={t('nav.tokens')} line={t('tokens.line')} actions={add}>
      <ProblemNotice error={revoke.error} />
      <ResourceTable
        resource={tokenListRoutes.resource}
        source={tokenListRoutes}
        state={state}
        onState={onState}
        open={() => null}
        alsoFields={['state']}
        rowActions={
          can('users:write')
            ? (row) =>
                row.state === 'active' && (
                  <ConfirmButton
                    label={t('action.revoke')}
                    question={t('tokens.revokeQuestion', { name: row.name ?? '' })}
                    onConfirm={() => row.id && revoke.mutate(row.id)}
                  />
                )
            : undefined
        }
        empty={
          <EmptyState title={t('tokens.empty')} action={add}>
            {t('tokens.emptyHint')}
          </EmptyState>
        }
      />
      {making && <NewToken onClose={() => setMaking(false)} />}
    </ListPage>
  );
}

const lifetimes = { '30': 30, '90': 90, '365': 365 } as const;
const dayMs = 24 * 60 * 60_000;

function NewToken({ onClose }: { onClose: () => void }) {
  const { permissions } = useSession();
  const form = useForm({ initialValues: { name: '', permissions: [] as Permission[], days: '365' } });
  const [scope, setScope] = useState<Scope | null>({ kind: 'all' });
  const [problem, setProblem] = useState<unknown>(null);
  const create = useChange(
    async (v: typeof form.values) => {
      const days = lifetimes[v.days as keyof typeof lifetimes];
      const expiresAt = days === undefined ? null : new Date(Date.now() + days * dayMs).toISOString();
      return (await call(createToken, { body: { name: v.name, permissions: v.permissions, scope: scope ?? { kind: 'all' }, expiresAt } }))
        .data;
    },
    { onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  const made = create.data;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={made ? t('tokens.made', { name: made.name }) : t('tokens.new')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
      closeOnClickOutside={!made}
    >
      {made ? (
        <Stack gap="sm">
          <WarningNotice title={t('sources.once')} />
          <CopyBlock text={made.secret} label={t('tokens.secret')} />
          <CopyBlock
            text={`curl -H 'Authorization: Bearer ${made.secret}' ${window.location.origin}/api/v1/assets?limit=5`}
            label={t('tokens.example')}
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('action.done')}</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={form.onSubmit((values) => {
            setProblem(null);
            create.mutate(values);
          })}
          noValidate
        >
          <Stack gap="sm">
            <ProblemNotice error={problem} />
            <TextInput
              label={t('tokens.name')}
              description={t('tokens.nameHint')}
              required
              data-autofocus
              {...form.getInputProps('name')}
            />
            <Checkbox.Group label={t('tokens.permissions')} required {...form.getInputProps('permissions')}>
              <div className="permission-grid">
                {permissions.map((p) => (
                  <Checkbox key={p} size="xs" value={p} label={<code>{p}</code>} />
                ))}
              </div>
            </Checkbox.Group>
            <ScopeInput onChange={setScope} />
            <Select
              label={t('tokens.lifetime')}
              allowDeselect={false}
              data={[
                { value: '30', label: t('tokens.days', { count: 30 }) },
                { value: '90', label: t('tokens.days', { count: 90 }) },
                { value: '365', label: t('tokens.year') },
                { value: 'never', label: t('tokens.never') },
              ]}
              {...form.getInputProps('days')}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              <Button type="submit" loading={create.isPending} disabled={scope === null}>
                {t('tokens.new')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
