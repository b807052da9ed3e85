import { Button, Group, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { userListRoutes } from '@muster/api/access';
import type { Ref } from '@muster/api/fields';
import { createTask } from '@muster/api/tasks';
import { teamListRoutes } from '@muster/api/teams';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';

/** Adds a task to an asset, for a user, a team or nobody yet. Whoever may not list users gives it to a team. */
export function NewTask({ assetId }: { assetId: string }) {
  const { can } = useSession();
  const form = useForm({ initialValues: { title: '', user: null as Ref | null, team: null as Ref | null, dueOn: '', assignee: null } });
  const [problem, setProblem] = useState<unknown>(null);
  const { user, team } = form.values;
  const add = useChange(
    (v: typeof form.values) =>
      call(createTask, {
        params: { id: assetId },
        body: {
          title: v.title,
          dueOn: orNull(v.dueOn),
          assignee: user ? { kind: 'user', id: user.id } : team ? { kind: 'team', id: team.id } : null,
        },
      }),
    { message: t('task.added'), onDone: () => form.reset(), onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  return (
    <Section title={t('task.add')}>
      <form
        noValidate
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          add.mutate(values);
        })}
      >
        <ProblemNotice error={problem} />
        <Group align="end" gap="xs">
          <TextInput label={t('task.title')} required miw={240} {...form.getInputProps('title')} />
          {can('users:read') && (
            <RefSelect
              routes={userListRoutes}
              label={t('task.assignee')}
              clearable
              disabled={team !== null}
              value={user}
              onChange={(value) => form.setFieldValue('user', value)}
              error={form.errors['assignee']}
            />
          )}
          <RefSelect
            routes={teamListRoutes}
            label={t('task.team')}
            clearable
            disabled={user !== null}
            value={team}
            onChange={(value) => form.setFieldValue('team', value)}
          />
          <TextInput type="date" label={t('task.dueOn')} {...form.getInputProps('dueOn')} />
          <Button type="submit" loading={add.isPending}>
            {t('task.add')}
          </Button>
        </Group>
      </form>
    </Section>
  );
}
