import { Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { addRole, createUser, getUser, listRoles, removeRole, updateUser, userListRoutes, type User } from '@muster/api/access';
import { roleNames, type RoleName, type Scope } from '@muster/api/permissions';
import { getOrgUnit } from '@muster/api/people';
import { getPlace } from '@muster/api/places';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { ScopeInput, scopeText } from './ScopeInput.tsx';

export function UsersPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  return (
    <ListPage
      name={t('nav.users')}
      line={t('users.line')}
      actions={can('users:write') && <Button onClick={() => setMaking(true)}>{t('users.new')}</Button>}
    >
      <ResourceTable
        resource={userListRoutes.resource}
        source={userListRoutes}
        state={state}
        onState={onState}
        cells={{ roles: (row) => (row.roles ? row.roles.split(', ').map(wordOf).join(', ') : <Unknown word={t('none.none')} />) }}
        empty={<EmptyState title={t('users.empty')} />}
      />
      {making && <NewUser onClose={() => setMaking(false)} />}
    </ListPage>
  );
}

function RoleSelect(props: { value: RoleName | null; onChange: (role: RoleName | null) => void; error?: React.ReactNode }) {
  const roles = useQuery(apiQuery(listRoles, {}));
  const about = roles.data?.items.find((r) => r.name === props.value)?.about;
  return (
    <Select
      label={t('users.role')}
      description={about}
      data={roleNames.map((r) => ({ value: r, label: roles.data?.items.find((x) => x.name === r)?.label ?? wordOf(r) }))}
      value={props.value}
      onChange={(value) => props.onChange(value)}
      error={props.error}
    />
  );
}

