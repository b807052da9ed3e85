import { Button } from '@mantine/core';
import { reverseMovement, stockHoldingListRoutes, stockLevelListRoutes, stockMovementListRoutes } from '@muster/api/stock';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { inThePast } from '../../ui/as-of.ts';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { recordPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import type { ListState, ListStateChange } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { ReturnDialog, type ReturnableHolding } from './StockDialogs.tsx';

interface Props {
  state: ListState;
  onState: ListStateChange;
  /** Only the rows of this item. */
  itemId?: string;
}

/** A table inside the page of an item or a place shows only its rows. */
const fixed = (itemId?: string, placeId?: string) =>
  itemId || placeId
    ? { fixedFilter: itemId ? `item:${itemId}` : `within:${placeId}`, embedded: true, selectable: false }
    : { selectable: false };
const itemPath = (row: { item?: { id: string } | null }): string | null => (row.item ? recordPath('stock-items', row.item.id) : null);

/** What is where; of one item, or of a place with all places in it; with `asOf` at the end of that day, UTC. */
export function LevelsTable({ state, onState, itemId, placeId, asOf }: Props & { placeId?: string; asOf?: string | undefined }) {
  const { resource } = stockLevelListRoutes;
  return (
    <ResourceTable
      key={asOf ?? ''}
      resource={asOf ? inThePast(resource) : resource}
      source={{ ...stockLevelListRoutes, ...(asOf ? { query: { as_of: asOf } } : {}) }}
      state={state}
      onState={onState}
      {...fixed(itemId, placeId)}
      open={itemPath}
      alsoFields={['item']}
      empty={<EmptyState title={t('stock.levelsEmpty')} />}
    />
  );
}

/** Who has how many; whoever may write takes them back from here. */
export function HoldingsTable({ state, onState, itemId }: Props) {
  const { can } = useSession();
  const [returning, setReturning] = useState<ReturnableHolding | null>(null);
  return (
    <>
      <ResourceTable
        resource={stockHoldingListRoutes.resource}
        source={stockHoldingListRoutes}
        state={state}
        onState={onState}
        {...fixed(itemId)}
        open={itemPath}
        alsoFields={['item', 'holder', 'quantity']}
        rowActions={
          can('assets:write')
            ? (row) =>
                (row.quantity ?? 0) > 0 && (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    onClick={() =>
                      setReturning({
                        id: row.id ?? '',
                        item: row.item?.label ?? '',
                        holder: row.holder ?? '',
                        quantity: row.quantity ?? 0,
                      })
                    }
                  >
                    {t('stock.return')}
                  </Button>
                )
            : undefined
        }
        empty={<EmptyState title={t('stock.holdingsEmpty')} />}
      />
      {returning && <ReturnDialog holding={returning} onClose={() => setReturning(null)} />}
    </>
  );
}

/** Everything that happened; whoever may write undoes a movement from here. */
export function MovementsTable({ state, onState, itemId }: Props) {
  const { can } = useSession();
  const undo = useChange(async (id: string) => call(reverseMovement, { params: { id }, body: {} }), { message: t('stock.done') });
  return (
    <>
      <ProblemNotice error={undo.error} />
      <ResourceTable
        resource={stockMovementListRoutes.resource}
        source={stockMovementListRoutes}
        state={state}
        onState={onState}
        {...fixed(itemId)}
        open={itemPath}
        alsoFields={['item', 'undone', 'undoes']}
        rowActions={
          can('assets:write')
            ? (row) =>
                !row.undone &&
                row.undoes === null && (
                  <ConfirmButton
                    label={t('stock.undo')}
                    question={t('stock.undoQuestion')}
                    onConfirm={() => row.id && undo.mutate(row.id)}
                  />
                )
            : undefined
        }
        empty={<EmptyState title={t('stock.movementsEmpty')} />}
      />
    </>
  );
}
