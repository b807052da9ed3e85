import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { CheckInForm, CheckOutForm } from './CustodyForms.tsx';

interface SelectedAsset {
  id?: string | null;
  name?: string | null;
  tag?: string | null;
  serial?: string | null;
}
/** As many as one call takes. */
const most = 500;

/** Check out and check in what is selected in a list of assets. */
export function SelectionCustody({ rows, onDone }: { rows: SelectedAsset[]; onDone: () => void }) {
  const [open, setOpen] = useState<'out' | 'in' | null>(null);
  const assets = rows.flatMap((row) => (row.id ? [{ id: row.id, label: row.name ?? row.tag ?? row.serial ?? row.id }] : []));
  const close = (): void => {
    setOpen(null);
    onDone();
  };
  if (assets.length > most) return <Text size="xs">{t('custody.handlesMany')}</Text>;
  return (
    <>
      <Button variant="default" size="compact-xs" onClick={() => setOpen('out')}>
        {t('custody.checkOut')}
      </Button>
      <Button variant="default" size="compact-xs" onClick={() => setOpen('in')}>
        {t('custody.checkIn')}
      </Button>
      {open === 'out' && <CheckOutForm assets={assets} onClose={close} />}
      {open === 'in' && <CheckInForm assets={assets} onClose={close} />}
    </>
  );
}
