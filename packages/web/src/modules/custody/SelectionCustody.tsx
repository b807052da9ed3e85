import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { mostAssets } from './CustodyDialog.tsx';
import { CheckInForm, CheckOutForm, ConditionForm, PlaceForm } from './CustodyForms.tsx';

interface SelectedAsset {
  id?: string | null;
  name?: string | null;
  tag?: string | null;
  serial?: string | null;
}

/** Check out and check in what is selected in a list of assets; say where it is, or in which condition. */
export function SelectionCustody({ rows, onDone }: { rows: SelectedAsset[]; onDone: () => void }) {
  const [open, setOpen] = useState<'out' | 'in' | 'place' | 'condition' | null>(null);
  const assets = rows.flatMap((row) => (row.id ? [{ id: row.id, label: row.name ?? row.tag ?? row.serial ?? row.id }] : []));
  const close = (): void => {
    setOpen(null);
    onDone();
  };
  if (assets.length > mostAssets) return <Text size="xs">{t('custody.handlesMany')}</Text>;
  return (
    <>
      <Button variant="default" size="compact-xs" onClick={() => setOpen('out')}>
        {t('custody.checkOut')}
      </Button>
      <Button variant="default" size="compact-xs" onClick={() => setOpen('in')}>
        {t('custody.checkIn')}
      </Button>
      <Button variant="default" size="compact-xs" onClick={() => setOpen('place')}>
        {t('custody.changePlace')}
      </Button>
      <Button variant="default" size="compact-xs" onClick={() => setOpen('condition')}>
        {t('custody.setCondition')}
      </Button>
      {open === 'out' && <CheckOutForm assets={assets} onClose={close} />}
      {open === 'in' && <CheckInForm assets={assets} onClose={close} />}
      {open === 'place' && <PlaceForm assets={assets} onClose={close} />}
      {open === 'condition' && <ConditionForm assets={assets} onClose={close} />}
    </>
  );
}
