import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What can be told of. `lifecycle` comes from a transition's action and `task` from a task given to somebody; nobody subscribes to them. */
export const notificationKinds = [
  'warranty_ending',
  'custody_due',
  'stock_low',
  'acceptance_pending',
  'asset_stale',
  'view_changed',
  'lifecycle',
] as const;
export type NotificationKindKey = (typeof notificationKinds)[number];
export const subscribableKinds = notificationKinds.filter((k): k is Exclude<NotificationKindKey, 'lifecycle'> => k !== 'lifecycle');

/** What a sentence about a subject is made of; which are there depends on the kind. */
export const notificationFactsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]));
export type NotificationFacts = z.infer<typeof notificationFactsSchema>;

/** What one user was told, newest first. */
export const notificationResource = defineResource({
  name: 'notifications',
  label: 'Notification',
  plural: 'Notifications',
  titleField: 'text',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    text: { type: 'text', label: 'What', about: 'The sentence in English.', notNull: true, filterable: true },
    kind: { type: 'enum', label: 'Kind', values: notificationKinds, notNull: true, sortable: true, filterable: true, facet: true },
    createdAt: { type: 'instant', label: 'When', notNull: true, sortable: true, filterable: true },
    unread: { type: 'boolean', label: 'Unread', notNull: true, filterable: true, facet: true },
    subjectType: { type: 'text', label: 'Resource', about: 'The resource of what it is about.', filterable: true, column: 'optional' },
    subjectId: { type: 'text', label: 'Subject', about: 'The id of what it is about.', filterable: true, column: 'optional' },
    facts: { type: 'json', label: 'Facts', about: 'What the sentence is made of.', notNull: true, column: 'optional' },
    readAt: { type: 'instant', label: 'Read', filterable: true, column: 'optional' },
  },
});
const path = '/api/v1/notifications';
export const notificationListRoutes = listRoutesOf(notificationResource, path, 'self');
const tag = 'Notifications';
const params = z.object({ id: idSchema });

export const countUnread = defineRoute({
  method: 'GET',
  path: `${path}/unread-count`,
  tag,
  access: 'self',
  summary: 'How many notifications you have not read',
  response: z.object({ unread: z.number().int() }),
});
export const readNotifications = defineRoute({
  method: 'POST',
  path: `${path}/read`,
  tag,
  access: 'self',
  summary: 'Mark notifications as read or unread',
  description: 'Those given, or all of yours when none are. Ids of others are left alone.',
  body: z.strictObject({ ids: z.array(idSchema).min(1).max(1000).optional(), read: z.boolean().default(true) }),
  response: z.object({ unread: z.number().int() }),
  errors: ['validation_failed', 'forbidden'],
});

export const timings = ['at_once', 'daily', 'weekly'] as const;
const lead = z.number().int().min(0).max(730);
const content = {
  viewId: idSchema
    .nullable()
    .meta({ description: 'A saved view of the kind’s list: only its rows are told of. `view_changed` needs one.' }),
  leadDays: lead.nullable().meta({ description: 'How many days before; null for kinds that know no such time, and for their usual one.' }),
  inApp: z.boolean(),
  mail: z.boolean(),
  timing: z.enum(timings).meta({ description: 'When mails go out: at once, or together once a day or week.' }),
};
export const subscriptionSchema = z.object({
  id: idSchema,
  kind: z.enum(subscribableKinds),
  view: refSchema.nullable(),
  leadDays: content.leadDays,
  inApp: content.inApp,
  mail: content.mail,
  timing: content.timing,
  /** Why nothing can be told now, for example because the view is gone. */
  problem: z.string().nullable(),
  createdAt: instantSchema,
  version: z.number().int(),
});
export type Subscription = z.infer<typeof subscriptionSchema>;
export const subscriptionBody = z.strictObject({
  kind: z.enum(subscribableKinds),
  viewId: content.viewId.default(null),
  leadDays: content.leadDays.default(null),
  inApp: content.inApp.default(true),
  mail: content.mail.default(false),
  timing: content.timing.default('at_once'),
});
export type SubscriptionBody = z.infer<typeof subscriptionBody>;

