import type { Transporter } from 'nodemailer';
import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import { type MailRow, noteAttempt, type SettingsRow, settingsRow, takeMail } from './store-mail.ts';
import { answerOf, openTransport, senderOf } from './transport.ts';
import { unsubscribeToken } from './unsubscribe.ts';

/** Minutes until the next try after each failure: a greylisting server is satisfied by the first ones, a broken one has two days. */
export const backOffMinutes = [1, 5, 15, 60, 240, 720, 1440];
/** Sent in one go; the rest comes with the next minute. */
const atOnce = 200;

/**
 * Sends the mails that are due. A worker holds the row of a mail until the server has answered, so that no two send one. A worker that is
 * killed in between leaves it queued: it then goes out again under the same Message-ID, by which mail programs know it.
 */
export async function sendMails(platform: Platform, signal?: AbortSignal): Promise<{ sent: number; failed: number }> {
  const settings = await settingsRow(platform.db);
  const counts = { sent: 0, failed: 0 };
  if (!settings) return counts;
  const transport = openTransport(platform, settings);
  try {
    for (let i = 0; i < atOnce; i++) {
      if (signal?.aborted) break;
      const sent = await inTx(platform.db, (tx) => sendNext(platform, tx, transport, settings));
      if (sent === null) break;
      counts[sent ? 'sent' : 'failed'] += 1;
    }
  } finally {
    transport.close();
  }
  return counts;
}

/** True: it was sent; false: it was not; null: there is none. */
async function sendNext(platform: Platform, tx: Tx, transport: Transporter, settings: SettingsRow): Promise<boolean | null> {
  const now = platform.now();
  const mail = await takeMail(tx, now);
  if (!mail) return null;
  try {
    const { response } = (await transport.sendMail(messageOf(platform, mail, settings))) as { response: string };
    await noteAttempt(tx, mail.id, { state: 'sent', answer: response.slice(0, 1000), nextAt: null, sentAt: platform.now() });
    return true;
  } catch (error) {
    const { answer, isFinal } = answerOf(error);
    const wait = backOffMinutes[mail.attempts];
    const again = !isFinal && wait !== undefined;
    await noteAttempt(tx, mail.id, {
      state: again ? 'queued' : 'failed',
      answer,
      nextAt: again ? new Date(now.getTime() + wait * 60_000) : null,
      sentAt: null,
    });
    platform.log.warn({ mail: mail.id, answer, again }, 'A mail was not sent');
    return false;
  }
}

function messageOf(platform: Platform, mail: MailRow, settings: SettingsRow) {
  const domain = settings.from_address.split('@')[1] ?? 'muster';
  const stop = unsubscribeToken(platform, { userId: mail.user_id, address: mail.address });
  return {
    from: senderOf(settings),
    to: { name: '', address: mail.address },
    subject: mail.subject,
    text: mail.body_text,
    html: mail.body_html,
    date: mail.created_at,
    messageId: `<${mail.id}@${domain}>`,
    headers: {
      // RFC 8058: the mail program posts to it without asking, so it is an address of the API.
      'List-Unsubscribe': `<${platform.config.baseUrl}/api/v1/unsubscribe/${stop}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      // RFC 3834: no out-of-office note is to answer.
      'Auto-Submitted': 'auto-generated',
      'Content-Language': mail.language,
    },
  };
}
