import { mailResource, type MailSettingsBody } from '@muster/api/mail';
import type { NotificationFacts } from '@muster/api/notifications';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const mailListing = defineListing(mailResource, {
  from: sql`notification_mails m`,
  id: sql`m.id`,
  columns: {
    id: { sql: sql`m.id` },
    subject: { sql: sql`m.subject` },
    address: { sql: sql`m.address` },
    state: { sql: sql`m.state` },
    attempts: { sql: sql`m.attempts` },
    answer: { sql: sql`m.answer` },
    nextAt: { sql: sql`m.next_at` },
    createdAt: { sql: sql`m.created_at` },
    sentAt: { sql: sql`m.sent_at` },
  },
  search: sql`lower(m.subject || ' ' || m.address)`,
});

export interface SettingsRow {
  host: string;
  port: number;
  security: MailSettingsBody['security'];
  user_name: string | null;
  password_sealed: string | null;
  from_address: string;
  from_name: string;
  remind_holders: boolean;
  remind_days: number;
}

export async function settingsRow(db: Db): Promise<SettingsRow | undefined> {
  return (await sql<SettingsRow>`select * from mail_settings`.execute(db)).rows[0];
}

export async function putSettingsRow(tx: Tx, s: SettingsRow, now: Date): Promise<void> {
  await sql`insert into mail_settings (host, port, security, user_name, password_sealed, from_address, from_name, remind_holders, remind_days, updated_at)
    values (${s.host}, ${s.port}, ${s.security}, ${s.user_name}, ${s.password_sealed}, ${s.from_address}, ${s.from_name}, ${s.remind_holders}, ${s.remind_days}, ${now})
    on conflict (one) do update set host = excluded.host, port = excluded.port, security = excluded.security, user_name = excluded.user_name,
      password_sealed = excluded.password_sealed, from_address = excluded.from_address, from_name = excluded.from_name,
      remind_holders = excluded.remind_holders, remind_days = excluded.remind_days, updated_at = excluded.updated_at`.execute(tx);
}

/** Who has notifications that a mail is due for now. */
export async function recipientsDue(db: Db, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ recipient: string }>`select distinct recipient from notifications
    where mail_id is null and mail_at <= ${now} order by recipient limit ${limit}`.execute(db);
  return rows.map((r) => r.recipient);
}

export interface DueRow {
  id: string;
  kind: string;
  subject_type: string | null;
  subject_id: string;
  row_id: string;
  facts: NotificationFacts;
}

/** Locks what goes into one mail; what another worker takes is left out. */
export async function takeDue(tx: Tx, recipient: string, now: Date, limit: number): Promise<DueRow[]> {
  return (
    await sql<DueRow>`select id, kind, subject_type, subject_id, row_id, facts from notifications
      where recipient = ${recipient} and mail_id is null and mail_at <= ${now} order by created_at, id limit ${limit} for update skip locked`.execute(
      tx,
    )
  ).rows;
}

/** No mail goes out for these after all. */
export async function dropFromMail(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`update notifications set mail_at = null where id = any(${ids}::uuid[])`.execute(tx);
}

export interface MailRow {
  id: string;
  user_id: string | null;
  address: string;
  language: string;
  subject: string;
  body_text: string;
  body_html: string;
  state: 'queued' | 'sent' | 'failed';
  attempts: number;
  created_at: Date;
}

export async function insertMail(
  tx: Tx,
  mail: Omit<MailRow, 'state' | 'attempts' | 'created_at'>,
  notificationIds: readonly string[],
  now: Date,
): Promise<void> {
  await sql`insert into notification_mails (id, user_id, address, language, subject, body_text, body_html, next_at, created_at)
    values (${mail.id}, ${mail.user_id}, ${mail.address}, ${mail.language}, ${mail.subject}, ${mail.body_text}, ${mail.body_html}, ${now}, ${now})`.execute(
    tx,
  );
  await sql`update notifications set mail_id = ${mail.id} where id = any(${notificationIds}::uuid[])`.execute(tx);
}

/** Locks the next mail to send until the transaction ends; what another worker sends is left out. */
export async function takeMail(tx: Tx, now: Date): Promise<MailRow | undefined> {
  return (
    await sql<MailRow>`select * from notification_mails where state = 'queued' and next_at <= ${now} order by next_at, id limit 1 for update skip locked`.execute(
      tx,
    )
  ).rows[0];
}

export async function noteAttempt(
  tx: Tx,
  id: string,
  result: { state: MailRow['state']; answer: string; nextAt: Date | null; sentAt: Date | null },
): Promise<void> {
  await sql`update notification_mails set state = ${result.state}, attempts = attempts + 1, answer = ${result.answer}, next_at = ${result.nextAt},
    sent_at = ${result.sentAt} where id = ${id}`.execute(tx);
}

/** False when it has not failed. */
export async function queueAgain(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { numAffectedRows } =
    await sql`update notification_mails set state = 'queued', next_at = ${now}, attempts = 0 where id = ${id} and state = 'failed'`.execute(
      tx,
    );
  return Number(numAffectedRows ?? 0) > 0;
}

export async function mailExists(db: Db, id: string): Promise<boolean> {
  return (await sql`select 1 from notification_mails where id = ${id}`.execute(db)).rows.length > 0;
}
