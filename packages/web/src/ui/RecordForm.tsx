import { Button, Group, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { t } from '../app/messages.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

interface Props<T extends Record<string, unknown>> {
  form: UseFormReturnType<T>;
  /** What no input of the form can show. */
  problem: unknown;
  pending: boolean;
  onSubmit: (values: T) => void;
  onCancel: () => void;
  children: ReactNode;
}

/** The frame of a form that adds or changes a record: what went wrong above, the inputs, Save and Cancel below. */
export function RecordForm<T extends Record<string, unknown>>({ form, problem, pending, onSubmit, onCancel, children }: Props<T>) {
  return (
    <form className="form" onSubmit={form.onSubmit(onSubmit)} noValidate>
      <Stack gap="sm">
        <ProblemNotice error={problem} />
        {children}
        <Group>
          <Button type="submit" loading={pending}>
            {t('action.save')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
