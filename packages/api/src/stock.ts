import { z } from 'zod';
import { dateSchema, instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What kind of thing is counted. */
export const stockCategories = ['consumable', 'accessory', 'cable', 'spare_part', 'other'] as const;
export type StockCategory = (typeof stockCategories)[number];
/** One-way: what is issued is used up. Two-way: what is checked out comes back. Fixed once something has moved. */
export const stockModes = ['one_way', 'two_way'] as const;
export type StockMode = (typeof stockModes)[number];
export const stockStatuses = ['enough', 'low_stock', 'archived'] as const;
/** What a movement is; a movement that undoes another has the same kind. */
export const movementKinds = [
  'receipt',
  'consume',
  'check_out',
  'return',
  'transfer_out',
  'transfer_in',
  'adjust',
  'loss',
  'damage',
] as const;
export type MovementKind = (typeof movementKinds)[number];
/** Who or what can be given stock: the same as what can have an asset. */
export const stockHolderKinds = ['person', 'team', 'place', 'asset'] as const;
export type StockHolderKind = (typeof stockHolderKinds)[number];
export const holdingStates = ['out', 'overdue', 'returned'] as const;

/** Kinds of things that are counted and have no record each. */
export const stockItemResource = defineResource({
  name: 'stock-items',
  label: 'Stock item',
  plural: 'Stock items',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    status: {
      type: 'enum',
      label: 'Stock',
      about: 'Low when less is on hand than the minimum of the item, or of one of its places.',
      values: stockStatuses,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
    },
    onHand: { type: 'integer', label: 'On hand', about: 'In all places together.', notNull: true, sortable: true, filterable: true },
    out: {
      type: 'integer',
      label: 'Checked out',
      about: 'With holders, to come back; always 0 for one-way items.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    minimum: {
      type: 'integer',
      label: 'Minimum stock',
      about: 'Over all places; empty when none is set.',
      sortable: true,
      filterable: true,
    },
    unit: { type: 'text', label: 'Unit', notNull: true, filterable: true },
    category: { type: 'enum', label: 'Category', values: stockCategories, notNull: true, sortable: true, filterable: true, facet: true },
    mode: { type: 'enum', label: 'Way', values: stockModes, notNull: true, sortable: true, filterable: true, facet: true },
    manufacturer: { type: 'text', label: 'Manufacturer', sortable: true, filterable: true, facet: true, column: 'optional' },
    partNumber: { type: 'text', label: 'Part number', sortable: true, filterable: true },
    notes: { type: 'text', label: 'Notes', filterable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

/** How much of an item is in a place, now or at the end of a day. */
export const stockLevelResource = defineResource({
  name: 'stock-levels',
  label: 'Stock level',
  plural: 'Stock levels',
  titleField: 'item',
  defaultSort: 'item',
  asOf: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    item: { type: 'ref', to: 'stock-items', label: 'Item', notNull: true, sortable: true, filterable: true },
    place: { type: 'ref', to: 'places', label: 'Place', notNull: true, sortable: true, filterable: true },
    within: { type: 'ref', to: 'places', label: 'Within', about: 'This place or any place above it.', filterable: true, column: 'none' },
    onHand: { type: 'integer', label: 'On hand', notNull: true, sortable: true, filterable: true },
    out: {
      type: 'integer',
      label: 'Checked out',
      about: 'Given out from here and not yet back.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    minimum: {
      type: 'integer',
      label: 'Minimum stock',
      about: 'For this place; empty when none is set.',
      noHistory: true,
      sortable: true,
      filterable: true,
    },
    low: { type: 'boolean', label: 'Below minimum', noHistory: true, notNull: true, filterable: true, facet: true },
    movedAt: { type: 'instant', label: 'Last movement', sortable: true, filterable: true },
  },
});

/** Everything that happened to stock. Rows are only ever added. */
export const stockMovementResource = defineResource({
  name: 'stock-movements',
  label: 'Stock movement',
  plural: 'Stock movements',
  titleField: 'item',
  defaultSort: '-at',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    at: { type: 'instant', label: 'Time', notNull: true, sortable: true, filterable: true },
    kind: { type: 'enum', label: 'Kind', values: movementKinds, notNull: true, sortable: true, filterable: true, facet: true },
    item: { type: 'ref', to: 'stock-items', label: 'Item', notNull: true, sortable: true, filterable: true },
    place: { type: 'ref', to: 'places', label: 'Place', notNull: true, sortable: true, filterable: true },
    within: { type: 'ref', to: 'places', label: 'Within', about: 'This place or any place above it.', filterable: true, column: 'none' },
    quantity: { type: 'integer', label: 'Quantity', notNull: true, sortable: true, filterable: true },
    change: {
      type: 'integer',
      label: 'Change on hand',
      about: 'What it added to or took from the place.',
      notNull: true,
      filterable: true,
    },
    holder: { type: 'text', label: 'Holder', about: 'Who was given it or gave it back.', sortable: true, filterable: true },
    holderKind: { type: 'enum', label: 'Kind of holder', values: stockHolderKinds, filterable: true, column: 'optional' },
    holderId: { type: 'text', label: 'Holder’s id', filterable: true, column: 'optional' },
    dueOn: { type: 'date', label: 'Due', sortable: true, filterable: true, column: 'optional' },
    note: { type: 'text', label: 'Note', filterable: true },
    by: { type: 'text', label: 'By', notNull: true, sortable: true, filterable: true },
    undoes: {
      type: 'text',
      label: 'Undoes',
      about: 'The id of the movement that this one takes back.',
      filterable: true,
      column: 'optional',
    },
    undone: { type: 'boolean', label: 'Undone', notNull: true, filterable: true, facet: true, column: 'optional' },
  },
});

/** Who has how many of a two-way item: one row per check-out. */
export const stockHoldingResource = defineResource({
  name: 'stock-holdings',
  label: 'Holding',
  plural: 'Holdings',
  titleField: 'item',
  defaultSort: '-since',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    item: { type: 'ref', to: 'stock-items', label: 'Item', notNull: true, sortable: true, filterable: true },
    holder: { type: 'text', label: 'Holder', notNull: true, sortable: true, filterable: true },
    holderKind: {
      type: 'enum',
      label: 'Kind of holder',
      values: stockHolderKinds,
      notNull: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    holderId: { type: 'text', label: 'Holder’s id', notNull: true, filterable: true, column: 'optional' },
    quantity: { type: 'integer', label: 'Still out', notNull: true, sortable: true, filterable: true },
    place: {
      type: 'ref',
      to: 'places',
      label: 'From',
      about: 'The place it was given out from.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    since: { type: 'instant', label: 'Since', notNull: true, sortable: true, filterable: true },
    dueOn: { type: 'date', label: 'Due', about: 'Empty when it is meant to stay.', sortable: true, filterable: true },
    state: {
      type: 'enum',
      label: 'State',
      about: 'Out, overdue (the due day has passed, UTC) or returned.',
      values: holdingStates,
      notNull: true,
      filterable: true,
      facet: true,
    },
  },
});

const root = '/api/v1/stock-items';
export const stockItemListRoutes = listRoutesOf(stockItemResource, root, 'assets:read');
export const stockLevelListRoutes = listRoutesOf(stockLevelResource, '/api/v1/stock-levels', 'assets:read');
export const stockMovementListRoutes = listRoutesOf(stockMovementResource, '/api/v1/stock-movements', 'assets:read');
export const stockHoldingListRoutes = listRoutesOf(stockHoldingResource, '/api/v1/stock-holdings', 'assets:read');

export const stockItemSchema = z.object({
  id: idSchema,
  name: z.string(),
  category: z.enum(stockCategories),
  mode: z.enum(stockModes),
  manufacturer: z.string().nullable(),
  partNumber: z.string().nullable(),
  unit: z.string(),
  /** Over all places; null when none is set. */
  minimum: z.number().int().nullable(),
  notes: z.string().nullable(),
  status: z.enum(stockStatuses),
  onHand: z.number().int(),
  out: z.number().int(),
  /** False once something has moved: `mode` is then fixed. */
  modeIsOpen: z.boolean(),
  archivedAt: instantSchema.nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type StockItem = z.infer<typeof stockItemSchema>;

const most = 1_000_000;
const text = (max: number) => z.string().trim().min(1).max(max);
const values = {
  name: text(200),
  category: z.enum(stockCategories),
  manufacturer: text(200).nullable(),
  partNumber: text(200).nullable(),
  unit: text(40),
  minimum: z.number().int().min(0).max(most).nullable(),
  notes: text(10_000).nullable(),
};
export const stockItemCreateSchema = z.strictObject({
  name: values.name,
  category: values.category.default('accessory'),
  mode: z.enum(stockModes),
  manufacturer: values.manufacturer.default(null),
  partNumber: values.partNumber.default(null),
  unit: values.unit.default('piece'),
  minimum: values.minimum.default(null),
  notes: values.notes.default(null),
});
export type StockItemCreate = z.output<typeof stockItemCreateSchema>;
export const stockItemUpdateSchema = z
  .strictObject({ ...values, mode: z.enum(stockModes), archived: z.boolean() })
  .partial()
  .meta({ description: '`mode` only before the first movement; `archived` only when nothing is on hand or out.' });
export type StockItemUpdate = z.output<typeof stockItemUpdateSchema>;

const tag = 'Stock';
const idParams = z.object({ id: idSchema });
const shared = { tag, access: 'assets:write' } as const;

export const getStockItem = defineRoute({
  method: 'GET',
  path: `${root}/:id`,
  tag,
  access: 'assets:read',
  summary: 'Get a stock item',
  params: idParams,
  response: stockItemSchema,
  errors: ['not_found'],
});
export const createStockItem = defineRoute({
  ...shared,
  method: 'POST',
  path: root,
  summary: 'Add a stock item',
  body: stockItemCreateSchema,
  response: stockItemSchema,
  status: 201,
  errors: ['validation_failed'],
});
export const updateStockItem = defineRoute({
  ...shared,
  method: 'PATCH',
  path: `${root}/:id`,
  summary: 'Change or archive a stock item',
  params: idParams,
  body: stockItemUpdateSchema,
  response: stockItemSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'stale', 'conflict'],
});

/** What a movement left behind: the item's totals, and the movements that were written. */
export const stockChangeSchema = z.object({ item: stockItemSchema, movements: z.array(idSchema) });
export type StockChange = z.infer<typeof stockChangeSchema>;

const quantity = z.number().int().min(1).max(most);
const details = {
  note: text(1000).nullable().default(null),
  at: instantSchema
    .optional()
    .meta({ description: 'When it happened; now unless given. Never in the future, never before the last movement of the place.' }),
};
const verb = {
  ...shared,
  method: 'POST',
  params: idParams,
  response: stockChangeSchema,
  errors: ['validation_failed', 'not_found', 'conflict'],
} as const;

export const receiveStockBody = z.strictObject({ placeId: idSchema, quantity, ...details });
export type ReceiveStock = z.output<typeof receiveStockBody>;
export const receiveStock = defineRoute({
  ...verb,
  path: `${root}/:id/receive`,
  summary: 'Receive stock into a place',
  body: receiveStockBody,
});

export const issueStockBody = z.strictObject({
  placeId: idSchema,
  quantity,
  holder: z
    .object({ kind: z.enum(stockHolderKinds), id: idSchema })
    .nullable()
    .default(null)
    .meta({ description: 'Who is given it. A two-way item needs one.' }),
  dueOn: dateSchema.nullable().default(null).meta({ description: 'The day it is to come back; two-way items only.' }),
  ...details,
});
export type IssueStock = z.output<typeof issueStockBody>;
export const issueStock = defineRoute({
  ...verb,
  path: `${root}/:id/issue`,
  summary: 'Issue a one-way item or check out a two-way item',
  description: 'Refused with `conflict` when the place has less than asked for; the message says how many are left and where.',
  body: issueStockBody,
});

export const transferStockBody = z.strictObject({ fromPlaceId: idSchema, toPlaceId: idSchema, quantity, ...details });
export type TransferStock = z.output<typeof transferStockBody>;
export const transferStock = defineRoute({
  ...verb,
  path: `${root}/:id/transfer`,
  summary: 'Move stock from one place to another',
  body: transferStockBody,
});

export const countStockBody = z.strictObject({
  placeId: idSchema,
  counted: z.number().int().min(0).max(most).meta({ description: 'How many are really on hand.' }),
  reason: text(1000),
  at: details.at,
});
export type CountStock = z.output<typeof countStockBody>;
export const countStock = defineRoute({
  ...verb,
  path: `${root}/:id/count`,
  summary: 'Set what is on hand to what was counted',
  description: 'Writes one adjustment by the difference, and none when the count agrees.',
  body: countStockBody,
});

export const writeOffStockBody = z.strictObject({ placeId: idSchema, quantity, kind: z.enum(['loss', 'damage']), ...details });
export type WriteOffStock = z.output<typeof writeOffStockBody>;
export const writeOffStock = defineRoute({
  ...verb,
  path: `${root}/:id/write-off`,
  summary: 'Take lost or damaged stock out of a place',
  body: writeOffStockBody,
});

export const setStockMinimumBody = z.strictObject({ placeId: idSchema, minimum: values.minimum });
export type SetStockMinimum = z.output<typeof setStockMinimumBody>;
export const setStockMinimum = defineRoute({
  ...verb,
  path: `${root}/:id/minimum`,
  summary: 'Set the minimum stock of an item in a place',
  body: setStockMinimumBody,
});

export const returnStockBody = z.strictObject({
  returned: z.number().int().min(0).max(most).default(0).meta({ description: 'Came back and can be used again.' }),
  lost: z.number().int().min(0).max(most).default(0),
  damaged: z.number().int().min(0).max(most).default(0).meta({ description: 'Came back, or did not, and cannot be used.' }),
  placeId: idSchema.optional().meta({ description: 'Where it is put; the place it was given out from unless given.' }),
  ...details,
});
export type ReturnStock = z.output<typeof returnStockBody>;
export const returnStock = defineRoute({
  ...verb,
  path: '/api/v1/stock-holdings/:id/return',
  summary: 'Take back what a holder has, all or a part',
  body: returnStockBody,
});

export const reverseMovementBody = z.strictObject({ note: text(1000).nullable().default(null) });
export type ReverseMovement = z.output<typeof reverseMovementBody>;
export const reverseMovement = defineRoute({
  ...verb,
  path: '/api/v1/stock-movements/:id/reverse',
  summary: 'Undo a movement by a counter-movement',
  description: 'Both stay in the history. A transfer is undone on both sides. Refused when the stock has gone on meanwhile.',
  body: reverseMovementBody,
});

export const personStockSchema = z.object({
  /** What the person has now, the first due first; at most 500. */
  holdings: z.array(
    z.object({
      id: idSchema,
      item: refSchema,
      unit: z.string(),
      quantity: z.number().int(),
      place: refSchema,
      since: instantSchema,
      dueOn: dateSchema.nullable(),
      overdue: z.boolean(),
    }),
  ),
  /** One-way items the person was given, newest first; at most 100. Undone ones are left out. */
  issued: z.array(z.object({ id: idSchema, item: refSchema, unit: z.string(), quantity: z.number().int(), at: instantSchema })),
});
export type PersonStock = z.infer<typeof personStockSchema>;
export const getPersonStock = defineRoute({
  method: 'GET',
  path: '/api/v1/people/:id/stock',
  tag,
  access: 'assets:read',
  summary: 'Which accessories a person has, and which consumables they were given',
  description: 'Only from places that the caller may read.',
  params: idParams,
  response: personStockSchema,
  errors: ['not_found'],
});
