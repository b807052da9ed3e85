import { Problem } from '@muster/api/errors';
import type { MailSettings, MailSettingsBody } from '@muster/api/mail';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { readSettings } from '../operations/index.ts';
import { mailExists, putSettingsRow, queueAgain, type SettingsRow, settingsRow } from './store-mail.ts';
import { answerOf, openTransport, senderOf } from './transport.ts';

const usual: MailSettings = {
  host: '',
  port: 587,
  security: 'starttls',
  userName: null,
  fromAddress: '',
  fromName: 'Muster',
  remindHolders: false,
  remindDays: 3,
  hasPassword: false,
  configured: false,
};

/** The settings without the password. */
export async function readMailSettings(db: Db): Promise<MailSettings> {
  const s = await settingsRow(db);
  return s ? present(s) : usual;
}

const present = (s: SettingsRow): MailSettings => ({
  host: s.host,
  port: s.port,
  security: s.security,
  userName: s.user_name,
  fromAddress: s.from_address,
  fromName: s.from_name,
  remindHolders: s.remind_holders,
  remindDays: s.remind_days,
  hasPassword: s.password_sealed !== null,
  configured: true,
});

/**
 * Says how mail is sent. The stored password goes only to the server it was entered for: with another host it must be entered again.
 * @throws Problem validation_failed
 */
export async function changeMailSettings(platform: Platform, actor: Actor, body: MailSettingsBody): Promise<MailSettings> {
  return inTx(platform.db, async (tx) => {
    const before = await settingsRow(tx);
    const { password } = body;
    const keeps = password === undefined && (before?.password_sealed ?? null) !== null;
    if (keeps && before?.host !== body.host)
      throw new Problem('validation_failed', undefined, {
        errors: [{ field: 'password', code: 'required', message: 'Enter the password again: the stored one is for another server.' }],
      });
    const sealed = password === undefined ? (before?.password_sealed ?? null) : password ? platform.secrets.encrypt(password) : null;
    const row: SettingsRow = {
      host: body.host,
      port: body.port,
      security: body.security,
      user_name: body.userName === '' ? null : body.userName,
      password_sealed: sealed,
      from_address: body.fromAddress,
      from_name: body.fromName,
      remind_holders: body.remindHolders,
      remind_days: body.remindDays,
    };
    await putSettingsRow(tx, row, platform.now());
    await audit(tx, actor, {
      action: 'mail_settings.changed',
      resource: 'mail-settings',
      summary: `Mail is sent by ${body.host}`,
      before: before ? present(before) : null,
      after: { ...present(row), ...(password === undefined ? {} : { password: password ? 'entered' : 'removed' }) },
    });
    return present(row);
  });
}

/** Sends a mail now and answers what the server said. @throws Problem conflict when nothing is set yet */
export async function tryMail(platform: Platform, actor: Actor, to: string): Promise<{ sent: boolean; answer: string }> {
  const settings = await settingsRow(platform.db);
  if (!settings) throw new Problem('conflict', 'Save the mail settings first.');
  const { organisation } = await readSettings(platform.db);
  const transport = openTransport(platform, settings);
  let result: { sent: boolean; answer: string };
  try {
    const { response } = (await transport.sendMail({
      from: senderOf(settings),
      to: { name: '', address: to },
      subject: `Test mail from Muster (${organisation.replaceAll(/\s+/g, ' ')})`,
      text: `This is a test mail. Muster at ${platform.config.baseUrl} can send mail.\n`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })) as { response: string };
    result = { sent: true, answer: response };
  } catch (error) {
    result = { sent: false, answer: answerOf(error).answer };
  } finally {
    transport.close();
  }
  await inTx(platform.db, (tx) =>
    audit(tx, actor, {
      action: 'mail_settings.tested',
      resource: 'mail-settings',
      summary: `Sent a test mail to ${to}: ${result.sent ? 'accepted' : 'refused'}`,
      after: result,
    }),
  );
  return result;
}

/** Has a failed mail tried again from the start. @throws Problem not_found, conflict */
export async function sendAgain(platform: Platform, actor: Actor, id: string): Promise<{ nextAt: string }> {
  const now = platform.now();
  await inTx(platform.db, async (tx) => {
    if (!(await mailExists(tx, id))) throw new Problem('not_found', 'There is no mail with this id.');
    if (!(await queueAgain(tx, id, now))) throw new Problem('conflict', 'Only a mail that failed can be tried again.');
    await audit(tx, actor, { action: 'mail.retried', resource: 'mails', resourceId: id, summary: 'Had a failed mail tried again' });
  });
  return { nextAt: now.toISOString() };
}
