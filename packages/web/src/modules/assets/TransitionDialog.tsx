import { Button, Group, Modal, Select, Stack, Textarea } from '@mantine/core';
import type { AssetRecord, LifecycleState } from '@muster/api/assets';
import { useState, type ReactNode } from 'react';
import { t } from '../../app/messages.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';

interface Props {
  asset: AssetRecord;
  to: LifecycleState | null;
  onChange: (to: LifecycleState) => void;
  onMove: (to: LifecycleState, reason: string) => void;
  onClose: () => void;
  pending: boolean;
  error: ReactNode;
}

/** Says from where to where, and asks why, before an asset moves in its life. */
export function TransitionDialog({ asset, to, onChange, onMove, onClose, pending, error }: Props) {
  const [reason, setReason] = useState('');
  return (
    <Modal opened={to !== null} onClose={onClose} title={t('asset.changeState')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap="sm">
        {error}
        <p className="state-change">
          <StateBadge value={asset.state} /> → {to && <StateBadge value={to} />}
        </p>
        <Select
          label={t('asset.newState')}
          data={asset.transitions.map((one) => ({ value: one.to, label: one.label }))}
          value={to}
          onChange={(value) => value && onChange(value)}
          allowDeselect={false}
        />
        <Textarea
          label={t('asset.reason')}
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
          <Button loading={pending} onClick={() => to && onMove(to, reason.trim())}>
            {t('asset.move')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