function NewUser({ onClose }: { onClose: () => void }) {
  const follow = useFollow();
  const form = useForm({ initialValues: { name: '', email: '', password: '' } });
  const [role, setRole] = useState<RoleName | null>('employee');
  const [scope, setScope] = useState<Scope | null>({ kind: 'all' });
  const [problem, setProblem] = useState<unknown>(null);
  const create = useChange(
    async (v: { name: string; email: string; password: string }) =>
      (
        await call(createUser, {
          body: {
            name: v.name,
            email: v.email,
            ...(v.password ? { password: v.password } : {}),
            roles: role && scope ? [{ role, scope }] : [],
          },
        })
      ).data,
    {
      message: t('record.saved'),
      onDone: (user) => follow(`/users/${user.id}`),
      onError: (error) => setProblem(showProblemOn(form, error)),
    },
  );
  return (
    <Modal opened onClose={onClose} title={t('users.new')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          create.mutate(values);
        })}
        noValidate
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <TextInput label={t('person.name')} required data-autofocus {...form.getInputProps('name')} />
          <TextInput label={t('signIn.email')} type="email" required {...form.getInputProps('email')} />
          <PasswordInput
            label={t('signIn.password')}
            description={t('users.passwordHint')}
            autoComplete="new-password"
            {...form.getInputProps('password')}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          />
          <RoleSelect value={role} onChange={setRole} />
          <ScopeInput onChange={setScope} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={create.isPending} disabled={scope === null}>
              {t('action.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

export function UserPage() {
  const query = useQuery(apiQuery(getUser, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(user) => <UserRecord user={user} />}</Loaded>;
}

function UserRecord({ user }: { user: User }) {
  const { can } = useSession();
  const [giving, setGiving] = useState(false);
  const [setting, setSetting] = useState(false);
  const mayWrite = can('users:write');
  const disable = useChange(
    (disabled: boolean) => call(updateUser, { params: { id: user.id }, body: { disabled }, ifMatch: `"${user.version}"` }),
    { message: t('record.saved') },
  );
  const remove = useChange((assignmentId: string) => call(removeRole, { params: { id: user.id, assignmentId } }), {
    message: t('record.saved'),
  });
  return (
    <PlainPage
      name={user.name}
      back={{ to: '/users', label: t('nav.users') }}
      line={
        <>
          <StateBadge value={user.disabled ? 'disabled' : 'active'} />
          <span>{user.email}</span>
        </>
      }
      actions={
        mayWrite && (
          <>
            <Button variant="default" onClick={() => setSetting(true)}>
              {t('users.setPassword')}
            </Button>
            {user.disabled ? (
              <Button variant="default" onClick={() => disable.mutate(false)}>
                {t('users.enable')}
              </Button>
            ) : (
              <ConfirmButton
                variant="default"
                label={t('users.disable')}
                question={t('users.disableQuestion', { name: user.name })}
                onConfirm={() => disable.mutate(true)}
              />
            )}
          </>
        )
      }
    >
      <ProblemNotice error={disable.error ?? remove.error} />
      <Facts
        items={[
          [
            t('users.lastSignIn'),
            user.lastSignInAt ? <TimeAgo key="l" at={user.lastSignInAt} /> : <Unknown key="l" word={t('none.never')} />,
          ],
          [t('users.created'), <TimeAgo key="c" at={user.createdAt} />],
          [t('users.password'), user.hasPassword ? t('users.hasPassword') : t('users.noPassword')],
        ]}
      />
      {user.roles.length === 0 && <EmptyState title={t('users.noRoles')} />}
      <SimpleTable
        title={t('users.roles')}
        rows={user.roles}
        columns={[
          [t('users.role'), (r) => wordOf(r.role)],
          [t('scope.where'), (r) => <ScopeName scope={r.scope} />],
          [t('users.since'), (r) => <TimeAgo at={r.createdAt} />],
          ...(mayWrite
            ? ([
                [
                  t('table.actions'),
                  (r) => (
                    <ConfirmButton
                      label={t('users.takeRole')}
                      question={t('users.takeRoleQuestion', { role: wordOf(r.role), name: user.name })}
                      onConfirm={() => remove.mutate(r.id)}
                    />
                  ),
                ],
              ] as [string, (r: User['roles'][number]) => React.ReactNode][])
            : []),
        ]}
      />
      {mayWrite && (
        <Button variant="default" mt="sm" onClick={() => setGiving(true)}>
          {t('users.giveRole')}
        </Button>
      )}
      {giving && <GiveRole user={user} onClose={() => setGiving(false)} />}
      {setting && <SetPassword user={user} onClose={() => setSetting(false)} />}
    </PlainPage>
  );
}

function ScopeName({ scope }: { scope: Scope }) {
  const unit = useQuery({
    ...apiQuery(getOrgUnit, { params: { id: scope.kind === 'org_unit' ? scope.id : '' } }),
    enabled: scope.kind === 'org_unit',
  });
  const place = useQuery({
    ...apiQuery(getPlace, { params: { id: scope.kind === 'place' ? scope.id : '' } }),
    enabled: scope.kind === 'place',
  });
  const name = unit.data?.name ?? place.data?.name;
  return <>{name ? `${scopeText(scope)}: ${name}` : scopeText(scope)}</>;
}

function GiveRole({ user, onClose }: { user: User; onClose: () => void }) {
  const [role, setRole] = useState<RoleName | null>(null);
  const [scope, setScope] = useState<Scope | null>({ kind: 'all' });
  const give = useChange((v: { role: RoleName; scope: Scope }) => call(addRole, { params: { id: user.id }, body: v }), {
    message: t('record.saved'),
    onDone: onClose,
  });
  return (
    <Modal opened onClose={onClose} title={t('users.giveRole')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap="sm">
        <ProblemNotice error={give.error} />
        <RoleSelect value={role} onChange={setRole} />
        <ScopeInput onChange={setScope} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button loading={give.isPending} disabled={!role || !scope} onClick={() => role && scope && give.mutate({ role, scope })}>
            {t('users.giveRole')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function SetPassword({ user, onClose }: { user: User; onClose: () => void }) {
  const form = useForm({ initialValues: { password: '' } });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    (v: { password: string }) => call(updateUser, { params: { id: user.id }, body: v, ifMatch: `"${user.version}"` }),
    { message: t('account.passwordChanged'), onDone: onClose, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  return (
    <Modal opened onClose={onClose} title={t('users.setPassword')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <PasswordInput
            label={t('account.new')}
            description={t('account.passwordRule')}
            autoComplete="new-password"
            required
            data-autofocus
            {...form.getInputProps('password')}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
