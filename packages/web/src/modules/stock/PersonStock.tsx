import { Button } from '@mantine/core';
import type { Person } from '@muster/api/people';
import { getPersonStock } from '@muster/api/stock';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { number, plainDate } from '../../ui/formatting.ts';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { RefLink, TimeAgo } from '../../ui/ValueCell.tsx';
import { ReturnDialog, type ReturnableHolding } from './StockDialogs.tsx';

/** Accessories a person has, to be taken back from here, and consumables they were given. Nothing when there are none. */
export function PersonStock({ person }: { person: Person }) {
  const { can } = useSession();
  const [returning, setReturning] = useState<ReturnableHolding | null>(null);
  const stock = useQuery(apiQuery(getPersonStock, { params: { id: person.id } })).data;
  if (!stock) return null;
  const has = stock.holdings.map((h) => ({ ...h, at: h.since, due: h.dueOn ? plainDate(h.dueOn) : t('stock.stays'), isOut: true }));
  const used = stock.issued.map((i) => ({ ...i, due: t('stock.usedUp'), overdue: false, isOut: false }));
  return (
    <>
      <SimpleTable
        title={t('stock.person')}
        rows={[...has, ...used]}
        columns={[
          [t('stock.personItem'), (row) => <RefLink to="stock-items" value={row.item} />],
          [t('stock.quantity'), (row) => `${number(row.quantity)} ${row.unit}`, true],
          [t('stock.since'), (row) => <TimeAgo at={row.at} />],
          [t('stock.due'), (row) => (row.overdue ? `${row.due} (${t('stock.overdue')})` : row.due)],
          [
            t('stock.return'),
            (row) =>
              row.isOut && can('assets:write') ? (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  onClick={() => setReturning({ id: row.id, item: row.item.label, holder: person.name, quantity: row.quantity })}
                >
                  {t('stock.return')}
                </Button>
              ) : (
                '–'
              ),
          ],
        ]}
      />
      {returning && <ReturnDialog holding={returning} onClose={() => setReturning(null)} />}
    </>
  );
}
