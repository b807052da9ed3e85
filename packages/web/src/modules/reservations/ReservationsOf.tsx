import { Button } from '@mantine/core';
import type { Ref } from '@muster/api/fields';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { Section } from '../../ui/RecordPage.tsx';
import { BookingCalendar } from './BookingCalendar.tsx';
import { EmbeddedReservations } from './ReservationTable.tsx';
import { ReserveDialog } from './ReserveDialog.tsx';

/** The tab of an asset: on which days it is taken, in whichever way, and what was reserved of it by itself. */
export function AssetReservations({ asset, mayReserve }: { asset: Ref; mayReserve: boolean }) {
  const [day, setDay] = useState<string | null>(null);
  return (
    <>
      <BookingCalendar target={{ kind: 'asset', id: asset.id }} onReserve={mayReserve ? setDay : undefined} />
      <Section title={t('reserve.ofAsset')}>
        <EmbeddedReservations fixed={`asset:${asset.id}`} empty={t('reserve.noneOfAsset')} />
      </Section>
      {day !== null && <ReserveDialog target={{ kind: 'asset', ...asset }} from={day} onClose={() => setDay(null)} />}
    </>
  );
}

/** On the page of a person: what is and was reserved for them. */
export function PersonReservations({ person }: { person: Ref & { active: boolean } }) {
  const { can } = useSession();
  const [open, setOpen] = useState(false);
  return (
    <Section
      title={t('nav.reservations')}
      actions={
        can('assets:write') &&
        person.active && (
          <Button variant="default" size="xs" onClick={() => setOpen(true)}>
            {t('reserve.reserveFor')}
          </Button>
        )
      }
    >
      <EmbeddedReservations fixed={`holder_id:"${person.id}"`} empty={t('reserve.noneOfPerson')} />
      {open && <ReserveDialog person={person} onClose={() => setOpen(false)} />}
    </Section>
  );
}
