import { Button, Group } from '@mantine/core';
import type { Ref } from '@muster/api/fields';
import { getStockItem, stockItemListRoutes, stockLevelListRoutes, updateStockItem, type StockItem } from '@muster/api/stock';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { useAsOf } from '../../ui/as-of.ts';
import { AsOfNotice, AsOfPicker } from '../../ui/AsOf.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { CountDialog, GiveDialog, MinimumDialog, ReceiveDialog, TransferDialog, WriteOffDialog } from './StockDialogs.tsx';
import { StockItemForm } from './StockItemForm.tsx';
import { HoldingsTable, LevelsTable, MovementsTable } from './StockTables.tsx';

export function StockPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const add = can('assets:write') && <Button onClick={() => follow('/stock/new')}>{t('stock.new')}</Button>;
  return (
    <ListPage
      name={t('nav.stock')}
      line={
        <span>
          {t('stock.line')} <AppLink to="/stock-levels">{t('nav.stockLevels')}</AppLink> ·{' '}
          <AppLink to="/stock-holdings">{t('nav.stockHoldings')}</AppLink> ·{' '}
          <AppLink to="/stock-movements">{t('nav.stockMovements')}</AppLink>
        </span>
      }
      actions={add}
    >
      <ResourceTable
        resource={stockItemListRoutes.resource}
        source={stockItemListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={
          <EmptyState title={t('stock.empty')} action={add}>
            {t('stock.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}

export function StockLevelsPage() {
  const [state, onState] = useUrlListState();
  const [asOf, setAsOf] = useAsOf();
  return (
    <ListPage name={t('nav.stockLevels')} line={t('stock.levelsLine')} actions={<AsOfPicker value={asOf} onChange={setAsOf} />}>
      {asOf !== undefined && <AsOfNotice asOf={asOf} onBack={() => setAsOf(undefined)} />}
      <LevelsTable state={state} onState={onState} asOf={asOf} />
    </ListPage>
  );
}

export function StockHoldingsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.stockHoldings')} line={t('stock.holdingsLine')}>
      <HoldingsTable state={state} onState={onState} />
    </ListPage>
  );
}

export function StockMovementsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.stockMovements')} line={t('stock.movementsLine')}>
      <MovementsTable state={state} onState={onState} />
    </ListPage>
  );
}

export function NewStockItemPage() {
  const follow = useFollow();
  return (
    <PlainPage name={t('stock.new')} back={{ to: '/stock', label: t('nav.stock') }}>
      <StockItemForm onSaved={(item) => follow(`/stock/${item.id}`)} onCancel={() => follow('/stock')} />
    </PlainPage>
  );
}

export function StockItemPage() {
  const query = useQuery(apiQuery(getStockItem, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(item) => <StockItemRecord key={item.version} item={item} />}</Loaded>;
}

function StockItemRecord({ item }: { item: StockItem }) {
  const { can } = useSession();
  const [editing, setEditing] = useState(false);
  const archived = item.archivedAt !== null;
  const archive = useChange(
    async (wanted: boolean) => call(updateStockItem, { params: { id: item.id }, ifMatch: `"${item.version}"`, body: { archived: wanted } }),
    { message: t('record.saved') },
  );
  const none = <Unknown word={t('none.none')} />;
  return (
    <PlainPage
      name={item.name}
      back={{ to: '/stock', label: t('nav.stock') }}
      line={
        <>
          <StateBadge value={item.status} />
          <span>
            {t('stock.onHand', { count: number(item.onHand) })}
            {item.mode === 'two_way' && <> · {t('stock.out', { count: number(item.out) })}</>}
          </span>
        </>
      }
      actions={can('assets:write') && !editing && !archived && <Actions item={item} />}
    >
      <ProblemNotice error={archive.error} />
      {editing ? (
        <StockItemForm item={item} onSaved={() => setEditing(false)} onCancel={() => setEditing(false)} />
      ) : (
        <>
          <Facts
            items={[
              [t('stock.category'), wordOf(item.category)],
              [t('stock.mode'), wordOf(item.mode)],
              [t('stock.manufacturer'), item.manufacturer ?? none],
              [t('stock.partNumber'), item.partNumber ?? none],
              [t('stock.unit'), item.unit],
              [t('stock.minimum'), item.minimum === null ? none : number(item.minimum)],
              [t('asset.notes'), item.notes ? <span className="wrap">{item.notes}</span> : none],
            ]}
          />
          {can('assets:write') && (
            <Group mt="sm">
              <Button variant="default" size="xs" onClick={() => setEditing(true)}>
                {t('action.edit')}
              </Button>
              {archived ? (
                <Button variant="default" size="xs" loading={archive.isPending} onClick={() => archive.mutate(false)}>
                  {t('stock.unarchive')}
                </Button>
              ) : (
                <ConfirmButton
                  variant="default"
                  label={t('stock.archive')}
                  question={t('stock.archiveQuestion')}
                  pending={archive.isPending}
                  onConfirm={() => archive.mutate(true)}
                />
              )}
            </Group>
          )}
        </>
      )}
      <ItemLists item={item} />
    </PlainPage>
  );
}

function ItemLists({ item }: { item: StockItem }) {
  const [levels, onLevels] = useLocalListState();
  const [holdings, onHoldings] = useLocalListState({ filter: '-state:returned' });
  const [movements, onMovements] = useLocalListState();
  return (
    <>
      <Section title={t('stock.levels')}>
        <LevelsTable state={levels} onState={onLevels} itemId={item.id} />
      </Section>
      {item.mode === 'two_way' && (
        <Section title={t('stock.holdings')}>
          <HoldingsTable state={holdings} onState={onHoldings} itemId={item.id} />
        </Section>
      )}
      <Section title={t('stock.movements')}>
        <MovementsTable state={movements} onState={onMovements} itemId={item.id} />
      </Section>
    </>
  );
}

const dialogs = {
  receive: ReceiveDialog,
  give: GiveDialog,
  transfer: TransferDialog,
  count: CountDialog,
  writeOff: WriteOffDialog,
  minimum: MinimumDialog,
};

/** What can be done with an item. The dialogs begin with the place that has most of it. */
function Actions({ item }: { item: StockItem }) {
  const [open, setOpen] = useState<keyof typeof dialogs | null>(null);
  const most = useQuery(
    apiQuery(stockLevelListRoutes.list, {
      query: { filter: `item:${item.id}`, sort: '-onHand', fields: 'place', limit: 1, total: 'none' },
    }),
  ).data?.items[0];
  const place: Ref | null = most?.place ?? null;
  const labels: [keyof typeof dialogs, string][] = [
    ['receive', t('stock.receive')],
    ['give', item.mode === 'two_way' ? t('stock.checkOut') : t('stock.issue')],
    ['transfer', t('stock.transfer')],
    ['count', t('stock.count')],
    ['writeOff', t('stock.writeOff')],
    ['minimum', t('stock.setMinimum')],
  ];
  const Dialog = open && dialogs[open];
  return (
    <>
      {labels.map(([key, label]) => (
        <Button key={key} variant={key === 'give' ? 'filled' : 'default'} size="xs" onClick={() => setOpen(key)}>
          {label}
        </Button>
      ))}
      {Dialog && <Dialog item={item} place={place} onClose={() => setOpen(null)} />}
    </>
  );
}
