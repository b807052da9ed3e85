import { notificationResource, type NotificationFacts } from '@muster/api/notifications';
import { sql } from 'kysely';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { allOf, defineListing, joinsFor, type Listing, type Sql } from '../../platform/listing/index.ts';
import type { Look, NotificationKind } from '../../platform/notifying/kinds.ts';

/** What an actor was told. */
export function notificationListing(actor: Actor): Listing<typeof notificationResource> {
  return defineListing(notificationResource, {
    from: sql`notifications n`,
    id: sql`n.id`,
    where: sql`(n.user_id = ${actor.userId}::uuid and n.in_app)`,
    columns: {
      id: { sql: sql`n.id` },
      text: { sql: sql`n.text` },
      kind: { sql: sql`n.kind` },
      createdAt: { sql: sql`n.created_at` },
      unread: { sql: sql`(n.read_at is null)` },
      subjectType: { sql: sql`n.subject_type` },
      subjectId: { sql: sql`n.subject_id` },
      facts: { sql: sql`n.facts` },
      readAt: { sql: sql`n.read_at` },
    },
    search: sql`lower(n.text)`,
  });
}

export async function unreadOf(db: Db, userId: string): Promise<number> {
  const { rows } = await sql<{
    n: number;
  }>`select count(*)::int as n from notifications where user_id = ${userId} and in_app and read_at is null`.execute(db);
  return rows[0]?.n ?? 0;
}

export async function markRead(tx: Tx, userId: string, ids: readonly string[] | null, readAt: Date | null): Promise<number> {
  const { numAffectedRows } = await sql`update notifications set read_at = ${readAt} where user_id = ${userId} and in_app
    and (read_at is null) = ${readAt !== null} ${ids === null ? sql`` : sql`and id = any(${ids}::uuid[])`}`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Whom to tell: a user, or someone without an account by their address. */
export interface Recipient {
  readonly key: string;
  readonly userId: string | null;
}
export const toUser = (userId: string): Recipient => ({ key: `user:${userId}`, userId });
export const toAddress = (address: string): Recipient => ({ key: `address:${address.toLowerCase()}`, userId: null });

export interface FoundRow {
  row_id: string;
  subject_id: string;
  occasion: string;
  facts: NotificationFacts;
}

const joinsOf = (listing: Listing): Sql => joinsFor(listing, [{ join: Object.keys(listing.spec.joins ?? {}) }]);

/** Rows of a kind that are due and that this recipient was not told of for the same occasion; the first `limit` by id. */
export async function findDue(
  db: Db,
  kind: NotificationKind,
  look: Look,
  conditions: readonly Sql[],
  recipient: Recipient,
  limit: number,
): Promise<FoundRow[]> {
  const { spec } = kind.listing;
  const all = [...(spec.where ? [spec.where] : []), ...conditions, kind.due(look)];
  const { rows } = await sql<FoundRow>`select x.row_id, x.subject_id, x.occasion, x.facts from (
      select ${spec.id}::text as row_id, (${kind.subject?.id ?? spec.id})::text as subject_id, ${kind.occasion(look)} as occasion, ${kind.facts} as facts
      from ${spec.from} ${joinsOf(kind.listing)} where ${allOf(all)}) x
    where not exists (select 1 from notifications n where n.recipient = ${recipient.key} and n.kind = ${kind.key}
      and n.row_id = x.row_id and n.occasion = x.occasion)
    order by x.row_id limit ${limit}`.execute(db);
  return rows;
}

/** As `findDue` for whoever holds each thing, with their account or address; who has neither is left out. */
export async function findDueOfHolders(
  db: Db,
  kind: NotificationKind & { holder: Sql },
  look: Look,
  limit: number,
): Promise<(FoundRow & { user_id: string | null; address: string | null; locale: string | null })[]> {
  const { spec } = kind.listing;
  const all = [...(spec.where ? [spec.where] : []), kind.due(look)];
  const { rows } = await sql<
    FoundRow & { user_id: string | null; address: string | null; locale: string | null }
  >`select x.row_id, x.subject_id, x.occasion, x.facts, x.user_id, x.address, x.locale from (
      select ${spec.id}::text as row_id, (${kind.subject?.id ?? spec.id})::text as subject_id, ${kind.occasion(look)} as occasion, ${kind.facts} as facts,
        hu.id as user_id, coalesce(hu.email, hq.email) as address, hu.locale,
        coalesce('user:' || hu.id, 'address:' || lower(hq.email)) as recipient
      from ${spec.from} ${joinsOf(kind.listing)} join people hq on hq.id = ${kind.holder}
      left join lateral (select u.id, u.email, u.locale from users u where u.person_id = hq.id and not u.disabled order by u.created_at limit 1) hu on true
      where ${allOf(all)}) x
    where x.recipient is not null and not exists (select 1 from notifications n where n.recipient = x.recipient and n.kind = ${kind.key}
      and n.row_id = x.row_id and n.occasion = x.occasion)
    order by x.row_id limit ${limit}`.execute(db);
  return rows;
}

export interface NewNotification {
  readonly id: string;
  readonly recipient: Recipient;
  readonly kind: string;
  readonly subjectType: string | null;
  readonly subjectId: string;
  readonly rowId: string;
  readonly occasion: string;
  readonly text: string;
  readonly facts: NotificationFacts;
  readonly inApp: boolean;
  readonly mailAt: Date | null;
}

/** Adds what was not told yet; of two that tell the same at once one does. Answers how many were added. */
export async function insertNotifications(tx: Tx, rows: readonly NewNotification[], now: Date): Promise<number> {
  if (rows.length === 0) return 0;
  const data = rows.map((r) => ({
    i: r.id,
    r: r.recipient.key,
    u: r.recipient.userId,
    k: r.kind,
    st: r.subjectType,
    si: r.subjectId,
    w: r.rowId,
    o: r.occasion,
    t: r.text,
    f: r.facts,
    a: r.inApp,
    m: r.mailAt?.toISOString() ?? null,
  }));
  const { numAffectedRows } =
    await sql`insert into notifications (id, recipient, user_id, kind, subject_type, subject_id, row_id, occasion, text, facts, in_app, mail_at, created_at)
    select i, r, u, k, st, si, w, o, t, f, a, m, ${now} from jsonb_to_recordset(${JSON.stringify(data)}::jsonb)
      as x (i uuid, r text, u uuid, k text, st text, si text, w text, o text, t text, f jsonb, a boolean, m timestamptz)
    on conflict (recipient, kind, row_id, occasion) do nothing`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Enabled users that hold a role anywhere. */
export async function usersWithRole(db: Db, role: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select u.id from users u where not u.disabled
    and exists (select 1 from role_assignments r where r.user_id = u.id and r.role = ${role}) order by u.id`.execute(db);
  return rows.map((r) => r.id);
}

/** The account and the address of people; who has neither is left out. */
export async function contactsOf(db: Db, personIds: readonly string[]): Promise<Map<string, Recipient>> {
  const { rows } = await sql<{
    id: string;
    user_id: string | null;
    email: string | null;
  }>`select p.id, u.id as user_id, p.email from people p
    left join lateral (select u.id from users u where u.person_id = p.id and not u.disabled order by u.created_at limit 1) u on true
    where p.id = any(${personIds}::uuid[])`.execute(db);
  return new Map(
    rows.flatMap((r): [string, Recipient][] => (r.user_id ? [[r.id, toUser(r.user_id)]] : r.email ? [[r.id, toAddress(r.email)]] : [])),
  );
}