const subscriptions = '/api/v1/notification-subscriptions';
export const listSubscriptions = defineRoute({
  method: 'GET',
  path: subscriptions,
  tag,
  access: 'self',
  summary: 'What you are told of, and what there is to choose from',
  response: z.object({
    items: z.array(subscriptionSchema),
    kinds: z.array(
      z.object({
        key: z.enum(subscribableKinds),
        /** The list whose rows it is about; null for any list. */
        resource: z.string().nullable(),
        /** Its usual lead time in days; null when it knows none. */
        leadDays: z.number().int().nullable(),
      }),
    ),
  }),
});
export const createSubscription = defineRoute({
  method: 'POST',
  path: subscriptions,
  tag,
  access: 'self',
  summary: 'Subscribe to a kind of notification',
  description: 'Nothing is told that your roles do not show you.',
  body: subscriptionBody,
  response: subscriptionSchema,
  status: 201,
  errors: ['validation_failed', 'forbidden', 'conflict', 'too_large'],
});
export const updateSubscription = defineRoute({
  method: 'PATCH',
  path: `${subscriptions}/:id`,
  tag,
  access: 'self',
  summary: 'Change a subscription',
  params,
  ifMatch: true,
  body: z.strictObject({
    leadDays: content.leadDays.optional(),
    inApp: content.inApp.optional(),
    mail: content.mail.optional(),
    timing: content.timing.optional(),
  }),
  response: subscriptionSchema,
  errors: ['validation_failed', 'not_found', 'stale'],
});
export const deleteSubscription = defineRoute({
  method: 'DELETE',
  path: `${subscriptions}/:id`,
  tag,
  access: 'self',
  summary: 'End a subscription',
  params,
  status: 204,
  errors: ['not_found'],
});

export const notificationLanguages = ['en', 'de'] as const;
export const preferencesSchema = z.object({
  timeZone: z.string().min(1).max(60).meta({ description: 'IANA name, for example `Europe/Berlin`.' }),
  digestHour: z.number().int().min(0).max(23).meta({ description: 'Local hour of daily and weekly mails.' }),
  digestWeekday: z.number().int().min(1).max(7).meta({ description: 'Of weekly mails: 1 is Monday.' }),
  language: z.enum(notificationLanguages),
  /** No mail is sent while it is true; unsubscribing by the link in a mail sets it. */
  mailPaused: z.boolean(),
});
export type NotificationPreferences = z.infer<typeof preferencesSchema>;
export const getPreferences = defineRoute({
  method: 'GET',
  path: '/api/v1/notification-preferences',
  tag,
  access: 'self',
  summary: 'When and in which language you are written to',
  response: preferencesSchema.extend({ address: z.string() }),
});
export const putPreferences = defineRoute({
  method: 'PUT',
  path: '/api/v1/notification-preferences',
  tag,
  access: 'self',
  summary: 'Choose when and in which language you are written to',
  body: preferencesSchema,
  response: preferencesSchema.extend({ address: z.string() }),
  errors: ['validation_failed', 'forbidden'],
});

const token = z.object({ token: z.string().min(20).max(500) });
const unsubscribed = z.object({ address: z.string(), stopped: z.boolean() });
export const readUnsubscribe = defineRoute({
  method: 'GET',
  path: '/api/v1/unsubscribe/:token',
  tag,
  access: 'public',
  summary: 'Whose mails the link of a mail stops',
  params: token,
  response: unsubscribed,
  errors: ['link_expired'],
});
export const unsubscribe = defineRoute({
  method: 'PUT',
  path: '/api/v1/unsubscribe/:token',
  tag,
  access: 'public',
  summary: 'Stop or allow mails by the link of a mail',
  params: token,
  body: z.strictObject({ stopped: z.boolean() }),
  response: unsubscribed,
  errors: ['link_expired', 'validation_failed'],
});
export const unsubscribeOneClick = defineRoute({
  method: 'POST',
  path: '/api/v1/unsubscribe/:token',
  tag,
  access: 'public',
  summary: 'Stop mails in one click',
  description: 'What a mail program sends for the header List-Unsubscribe-Post (RFC 8058).',
  params: token,
  consumes: 'application/x-www-form-urlencoded',
  response: unsubscribed,
  errors: ['link_expired'],
});
