import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { isStopped, preferencesOf, putPreferenceRow, stopAddress } from './store-subscriptions.ts';

const purpose = 'unsubscribe';

/**
 * The token of a mail's unsubscribe link: whom it is for, sealed with the installation's key, so that nobody can make one for someone else.
 * It works as long as the key does, as a mail may be read late.
 */
export function unsubscribeToken(platform: Platform, recipient: { userId: string | null; address: string }): string {
  return platform.secrets.encrypt(JSON.stringify([purpose, recipient.userId, recipient.address]));
}

function open(platform: Platform, token: string): { userId: string | null; address: string } {
  try {
    const [what, userId, address] = JSON.parse(platform.secrets.decrypt(token)) as [string, string | null, string];
    if (what === purpose && typeof address === 'string') return { userId, address };
  } catch {
    // Not one of ours: answered as any other link that does not work.
  }
  throw new Problem('link_expired', 'This link does not work. Sign in and change your notification settings instead.');
}

/** The address with all but its first letter and its domain hidden: whoever got the mail knows it, others need not. */
const hidden = (address: string): string => address.replace(/^(.).*(@.*)$/, '$1…$2');

/** @throws Problem link_expired */
export async function readStopped(platform: Platform, token: string): Promise<{ address: string; stopped: boolean }> {
  const { userId, address } = open(platform, token);
  const stopped = userId
    ? ((await preferencesOf(platform.db, [userId])).get(userId)?.mailPaused ?? true)
    : await isStopped(platform.db, address);
  return { address: hidden(address), stopped };
}

/** Stops or allows all mails to whom a mail went. @throws Problem link_expired */
export async function setStopped(
  platform: Platform,
  actor: Actor,
  token: string,
  stopped: boolean,
): Promise<{ address: string; stopped: boolean }> {
  const { userId, address } = open(platform, token);
  await inTx(platform.db, async (tx) => {
    if (userId) {
      const preferences = (await preferencesOf(tx, [userId])).get(userId);
      if (!preferences) throw new Problem('link_expired', 'The account of this mail is closed: nothing is sent to it any more.');
      await putPreferenceRow(tx, userId, { ...preferences, mailPaused: stopped });
    } else await stopAddress(tx, address, stopped, platform.now());
    await audit(tx, actor, {
      action: stopped ? 'notification_mail.stopped' : 'notification_mail.allowed',
      resource: 'notification-preferences',
      resourceId: userId,
      summary: `${stopped ? 'Stopped' : 'Allowed'} mails to ${address} by the link of a mail`,
    });
  });
  return { address: hidden(address), stopped };
}
