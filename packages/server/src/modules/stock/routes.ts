import * as api from '@muster/api/stock';
import type { StockChange } from '@muster/api/stock';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { readPerson } from '../people/index.ts';
import { createItem, readItem, updateItem } from './items.ts';
import { count, issue, receive, setMinimum, transfer, writeOff } from './moves.ts';
import { readPersonStock } from './person-stock.ts';
import { reverse, takeBack } from './returns.ts';
import { holdingListing, itemListing, levelListing, movementListing } from './store-listing.ts';

interface MoveCall<B> {
  db: Db;
  actor: Actor;
  params: { id: string };
  body: B;
  platform: Platform;
  etag: (version: number) => void;
}

/** A verb on an item in one transaction; answers the item as it is then. */
const onItem =
  <B>(verb: (tx: Tx, actor: Actor, itemId: string, body: B, now: Date) => Promise<string[]>) =>
  async ({ db, actor, params, body, platform, etag }: MoveCall<B>): Promise<StockChange> => {
    const change = await inTx(db, async (tx) => {
      const movements = await verb(tx, actor, params.id, body, platform.now());
      return { movements, item: await readItem(tx, params.id, actor, 'assets:write') };
    });
    etag(change.item.version);
    return change;
  };

export const stockRoutes: HandledRoute[] = [
  ...listRoutes(itemListing, api.stockItemListRoutes),
  ...listRoutes(levelListing, api.stockLevelListRoutes),
  ...listRoutes(movementListing, api.stockMovementListRoutes),
  ...listRoutes(holdingListing, api.stockHoldingListRoutes),
  handle(api.getStockItem, async ({ db, actor, params, etag }) => {
    const item = await readItem(db, params.id, actor, 'assets:read');
    etag(item.version);
    return item;
  }),
  handle(api.createStockItem, async ({ db, actor, body, etag, platform }) => {
    const item = await inTx(db, async (tx) => readItem(tx, await createItem(tx, actor, body, platform.now()), actor, 'assets:write'));
    etag(item.version);
    return item;
  }),
  handle(api.updateStockItem, async ({ db, actor, params, body, version, etag, platform }) => {
    const item = await inTx(db, async (tx) => {
      await updateItem(tx, actor, params.id, version, body, platform.now());
      return readItem(tx, params.id, actor, 'assets:write');
    });
    etag(item.version);
    return item;
  }),
  handle(api.receiveStock, onItem(receive)),
  handle(api.issueStock, onItem(issue)),
  handle(api.transferStock, onItem(transfer)),
  handle(api.countStock, onItem(count)),
  handle(api.writeOffStock, onItem(writeOff)),
  handle(api.setStockMinimum, onItem(setMinimum)),
  handle(api.returnStock, async ({ db, actor, params, body, platform }) =>
    inTx(db, async (tx) => {
      const { itemId, movements } = await takeBack(tx, actor, params.id, body, platform.now());
      return { movements, item: await readItem(tx, itemId, actor, 'assets:write') };
    }),
  ),
  handle(api.reverseMovement, async ({ db, actor, params, body, platform }) =>
    inTx(db, async (tx) => {
      const { itemId, movements } = await reverse(tx, actor, params.id, body.note, platform.now());
      return { movements, item: await readItem(tx, itemId, actor, 'assets:write') };
    }),
  ),
  handle(api.getPersonStock, async ({ db, actor, params, platform }) => {
    await readPerson(db, params.id, actor, 'assets:read');
    return readPersonStock(db, params.id, actor, platform.now().toISOString().slice(0, 10));
  }),
];
