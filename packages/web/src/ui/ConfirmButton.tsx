import { Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { t } from '../app/messages.ts';

/** A button for what cannot simply be undone: it says what will happen and asks once. */
export function ConfirmButton({
  label,
  question,
  onConfirm,
  pending = false,
  variant = 'subtle',
}: {
  label: string;
  question: string;
  onConfirm: () => void;
  pending?: boolean;
  variant?: 'subtle' | 'default';
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant={variant} size={variant === 'subtle' ? 'compact-xs' : 'xs'} loading={pending} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={label} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <Text size="sm" mb="md">
          {question}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setOpen(false)}>
            {t('action.cancel')}
          </Button>
          <Button
            color="red.9"
            onClick={() => {
              setOpen(false);
              onConfirm();
            }}
          >
            {label}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
