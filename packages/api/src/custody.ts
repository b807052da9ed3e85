import { z } from 'zod';
import { asOfSchema, dateSchema, instantSchema } from './dates.ts';
import { assetConditions, lifecycleStateSchema } from './assets.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What can have an asset: a person, a team, a place (a stand, a meeting room), or another asset it is built into or kept with. */
export const holderKinds = ['person', 'team', 'place', 'asset'] as const;
export type HolderKind = (typeof holderKinds)[number];
export const custodyStates = ['out', 'overdue', 'returned'] as const;
export const conditionSchema = z.enum(assetConditions);

/** Who has or had which asset: one row per period, the current ones and the past. */
export const custodyResource = defineResource({
  name: 'custody',
  label: 'Custody',
  plural: 'Custody',
  titleField: 'asset',
  defaultSort: '-from',
  asOf: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, sortable: true, filterable: true },
    tag: { type: 'text', label: 'Asset tag', filterable: true },
    class: { type: 'enum', label: 'Class', notNull: true, filterable: true, column: 'optional' },
    holder: { type: 'text', label: 'Holder', about: 'The name of whoever or whatever has it.', notNull: true, filterable: true },
    holderKind: {
      type: 'enum',
      label: 'Kind of holder',
      values: holderKinds,
      notNull: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    holderId: { type: 'text', label: 'Holder’s id', notNull: true, filterable: true, column: 'optional' },
    person: { type: 'ref', to: 'people', label: 'Person', about: 'Who has it, when a person has.', filterable: true, column: 'optional' },
    from: { type: 'instant', label: 'From', notNull: true, sortable: true, filterable: true },
    to: { type: 'instant', label: 'Until', about: 'When it came back; empty while it is out.', sortable: true, filterable: true },
    dueOn: {
      type: 'date',
      label: 'Due',
      about: 'The day it is to come back; empty when it is meant to stay.',
      sortable: true,
      filterable: true,
    },
    state: {
      type: 'enum',
      label: 'State',
      about: 'Out, overdue (the due day has passed, UTC) or returned.',
      values: custodyStates,
      notNull: true,
      filterable: true,
      facet: true,
    },
    current: {
      type: 'boolean',
      label: 'Current',
      about: 'It is out now.',
      notNull: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    note: { type: 'text', label: 'Note', filterable: true, column: 'optional' },
    conditionOut: { type: 'enum', label: 'Condition out', values: assetConditions, filterable: true, column: 'optional' },
    conditionIn: { type: 'enum', label: 'Condition in', values: assetConditions, filterable: true, column: 'optional' },
    outBy: { type: 'text', label: 'Checked out by', notNull: true, filterable: true, column: 'optional' },
    inBy: { type: 'text', label: 'Checked in by', filterable: true, column: 'optional' },
  },
});

export const custodyListRoutes = listRoutesOf(custodyResource, '/api/v1/custody', 'assets:read');

export const holderSchema = z.object({ kind: z.enum(holderKinds), id: idSchema });
export type Holder = z.infer<typeof holderSchema>;

export const custodyPeriodSchema = z.object({
  id: idSchema,
  asset: refSchema,
  holder: z.object({ kind: z.enum(holderKinds), id: idSchema, label: z.string() }),
  from: instantSchema,
  /** Null while it is out. */
  to: instantSchema.nullable(),
  dueOn: dateSchema.nullable(),
  /** It is out and its due day has passed. */
  overdue: z.boolean(),
  note: z.string().nullable(),
  inNote: z.string().nullable(),
  conditionOut: conditionSchema.nullable(),
  conditionIn: conditionSchema.nullable(),
  outBy: z.string(),
  inBy: z.string().nullable(),
});
export type CustodyPeriod = z.infer<typeof custodyPeriodSchema>;

export const placementPeriodSchema = z.object({
  id: idSchema,
  place: refSchema,
  from: instantSchema,
  to: instantSchema.nullable(),
  /** `manual`, or the source that reported it; null when it is not known. */
  source: z.string().nullable(),
  actor: z.string().nullable(),
  note: z.string().nullable(),
});
export type PlacementPeriod = z.infer<typeof placementPeriodSchema>;

export const conditionPeriodSchema = z.object({
  id: idSchema,
  condition: conditionSchema,
  from: instantSchema,
  to: instantSchema.nullable(),
  actor: z.string().nullable(),
  note: z.string().nullable(),
});
export type ConditionPeriod = z.infer<typeof conditionPeriodSchema>;

export const assetCustodySchema = z.object({
  /** The moment that `custody`, `placement` and `condition` are of. */
  asOf: instantSchema,
  custody: custodyPeriodSchema.nullable(),
  placement: placementPeriodSchema.nullable(),
  condition: conditionPeriodSchema.nullable(),
  /** Newest first, at most 100 of each; the list `custody` pages through all. */
  history: z.object({
    custody: z.array(custodyPeriodSchema),
    placements: z.array(placementPeriodSchema),
    conditions: z.array(conditionPeriodSchema),
  }),
});
export type AssetCustody = z.infer<typeof assetCustodySchema>;

