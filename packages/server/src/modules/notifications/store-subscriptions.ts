import type { NotificationPreferences } from '@muster/api/notifications';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { allOf, joinsFor, type Listing, type Sql } from '../../platform/listing/index.ts';

export interface SubscriptionRow {
  id: string;
  user_id: string;
  kind: string;
  view_id: string | null;
  view_name: string | null;
  lead_days: number | null;
  in_app: boolean;
  mail: boolean;
  timing: 'at_once' | 'daily' | 'weekly';
  problem: string | null;
  revision: number;
  created_at: Date;
  version: number;
}

const shown = sql`select s.*, v.name as view_name from notification_subscriptions s left join saved_views v on v.id = s.view_id`;

export async function subscriptionsOf(db: Db, userId: string): Promise<SubscriptionRow[]> {
  return (await sql<SubscriptionRow>`${shown} where s.user_id = ${userId} order by s.created_at, s.id`.execute(db)).rows;
}

export async function subscriptionById(db: Db, id: string, userId: string): Promise<SubscriptionRow | undefined> {
  return (await sql<SubscriptionRow>`${shown} where s.id = ${id} and s.user_id = ${userId}`.execute(db)).rows[0];
}

/** The ids of all subscriptions of enabled users. */
export async function allSubscriptionIds(db: Db): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select s.id from notification_subscriptions s join users u on u.id = s.user_id and not u.disabled order by s.id`.execute(db);
  return rows.map((r) => r.id);
}

/** Locks one until the transaction ends; undefined when it is gone or another worker looks at it. */
export async function takeSubscription(tx: Tx, id: string): Promise<SubscriptionRow | undefined> {
  return (
    await sql<SubscriptionRow>`select s.*, (select v.name from saved_views v where v.id = s.view_id) as view_name
      from notification_subscriptions s where s.id = ${id} for update skip locked`.execute(tx)
  ).rows[0];
}

/** False when the user has one of this kind and view. */
export async function insertSubscription(
  tx: Tx,
  s: Pick<SubscriptionRow, 'id' | 'user_id' | 'kind' | 'view_id' | 'lead_days' | 'in_app' | 'mail' | 'timing'>,
  now: Date,
): Promise<boolean> {
  const { numAffectedRows } =
    await sql`insert into notification_subscriptions (id, user_id, kind, view_id, lead_days, in_app, mail, timing, created_at, updated_at)
    values (${s.id}, ${s.user_id}, ${s.kind}, ${s.view_id}, ${s.lead_days}, ${s.in_app}, ${s.mail}, ${s.timing}, ${now}, ${now})
    on conflict do nothing`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

export async function updateSubscriptionRow(
  tx: Tx,
  id: string,
  version: number,
  s: Pick<SubscriptionRow, 'lead_days' | 'in_app' | 'mail' | 'timing'>,
  now: Date,
): Promise<boolean> {
  const { numAffectedRows } =
    await sql`update notification_subscriptions set lead_days = ${s.lead_days}, in_app = ${s.in_app}, mail = ${s.mail}, timing = ${s.timing},
    updated_at = ${now}, version = version + 1 where id = ${id} and version = ${version}`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

export async function deleteSubscriptionRow(tx: Tx, id: string, userId: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from notification_subscriptions where id = ${id} and user_id = ${userId}`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

export async function setProblem(tx: Tx, id: string, problem: string | null): Promise<void> {
  await sql`update notification_subscriptions set problem = ${problem} where id = ${id} and problem is distinct from ${problem}`.execute(
    tx,
  );
}

export interface ViewRowLabel {
  row_id: string;
  label: string | null;
}

/** The rows a view has now, up to `limit`. */
export async function rowsOfView(db: Db, listing: Listing, conditions: readonly Sql[], limit: number): Promise<ViewRowLabel[]> {
  const { spec, resource } = listing;
  const label = spec.columns[resource.titleField]?.sql ?? spec.id;
  const all = [...(spec.where ? [spec.where] : []), ...conditions];
  const joins = joinsFor(listing, [{ join: Object.keys(spec.joins ?? {}) }]);
  return (
    await sql<ViewRowLabel>`select ${spec.id}::text as row_id, (${label})::text as label from ${spec.from} ${joins} where ${allOf(all)} limit ${limit}`.execute(
      db,
    )
  ).rows;
}

/** Makes the snapshot of a view hold exactly these rows; answers which are new and which are gone. */
export async function replaceViewRows(
  tx: Tx,
  subscriptionId: string,
  rows: readonly ViewRowLabel[],
): Promise<{ added: ViewRowLabel[]; removed: ViewRowLabel[] }> {
  const ids = rows.map((r) => r.row_id);
  const added = await sql<ViewRowLabel>`insert into notification_view_rows (subscription_id, row_id, label)
    select ${subscriptionId}, i, l from unnest(${ids}::text[], ${rows.map((r) => r.label)}::text[]) as r (i, l)
    on conflict do nothing returning row_id, label`.execute(tx);
  const removed = await sql<ViewRowLabel>`delete from notification_view_rows where subscription_id = ${subscriptionId}
    and not row_id = any(${ids}::text[]) returning row_id, label`.execute(tx);
  return { added: added.rows, removed: removed.rows };
}

/** The number of the change that was just seen. */
export async function nextRevision(tx: Tx, id: string): Promise<number> {
  const { rows } = await sql<{
    revision: number;
  }>`update notification_subscriptions set revision = revision + 1 where id = ${id} returning revision`.execute(tx);
  return rows[0]?.revision ?? 0;
}

export interface PreferenceRow extends NotificationPreferences {
  userId: string;
  address: string;
}

/** How users want to be written to; who chose nothing gets the usual. */
export async function preferencesOf(db: Db, userIds: readonly string[]): Promise<Map<string, PreferenceRow>> {
  const { rows } = await sql<PreferenceRow>`select u.id as "userId", u.email as address, coalesce(p.time_zone, 'UTC') as "timeZone",
      coalesce(p.digest_hour, 7) as "digestHour", coalesce(p.digest_weekday, 1) as "digestWeekday",
      coalesce(p.language, case when u.locale = 'de' then 'de' else 'en' end) as language, coalesce(p.mail_paused, false) as "mailPaused"
    from users u left join notification_preferences p on p.user_id = u.id where u.id = any(${userIds}::uuid[]) and not u.disabled`.execute(
    db,
  );
  return new Map(rows.map((r) => [r.userId, r]));
}

export async function putPreferenceRow(tx: Tx, userId: string, p: NotificationPreferences): Promise<void> {
  await sql`insert into notification_preferences (user_id, time_zone, digest_hour, digest_weekday, language, mail_paused)
    values (${userId}, ${p.timeZone}, ${p.digestHour}, ${p.digestWeekday}, ${p.language}, ${p.mailPaused})
    on conflict (user_id) do update set time_zone = excluded.time_zone, digest_hour = excluded.digest_hour,
      digest_weekday = excluded.digest_weekday, language = excluded.language, mail_paused = excluded.mail_paused`.execute(tx);
}

export async function isStopped(db: Db, address: string): Promise<boolean> {
  return (await sql`select 1 from notification_stopped_addresses where address = ${address.toLowerCase()}`.execute(db)).rows.length > 0;
}

export async function stopAddress(tx: Tx, address: string, stopped: boolean, now: Date): Promise<void> {
  if (stopped)
    await sql`insert into notification_stopped_addresses (address, stopped_at) values (${address.toLowerCase()}, ${now}) on conflict do nothing`.execute(
      tx,
    );
  else await sql`delete from notification_stopped_addresses where address = ${address.toLowerCase()}`.execute(tx);
}
