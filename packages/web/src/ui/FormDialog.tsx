import { Button, Group, Modal, type ModalProps, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { t } from '../app/messages.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

interface Props {
  title: string;
  /** On the button that does it; `Save` when left out. */
  button?: string;
  /** False while something is still to be chosen. */
  ready?: boolean;
  pending: boolean;
  /** What the server said of the whole, above the inputs. */
  problem: unknown;
  /** `form.onSubmit(...)` of a form that shows its own errors, or what is to be done. */
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  /** The form says itself what is missing, in place of the browser. */
  noValidate?: boolean;
  onClose: () => void;
  size?: NonNullable<ModalProps['size']>;
  children: ReactNode;
}

/** A dialog with a form: the problem, the inputs, cancel and do. What was typed stays when the server refuses it. */
export function FormDialog({
  title,
  button = t('action.save'),
  ready = true,
  pending,
  problem,
  onSubmit,
  noValidate = false,
  onClose,
  size = 'md',
  children,
}: Props) {
  return (
    <Modal opened onClose={onClose} title={title} size={size} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        noValidate={noValidate}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onSubmit(event);
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          {children}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={pending} disabled={!ready}>
              {button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
