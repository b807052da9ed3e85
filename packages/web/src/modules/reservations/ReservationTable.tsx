import { reservationListRoutes } from '@muster/api/reservations';
import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { useLocalListState, type useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

type ListState = ReturnType<typeof useUrlListState>;

/** Reservations as a list; each opens its page. */
export function ReservationTable({
  list: [state, onState],
  fixed,
  embedded = false,
  empty,
}: {
  list: ListState;
  fixed?: string;
  embedded?: boolean;
  empty: ReactNode;
}) {
  return (
    <ResourceTable
      resource={reservationListRoutes.resource}
      source={reservationListRoutes}
      state={state}
      onState={onState}
      {...(fixed ? { fixedFilter: fixed } : {})}
      embedded={embedded}
      selectable={false}
      alsoFields={['id', 'what']}
      open={(row) => (row.id ? `/reservations/${row.id}` : null)}
      empty={empty}
    />
  );
}

/** Reservations within another page. */
export function EmbeddedReservations({ fixed, empty }: { fixed: string; empty: string }) {
  const list = useLocalListState();
  return <ReservationTable list={list} fixed={fixed} embedded empty={<EmptyState title={empty} />} />;
}
