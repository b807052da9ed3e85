import { Problem } from '@muster/api/errors';
import { notificationSentence } from '@muster/api/notification-sentences';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { allNotificationKinds, type Look, type NotificationKind, notificationKind } from '../../platform/notifying/kinds.ts';
import { actorById } from '../access/index.ts';
import { mailTime } from './digest.ts';
import { seenBy, type Seen } from './seen-by.ts';
import { findDue, findDueOfHolders, type FoundRow, insertNotifications, type NewNotification, toAddress, toUser } from './store.ts';
import { settingsRow } from './store-mail.ts';
import {
  allSubscriptionIds,
  nextRevision,
  preferencesOf,
  replaceViewRows,
  rowsOfView,
  setProblem,
  type SubscriptionRow,
  takeSubscription,
} from './store-subscriptions.ts';

/** The kind of the job that looks. */
export const findJob = 'notifications.find';
/** Told of in one look at one subscription; the rest comes with the next. */
const atOnce = 500;
/** A view with more rows is not watched: its rows are remembered one by one. */
export const watchedRows = 10_000;

const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

/**
 * Looks once for everything that is due and writes what was not told before. Each subscription is a transaction of its own, so what was
 * found before a crash stays, and the unique key of notifications has the next look pass over it.
 */
export async function findAll(platform: Platform, signal?: AbortSignal): Promise<{ subscriptions: number; told: number }> {
  const ids = await allSubscriptionIds(platform.db);
  let told = 0;
  for (const id of ids) {
    if (signal?.aborted) break;
    told += await inTx(platform.db, (tx) => lookAt(tx, platform.now(), id));
  }
  if (!signal?.aborted) told += await inTx(platform.db, (tx) => remindHolders(tx, platform.now()));
  return { subscriptions: ids.length, told };
}

async function lookAt(tx: Tx, now: Date, id: string): Promise<number> {
  const subscription = await takeSubscription(tx, id);
  const actor = subscription && (await actorById(tx, 'user', subscription.user_id, now));
  if (!subscription || !actor) return 0;
  try {
    const told = await (subscription.kind === 'view_changed' ? lookAtView : lookAtKind)(tx, actor, subscription, now);
    await setProblem(tx, id, null);
    return told;
  } catch (error) {
    // A view that is gone or no longer reads, a role that was taken: the user is shown why nothing comes.
    if (!(error instanceof Problem)) throw error;
    await setProblem(tx, id, error.errors?.map((e) => e.message).join(' ') || error.message);
    return 0;
  }
}

async function lookAtKind(tx: Tx, actor: Actor, s: SubscriptionRow, now: Date): Promise<number> {
  const kind = notificationKind(s.kind);
  if (!kind) return 0;
  const { conditions } = await seenBy(tx, actor, kind, s.view_id, now);
  const look: Look = { today: dayOf(now), lead: s.lead_days ?? kind.leadDays ?? 0, since: s.created_at };
  const found = await findDue(tx, kind, look, conditions, toUser(s.user_id), atOnce);
  const mailAt = await mailAtFor(tx, s, now);
  return insertNotifications(
    tx,
    found.map((row) => notificationOf(kind, row, toUser(s.user_id), s.in_app, mailAt, now)),
    now,
  );
}

/** Null when no mail is wanted or none can be sent: then none waits until there are settings. */
async function mailAtFor(tx: Tx, s: SubscriptionRow, now: Date): Promise<Date | null> {
  if (!s.mail || !(await settingsRow(tx))) return null;
  const preferences = (await preferencesOf(tx, [s.user_id])).get(s.user_id);
  return !preferences || preferences.mailPaused ? null : mailTime(s.timing, preferences, now);
}

function notificationOf(
  kind: NotificationKind,
  row: FoundRow,
  recipient: NewNotification['recipient'],
  inApp: boolean,
  mailAt: Date | null,
  now: Date,
): NewNotification {
  return {
    id: newId(now.getTime()),
    recipient,
    kind: kind.key,
    subjectType: kind.subject?.type ?? kind.listing.resource.name,
    subjectId: row.subject_id,
    rowId: row.row_id,
    occasion: row.occasion,
    text: notificationSentence(kind.key, row.facts, 'en'),
    facts: row.facts,
    inApp,
    mailAt,
  };
}

/** The rows of a view now; Problem too_large for one with more than can be watched. */
export async function currentRows(db: Db, seen: Pick<Seen, 'listing' | 'conditions'>): Promise<{ row_id: string; label: string | null }[]> {
  const rows = await rowsOfView(db, seen.listing, seen.conditions, watchedRows + 1);
  if (rows.length > watchedRows)
    throw new Problem('too_large', `The view has more than ${watchedRows.toLocaleString('en')} rows. Watch one with a narrower filter.`);
  return rows;
}

/** What came into a watched view and what left it, told together; the snapshot and the notification are written together or not at all. */
async function lookAtView(tx: Tx, actor: Actor, s: SubscriptionRow, now: Date): Promise<number> {
  const seen = await seenBy(tx, actor, null, s.view_id, now);
  const { view } = seen;
  if (!view) return 0;
  const { added, removed } = await replaceViewRows(tx, s.id, await currentRows(tx, seen));
  if (added.length === 0 && removed.length === 0) return 0;
  const labels = (rows: readonly { label: string | null }[]): string[] => rows.slice(0, 5).flatMap((r) => r.label ?? []);
  const facts = {
    label: view.name,
    added: added.length,
    removed: removed.length,
    addedLabels: labels(added),
    removedLabels: labels(removed),
    q: view.q,
    filter: view.filter,
    sort: view.sort,
  };
  const notification: NewNotification = {
    id: newId(now.getTime()),
    recipient: toUser(s.user_id),
    kind: 'view_changed',
    subjectType: view.resource,
    subjectId: view.id,
    rowId: view.id,
    occasion: `${s.id} ${await nextRevision(tx, s.id)}`,
    text: notificationSentence('view_changed', facts, 'en'),
    facts,
    inApp: s.in_app,
    mailAt: await mailAtFor(tx, s, now),
  };
  return insertNotifications(tx, [notification], now);
}

/** Whoever holds something that is due: by their account, or without one by the e-mail address of the person. */
async function remindHolders(tx: Tx, now: Date): Promise<number> {
  const settings = await settingsRow(tx);
  if (!settings?.remind_holders) return 0;
  let told = 0;
  for (const kind of allNotificationKinds()) {
    const { holder } = kind;
    if (!holder) continue;
    const look: Look = { today: dayOf(now), lead: settings.remind_days, since: now };
    const found = await findDueOfHolders(tx, { ...kind, holder }, look, atOnce);
    const paused = await preferencesOf(
      tx,
      found.flatMap((f) => f.user_id ?? []),
    );
    told += await insertNotifications(
      tx,
      found.map((row) => {
        const { user_id: userId, address } = row;
        const recipient = userId ? toUser(userId) : toAddress(address ?? '');
        const mailAt = userId && paused.get(userId)?.mailPaused ? null : now;
        return notificationOf(kind, { ...row, facts: { ...row.facts, toHolder: true } }, recipient, true, mailAt, now);
      }),
      now,
    );
  }
  return told;
}
