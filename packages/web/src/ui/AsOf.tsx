import { Button, Group, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import { t } from '../app/messages.ts';
import { absoluteTime, plainDate } from './formatting.ts';
import { WarningNotice } from './WarningNotice.tsx';

const isDay = (asOf: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(asOf);

/** Chooses the day that the page shows. */
export function AsOfPicker({ value, onChange }: { value: string | undefined; onChange: (day: string | undefined) => void }) {
  const [open, setOpen] = useState(false);
  const [day, setDay] = useState('');
  const [today, setToday] = useState('');
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" shadow="sm" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button
          variant={value === undefined ? 'default' : 'light'}
          onClick={() => {
            setToday(new Date().toISOString().slice(0, 10));
            setDay(value?.slice(0, 10) ?? '');
            setOpen(!open);
          }}
        >
          {t('asOf.button')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setOpen(false);
            onChange(day || undefined);
          }}
        >
          <Group align="end" gap="xs" wrap="nowrap">
            <TextInput
              type="date"
              label={t('asOf.day')}
              max={today}
              value={day}
              onChange={(event) => setDay(event.currentTarget.value)}
              required
              data-autofocus
            />
            <Button type="submit">{t('asOf.show')}</Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Says that the page shows the past, and leads back. */
export function AsOfNotice({ asOf, hint, onBack }: { asOf: string; hint?: string | undefined; onBack: () => void }) {
  return (
    <WarningNotice title={t('asOf.title', { time: isDay(asOf) ? plainDate(asOf) : absoluteTime(asOf) })}>
      {hint ?? t('asOf.hint')}{' '}
      <Button variant="subtle" size="compact-sm" onClick={onBack}>
        {t('asOf.back')}
      </Button>
    </WarningNotice>
  );
}
