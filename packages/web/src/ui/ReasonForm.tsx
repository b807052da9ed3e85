import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { t } from '../app/messages.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

interface Props {
  /** On the button that does it. */
  label: string;
  onSubmit: (reason: string) => void;
  onClose: () => void;
  pending: boolean;
  error: unknown;
  /** False while something above the reason is still to be chosen. */
  ready?: boolean;
  children?: ReactNode;
}

/** The inside of a dialog whose decision is kept with a reason; what else is to be chosen comes as children. */
export function ReasonForm({ label, onSubmit, onClose, pending, error, ready = true, children }: Props) {
  const [reason, setReason] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && reason.trim()) onSubmit(reason.trim());
      }}
    >
      <Stack gap="sm">
        <ProblemNotice error={error} />
        {children}
        <Textarea
          label={t('identity.reason')}
          description={t('identity.reasonHint')}
          required
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1000}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={pending} disabled={!ready || reason.trim() === ''}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
