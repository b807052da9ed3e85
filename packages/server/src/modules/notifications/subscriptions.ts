import { type FieldError, Problem } from '@muster/api/errors';
import { type NotificationPreferences, subscribableKinds, type Subscription, type SubscriptionBody } from '@muster/api/notifications';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { notificationKind } from '../../platform/notifying/kinds.ts';
import { isTimeZone } from './digest.ts';
import { currentRows } from './find.ts';
import { seenBy } from './seen-by.ts';
import {
  deleteSubscriptionRow,
  insertSubscription,
  preferencesOf,
  putPreferenceRow,
  replaceViewRows,
  subscriptionById,
  type SubscriptionRow,
  subscriptionsOf,
  updateSubscriptionRow,
} from './store-subscriptions.ts';

/** @throws Problem forbidden for a token that belongs to nobody */
export function mustBeUser(actor: Actor): string {
  if (actor.userId === null) throw new Problem('forbidden', 'Notifications belong to a person who signs in; this token has none.');
  return actor.userId;
}

const present = (s: SubscriptionRow): Subscription => ({
  id: s.id,
  kind: s.kind as Subscription['kind'],
  view: s.view_id ? { id: s.view_id, label: s.view_name ?? s.view_id } : null,
  leadDays: s.lead_days,
  inApp: s.in_app,
  mail: s.mail,
  timing: s.timing,
  problem: s.problem,
  createdAt: s.created_at.toISOString(),
  version: s.version,
});

/** A user's subscriptions and the kinds to choose from. */
export async function readSubscriptions(db: Db, actor: Actor) {
  const kinds = subscribableKinds.map((key) => {
    const kind = notificationKind(key);
    return { key, resource: kind?.listing.resource.name ?? null, leadDays: kind?.leadDays ?? null };
  });
  const items = actor.userId === null ? [] : (await subscriptionsOf(db, actor.userId)).map(present);
  return { items, kinds };
}

/** @throws Problem not_found, also for one of another user */
export async function readSubscription(db: Db, actor: Actor, id: string): Promise<Subscription> {
  const row = await subscriptionById(db, id, mustBeUser(actor));
  if (!row) throw new Problem('not_found', 'There is no subscription of yours with this id.');
  return present(row);
}

/**
 * Subscribes the actor to a kind; a watched view begins with the rows it has now. Answers the id.
 * @throws Problem validation_failed with every bad field; forbidden without the permission of the list; conflict when they have it already;
 * too_large for a view with too many rows to watch.
 */
export async function subscribe(tx: Tx, actor: Actor, body: SubscriptionBody, now: Date): Promise<string> {
  const userId = mustBeUser(actor);
  const kind = notificationKind(body.kind) ?? null;
  refuse([...channelErrors(body), ...leadErrors(body.kind, body.leadDays), ...viewErrors(body)]);
  let seen: Awaited<ReturnType<typeof seenBy>>;
  try {
    seen = await seenBy(tx, actor, kind, body.viewId, now);
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') refuse([{ field: 'viewId', code: 'unknown', message: error.message }]);
    throw error;
  }
  const id = newId(now.getTime());
  const row = {
    id,
    user_id: userId,
    kind: body.kind,
    view_id: body.viewId,
    lead_days: body.leadDays,
    in_app: body.inApp,
    mail: body.mail,
    timing: body.timing,
  };
  if (!(await insertSubscription(tx, row, now))) throw new Problem('conflict', 'You are subscribed to this already.');
  if (body.kind === 'view_changed') await replaceViewRows(tx, id, await currentRows(tx, seen));
  await audit(tx, actor, {
    action: 'notification_subscription.created',
    resource: 'notification-subscriptions',
    resourceId: id,
    summary: `Subscribed to ${body.kind.replaceAll('_', ' ')}${seen.view ? ` in “${seen.view.name}”` : ''}`,
    after: body,
  });
  return id;
}

/** What is left out stays. @throws Problem not_found, stale, validation_failed */
export async function changeSubscription(
  tx: Tx,
  actor: Actor,
  id: string,
  version: number,
  change: { [K in 'leadDays' | 'inApp' | 'mail' | 'timing']?: Subscription[K] | undefined },
  now: Date,
): Promise<void> {
  const before = await readSubscription(tx, actor, id);
  if (before.version !== version) throw new Problem('stale');
  const next = {
    leadDays: change.leadDays === undefined ? before.leadDays : change.leadDays,
    inApp: change.inApp ?? before.inApp,
    mail: change.mail ?? before.mail,
    timing: change.timing ?? before.timing,
  };
  refuse([...channelErrors(next), ...leadErrors(before.kind, next.leadDays)]);
  const row = { lead_days: next.leadDays, in_app: next.inApp, mail: next.mail, timing: next.timing };
  if (!(await updateSubscriptionRow(tx, id, version, row, now))) throw new Problem('stale');
  await audit(tx, actor, {
    action: 'notification_subscription.changed',
    resource: 'notification-subscriptions',
    resourceId: id,
    summary: `Changed the subscription to ${before.kind.replaceAll('_', ' ')}`,
    before,
    after: next,
  });
}

/** @throws Problem not_found */
export async function unsubscribeFrom(tx: Tx, actor: Actor, id: string): Promise<void> {
  const before = await readSubscription(tx, actor, id);
  await deleteSubscriptionRow(tx, id, mustBeUser(actor));
  await audit(tx, actor, {
    action: 'notification_subscription.removed',
    resource: 'notification-subscriptions',
    resourceId: id,
    summary: `Ended the subscription to ${before.kind.replaceAll('_', ' ')}`,
    before,
  });
}

const channelErrors = (body: { inApp: boolean; mail: boolean }): FieldError[] =>
  body.inApp || body.mail ? [] : [{ field: 'inApp', code: 'required', message: 'Choose at least one way: in Muster or by mail.' }];

function leadErrors(key: string, leadDays: number | null): FieldError[] {
  if (leadDays === null || (notificationKind(key)?.leadDays ?? null) !== null) return [];
  return [{ field: 'leadDays', code: 'not_asked', message: 'This kind knows no days before.' }];
}

const viewErrors = (body: SubscriptionBody): FieldError[] =>
  body.kind === 'view_changed' && body.viewId === null ? [{ field: 'viewId', code: 'required', message: 'Say which view to watch.' }] : [];

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

export async function readPreferences(db: Db, actor: Actor): Promise<NotificationPreferences & { address: string }> {
  const found = actor.userId === null ? undefined : (await preferencesOf(db, [actor.userId])).get(actor.userId);
  if (!found) return { timeZone: 'UTC', digestHour: 7, digestWeekday: 1, language: 'en', mailPaused: false, address: '' };
  const { userId: _userId, ...rest } = found;
  return rest;
}

/** @throws Problem validation_failed for a time zone that there is not, forbidden */
export async function changePreferences(tx: Tx, actor: Actor, body: NotificationPreferences): Promise<void> {
  const userId = mustBeUser(actor);
  if (!isTimeZone(body.timeZone))
    refuse([{ field: 'timeZone', code: 'unknown', message: `There is no time zone “${body.timeZone}”. Write one such as Europe/Berlin.` }]);
  const before = await readPreferences(tx, actor);
  await putPreferenceRow(tx, userId, body);
  await audit(tx, actor, {
    action: 'notification_preferences.changed',
    resource: 'notification-preferences',
    resourceId: userId,
    summary: 'Changed when and how to be written to',
    before,
    after: body,
  });
}