const tag = 'Custody';
const idParams = z.object({ id: idSchema });

export const getAssetCustody = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/custody',
  tag,
  access: 'assets:read',
  summary: 'Who has an asset, where it is and in which condition, now or at a moment',
  params: idParams,
  query: z.object({
    as_of: asOfSchema.optional(),
  }),
  response: assetCustodySchema,
  errors: ['not_found', 'validation_failed'],
});

export const personCustodySchema = z.object({
  /** What the person has now, the first due first. At most 500. */
  holds: z.array(custodyPeriodSchema),
  overdue: z.number().int(),
  /** What the person had, newest first. At most 100; the list `custody` pages through all. */
  past: z.array(custodyPeriodSchema),
});
export type PersonCustody = z.infer<typeof personCustodySchema>;

export const getPersonCustody = defineRoute({
  method: 'GET',
  path: '/api/v1/people/:id/custody',
  tag,
  access: 'people:read',
  summary: 'What a person has and had',
  description: 'Only assets that the caller may read.',
  params: idParams,
  response: personCustodySchema,
  errors: ['not_found'],
});

const note = z.string().trim().min(1).max(1000);
const many = {
  assets: z.array(idSchema).min(1).max(500).meta({ description: 'Ids of the assets.' }),
  mode: z
    .enum(['all', 'possible'])
    .default('all')
    .meta({ description: '`all` changes nothing when one of them is refused; `possible` does the others.' }),
  preview: z.boolean().default(false).meta({ description: 'Answers what would happen, and changes nothing.' }),
};
const at = instantSchema
  .optional()
  .meta({ description: 'When it happened; now unless given. Never in the future, never before what is recorded already.' });

/** What became of each asset of a call. */
export const custodyAnswerSchema = z.object({
  preview: z.boolean(),
  done: z.array(z.object({ asset: refSchema })),
  refused: z.array(z.object({ asset: refSchema, code: z.string(), message: z.string() })),
});
export type CustodyAnswer = z.infer<typeof custodyAnswerSchema>;

const verb = {
  method: 'POST',
  tag,
  access: 'assets:write',
  response: custodyAnswerSchema,
  errors: ['validation_failed', 'conflict'],
} as const;

export const checkOutBody = z.strictObject({
  ...many,
  holder: holderSchema,
  dueOn: dateSchema.nullable().default(null),
  condition: conditionSchema.optional(),
  note: note.optional(),
  despiteReservation: z
    .boolean()
    .optional()
    .meta({ description: 'Gives what is reserved for somebody else; needs the permission `reservations:override`.' }),
  at,
});
export type CheckOutBody = z.output<typeof checkOutBody>;
export const checkOut = defineRoute({
  ...verb,
  path: '/api/v1/custody/check-out',
  summary: 'Check assets out to a person, team, place or asset',
  description:
    'A person’s asset becomes assigned, any other in use, along the lifecycle. Refused per asset with a code: `reserved`, `already_out`, `not_possible`, `cycle`, `before_last`, `not_found`.',
  body: checkOutBody,
});

export const handOverBody = checkOutBody;
export type HandOverBody = z.output<typeof handOverBody>;
export const handOver = defineRoute({
  ...verb,
  path: '/api/v1/custody/hand-over',
  summary: 'Hand assets over from whoever has them to another holder',
  description: 'Ends one custody and begins the next at the same moment. Refused for an asset that nobody has (`not_out`).',
  body: handOverBody,
});

export const checkInBody = z.strictObject({
  ...many,
  place: idSchema.optional().meta({ description: 'Where it is put.' }),
  condition: conditionSchema.optional(),
  note: note.optional(),
  state: lifecycleStateSchema.optional().meta({ description: 'The state it gets; in stock unless given or out of the ordinary.' }),
  at,
});
export type CheckInBody = z.output<typeof checkInBody>;
export const checkIn = defineRoute({ ...verb, path: '/api/v1/custody/check-in', summary: 'Check assets in', body: checkInBody });

export const extendBody = z.strictObject({
  ...many,
  dueOn: dateSchema.nullable().meta({ description: 'The new due day; null: it is meant to stay.' }),
  note: note.optional(),
});
export type ExtendBody = z.output<typeof extendBody>;
export const extendCustody = defineRoute({
  ...verb,
  path: '/api/v1/custody/extend',
  summary: 'Change the day assets are due',
  body: extendBody,
});

export const placeAssetsBody = z.strictObject({ ...many, place: idSchema, note: note.optional(), at });
export type PlaceAssetsBody = z.output<typeof placeAssetsBody>;
export const placeAssets = defineRoute({
  ...verb,
  path: '/api/v1/custody/place',
  summary: 'Say where assets are',
  description: 'The place becomes a manual value of the record, from a moment on.',
  body: placeAssetsBody,
});

export const setConditionBody = z.strictObject({ ...many, condition: conditionSchema, note: note.optional(), at });
export type SetConditionBody = z.output<typeof setConditionBody>;
export const setCondition = defineRoute({
  ...verb,
  path: '/api/v1/custody/condition',
  summary: 'Say in which condition assets are',
  body: setConditionBody,
});
