import { z } from 'zod';
import { conditionSchema } from './custody.ts';
import { dateSchema, instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** `named`: the assets that somebody put in. `matching`: whatever is of a class or model, at a place and below. */
export const poolKinds = ['named', 'matching'] as const;
export type PoolKind = (typeof poolKinds)[number];

/** A loaner pool: assets that are lent, of which anyone will do. */
export const loanPoolResource = defineResource({
  name: 'loan-pools',
  label: 'Loaner pool',
  plural: 'Loaner pools',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    kind: { type: 'enum', label: 'Members', values: poolKinds, notNull: true, filterable: true, facet: true },
    class: { type: 'enum', label: 'Class', filterable: true },
    model: { type: 'text', label: 'Model', filterable: true },
    place: { type: 'ref', to: 'places', label: 'Place', filterable: true },
    noShowDays: {
      type: 'integer',
      label: 'Days kept',
      about: 'Whole days after the first one for which something that nobody collects is kept.',
      notNull: true,
      filterable: true,
      column: 'optional',
    },
    reserved: { type: 'integer', label: 'Reserved', about: 'Reservations to be collected, now or later.', notNull: true, filterable: true },
    waiting: { type: 'integer', label: 'Waiting', about: 'Reservations on the waitlist.', notNull: true, filterable: true },
    note: { type: 'text', label: 'Note', filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const loanPoolListRoutes = listRoutesOf(loanPoolResource, '/api/v1/loan-pools', 'assets:read');

const poolBody = {
  name: z.string().trim().min(1).max(200),
  class: z.string().min(1).max(60).nullable().meta({ description: 'For matching pools: key of the class; classes below it count too.' }),
  model: z.string().trim().min(1).max(200).nullable().meta({ description: 'For matching pools: name of the model, without case.' }),
  placeId: idSchema.nullable().meta({ description: 'For matching pools: members are there or below. Otherwise where it is kept.' }),
  assets: z.array(idSchema).max(500).meta({ description: 'For named pools: the members.' }),
  noShowDays: z.number().int().min(0).max(365),
  note: z.string().trim().max(1000).nullable(),
};
const poolMemberSchema = refSchema.extend({ tag: z.string().nullable(), serial: z.string().nullable() });
export const loanPoolSchema = z.object({
  id: idSchema,
  name: poolBody.name,
  kind: z.enum(poolKinds),
  class: poolBody.class,
  model: poolBody.model,
  place: refSchema.nullable(),
  noShowDays: poolBody.noShowDays,
  note: poolBody.note,
  members: z.array(poolMemberSchema).meta({ description: 'What can be lent; at most 500.' }),
  version: z.number().int(),
});
export type LoanPool = z.output<typeof loanPoolSchema>;

const poolTag = 'Loaner pools';
const idParams = z.object({ id: idSchema });
export const getLoanPool = defineRoute({
  method: 'GET',
  path: '/api/v1/loan-pools/:id',
  tag: poolTag,
  access: 'assets:read',
  summary: 'Read a loaner pool with its members',
  params: idParams,
  response: loanPoolSchema,
  errors: ['not_found'],
});
export const createPoolBody = z.strictObject({
  name: poolBody.name,
  kind: z.enum(poolKinds),
  class: poolBody.class.default(null),
  model: poolBody.model.default(null),
  placeId: poolBody.placeId.default(null),
  assets: poolBody.assets.default([]),
  noShowDays: poolBody.noShowDays.default(1),
  note: poolBody.note.default(null),
});
export type CreatePool = z.output<typeof createPoolBody>;
export const createLoanPool = defineRoute({
  method: 'POST',
  path: '/api/v1/loan-pools',
  tag: poolTag,
  access: 'assets:write',
  summary: 'Add a loaner pool',
  body: createPoolBody,
  response: loanPoolSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updatePoolBody = z.strictObject(poolBody).partial();
export type UpdatePool = z.output<typeof updatePoolBody>;
export const updateLoanPool = defineRoute({
  method: 'PATCH',
  path: '/api/v1/loan-pools/:id',
  tag: poolTag,
  access: 'assets:write',
  summary: 'Change a loaner pool',
  description: 'Reservations that have an asset keep it, also when it is no member any more.',
  params: idParams,
  body: updatePoolBody,
  response: loanPoolSchema,
  ifMatch: true,
  errors: ['not_found', 'validation_failed', 'conflict', 'stale'],
});
export const deleteLoanPool = defineRoute({
  method: 'DELETE',
  path: '/api/v1/loan-pools/:id',
  tag: poolTag,
  access: 'assets:write',
  summary: 'Remove a loaner pool',
  description: 'Refused while anything was ever reserved of it.',
  params: idParams,
  status: 204,
  errors: ['not_found', 'conflict'],
});

export const reservationStates = ['waiting', 'reserved', 'collected', 'overdue', 'returned', 'cancelled', 'expired'] as const;
export type ReservationState = (typeof reservationStates)[number];
export const reservationHolderKinds = ['person', 'team'] as const;

/** Who is to have what over which days. */
export const reservationResource = defineResource({
  name: 'reservations',
  label: 'Reservation',
  plural: 'Reservations',
  titleField: 'what',
  defaultSort: '-from',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    what: { type: 'text', label: 'What', about: 'The asset or the pool that is reserved.', notNull: true, filterable: true },
    quantity: { type: 'integer', label: 'Quantity', notNull: true, filterable: true },
    holder: { type: 'text', label: 'For', notNull: true, filterable: true },
    holderKind: {
      type: 'enum',
      label: 'Kind of holder',
      values: reservationHolderKinds,
      notNull: true,
      filterable: true,
      column: 'optional',
    },
    holderId: { type: 'text', label: 'Holder’s id', notNull: true, filterable: true, column: 'optional' },
    from: { type: 'date', label: 'From', notNull: true, sortable: true, filterable: true },
    to: {
      type: 'date',
      label: 'Until',
      about: 'The last day; what is collected is due then.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    state: {
      type: 'enum',
      label: 'State',
      about: 'Overdue: collected, and its last day has passed (UTC). Expired: nobody collected it.',
      values: reservationStates,
      notNull: true,
      filterable: true,
      facet: true,
    },
    blocked: {
      type: 'boolean',
      label: 'Blocked',
      about: 'An asset that is set aside for it is with somebody else, who is late or has no earlier day to bring it back.',
      notNull: true,
      filterable: true,
      facet: true,
    },
    pool: { type: 'ref', to: 'loan-pools', label: 'Loaner pool', filterable: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', about: 'When a certain asset is reserved.', filterable: true, column: 'optional' },
    note: { type: 'text', label: 'Note', filterable: true, column: 'optional' },
    madeBy: { type: 'text', label: 'Made by', notNull: true, filterable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const reservationListRoutes = listRoutesOf(reservationResource, '/api/v1/reservations', 'assets:read');

const holderSchema = z.object({ kind: z.enum(reservationHolderKinds), id: idSchema });
export const targetKinds = ['asset', 'pool'] as const;
const targetSchema = z.object({ kind: z.enum(targetKinds), id: idSchema });
export type ReservationTarget = z.output<typeof targetSchema>;

export const reservationSchema = z.object({
  id: idSchema,
  target: targetSchema.extend({ label: z.string() }),
  quantity: z.number().int(),
  holder: holderSchema.extend({ label: z.string() }),
  from: dateSchema,
  to: dateSchema,
  state: z.enum(reservationStates),
  waitingPosition: z.number().int().nullable().meta({ description: 'Place on the waitlist of what is wanted, from 1.' }),
  note: z.string().nullable(),
  /** Why it was cancelled. */
  reason: z.string().nullable(),
  madeBy: z.string(),
  createdAt: instantSchema,
  assets: z.array(
    z.object({
      asset: refSchema,
      collectedAt: instantSchema.nullable(),
      returnedAt: instantSchema.nullable(),
      blockedBy: z
        .object({ holder: z.string(), dueOn: dateSchema.nullable() })
        .nullable()
        .meta({ description: 'Who else has it, and will or may not bring it back in time.' }),
    }),
  ),
});
export type Reservation = z.output<typeof reservationSchema>;

const tag = 'Reservations';
const note = z.string().trim().min(1).max(1000);
export const getReservation = defineRoute({
  method: 'GET',
  path: '/api/v1/reservations/:id',
  tag,
  access: 'assets:read',
  summary: 'Read a reservation',
  params: idParams,
  response: reservationSchema,
  errors: ['not_found'],
});
export const reserveBody = z.strictObject({
  target: targetSchema,
  quantity: z.number().int().min(1).max(500).default(1),
  holder: holderSchema,
  from: dateSchema,
  to: dateSchema.meta({ description: 'The last day.' }),
  note: note.optional(),
  waitlist: z.boolean().default(false).meta({ description: 'Waits when it is taken, instead of being refused.' }),
});
export type Reserve = z.output<typeof reserveBody>;
export const createReservation = defineRoute({
  method: 'POST',
  path: '/api/v1/reservations',
  tag,
  access: 'assets:write',
  summary: 'Reserve an asset, or some of a pool, for a person or team',
  description:
    'Whole days, both ends included. Refused with `conflict` (`taken`) and who has it when; with `waitlist` it waits and moves up once something is free.',
  body: reserveBody,
  response: reservationSchema,
  status: 201,
  errors: ['validation_failed', 'conflict', 'not_found'],
});
export const cancelReservation = defineRoute({
  method: 'POST',
  path: '/api/v1/reservations/:id/cancel',
  tag,
  access: 'assets:write',
  summary: 'Cancel a reservation that is not collected',
  params: idParams,
  body: z.strictObject({ reason: note.optional() }),
  response: reservationSchema,
  errors: ['not_found', 'conflict'],
});
export const collectBody = z.strictObject({
  assets: z
    .array(idSchema)
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'What is taken along: what was set aside unless given. Fewer than reserved lets go of the rest.' }),
  condition: conditionSchema.optional(),
  note: note.optional(),
});
export type Collect = z.output<typeof collectBody>;
export const collectReservation = defineRoute({
  method: 'POST',
  path: '/api/v1/reservations/:id/collect',
  tag,
  access: 'assets:write',
  summary: 'Check out what was reserved, due on its last day',
  params: idParams,
  body: collectBody,
  response: reservationSchema,
  errors: ['not_found', 'validation_failed', 'conflict'],
});

export const calendarSchema = z.object({
  from: dateSchema,
  to: dateSchema,
  assets: z.array(
    z.object({
      asset: refSchema,
      busy: z.array(
        z.object({
          from: dateSchema,
          to: dateSchema,
          holder: z.string(),
          kind: z.enum(['reserved', 'collected', 'out']),
          reservationId: idSchema.nullable(),
        }),
      ),
    }),
  ),
  days: z.array(z.object({ day: dateSchema, free: z.number().int() })),
  waiting: z.array(
    z.object({
      id: idSchema,
      holder: z.string(),
      quantity: z.number().int(),
      from: dateSchema,
      to: dateSchema,
      position: z.number().int(),
    }),
  ),
});
export type ReservationCalendar = z.output<typeof calendarSchema>;
export const getReservationCalendar = defineRoute({
  method: 'GET',
  path: '/api/v1/reservations/calendar',
  tag,
  access: 'assets:read',
  summary: 'What of an asset or a pool is taken on which days',
  description: 'At most 92 days.',
  query: z.object({ kind: z.enum(targetKinds), id: idSchema, from: dateSchema, to: dateSchema }),
  response: calendarSchema,
  errors: ['not_found', 'validation_failed'],
});

export const getMyReservations = defineRoute({
  method: 'GET',
  path: '/api/v1/me/reservations',
  tag,
  access: 'self',
  summary: 'What is reserved for me and my teams',
  description: 'What is open, the soonest first; at most 200. Empty for an account without a person.',
  response: z.object({ items: z.array(reservationSchema) }),
});
export const cancelMyReservation = defineRoute({
  method: 'POST',
  path: '/api/v1/me/reservations/:id/cancel',
  tag,
  access: 'self',
  summary: 'Cancel a reservation of mine',
  params: idParams,
  body: z.strictObject({ reason: note.optional() }),
  response: reservationSchema,
  errors: ['not_found', 'conflict'],
});
