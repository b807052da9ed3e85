import { notificationPath, notificationSentence } from '@muster/api/notification-sentences';
import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { reachableIds } from '../../platform/listing/index.ts';
import { notificationKind } from '../../platform/notifying/kinds.ts';
import { actorById } from '../access/index.ts';
import { readSettings } from '../operations/index.ts';
import { type DueRow, dropFromMail, insertMail, recipientsDue, takeDue } from './store-mail.ts';
import { isStopped, preferencesOf } from './store-subscriptions.ts';
import { unsubscribeToken } from './unsubscribe.ts';

/** So many notifications go into one mail; what is more comes with the next. */
const perMail = 200;
const recipientsAtOnce = 200;

/** Writes the mails that are due: one per recipient with all that waits for it. Answers how many. */
export async function composeMails(platform: Platform, signal?: AbortSignal): Promise<number> {
  const now = platform.now();
  let written = 0;
  for (const recipient of await recipientsDue(platform.db, now, recipientsAtOnce)) {
    if (signal?.aborted) break;
    if (await inTx(platform.db, (tx) => composeFor(platform, tx, recipient, now))) written += 1;
  }
  return written;
}

async function composeFor(platform: Platform, tx: Tx, recipient: string, now: Date): Promise<boolean> {
  const taken = await takeDue(tx, recipient, now, perMail);
  const [kind, ...rest] = recipient.split(':');
  const who = kind === 'user' ? await account(tx, rest.join(':')) : await addressee(tx, rest.join(':'));
  const kept = who ? (who.userId ? await stillSeen(tx, who.userId, taken, now) : taken) : [];
  const keptIds = new Set(kept.map((n) => n.id));
  await dropFromMail(
    tx,
    taken.filter((n) => !keptIds.has(n.id)).map((n) => n.id),
  );
  if (!who || kept.length === 0) return false;
  const { organisation } = await readSettings(tx);
  const stop = unsubscribeToken(platform, who);
  const parts = textsOf(kept, who.language, { organisation, baseUrl: platform.config.baseUrl, stop });
  const mail = { id: newId(now.getTime()), user_id: who.userId, address: who.address, language: who.language, ...parts };
  await insertMail(tx, mail, [...keptIds], now);
  return true;
}

interface Addressee {
  readonly userId: string | null;
  readonly address: string;
  readonly language: 'en' | 'de';
}

async function account(tx: Tx, userId: string): Promise<Addressee | null> {
  const found = (await preferencesOf(tx, [userId])).get(userId);
  return found && !found.mailPaused ? { userId, address: found.address, language: found.language } : null;
}

async function addressee(tx: Tx, address: string): Promise<Addressee | null> {
  return (await isStopped(tx, address)) ? null : { userId: null, address, language: 'en' };
}

/** A digest goes out hours or days after it was found: what the user's roles no longer show is left out. A holder's own thing stays. */
async function stillSeen(tx: Tx, userId: string, rows: readonly DueRow[], now: Date): Promise<DueRow[]> {
  const actor = await actorById(tx, 'user', userId, now);
  if (!actor) return [];
  const kept: DueRow[] = [];
  for (const [key, group] of Map.groupBy(rows, (r) => r.kind)) {
    const kind = notificationKind(key);
    if (!kind) {
      kept.push(...group);
      continue;
    }
    const ids = group.map((r) => r.row_id);
    const seen = await reachableIds(tx, kind.listing, ids, actor, kind.permission);
    kept.push(...group.filter((r) => r.facts['toHolder'] === true || seen.has(r.row_id)));
  }
  return rows.filter((r) => kept.includes(r));
}

const words = {
  en: {
    many: (n: number, organisation: string) => `${organisation}: ${n} notifications from Muster`,
    settings: 'Change what you are told of',
    stop: 'Stop all mails',
  },
  de: {
    many: (n: number, organisation: string) => `${organisation}: ${n} Benachrichtigungen von Muster`,
    settings: 'Benachrichtigungen einstellen',
    stop: 'Keine Mails mehr',
  },
} as const;

/** Subject, text and simple HTML of a mail. Every value is escaped: names come from devices and people. */
export function textsOf(
  rows: readonly Pick<DueRow, 'kind' | 'subject_type' | 'subject_id' | 'facts'>[],
  language: 'en' | 'de',
  around: { organisation: string; baseUrl: string; stop: string },
): { subject: string; body_text: string; body_html: string } {
  const lines = rows.map((r) => {
    const path = notificationPath({ kind: r.kind, subjectType: r.subject_type, subjectId: r.subject_id, facts: r.facts });
    return { said: oneLine(notificationSentence(r.kind, r.facts, language)), link: path === null ? null : `${around.baseUrl}${path}` };
  });
  const { many, settings, stop } = words[language];
  const settingsUrl = `${around.baseUrl}/notification-settings`;
  const stopUrl = `${around.baseUrl}/unsubscribe/${around.stop}`;
  const [only] = lines;
  return {
    subject: lines.length === 1 && only ? only.said.slice(0, 200) : many(lines.length, oneLine(around.organisation)),
    body_text: `${lines.map((l) => (l.link ? `- ${l.said}\n  ${l.link}` : `- ${l.said}`)).join('\n')}\n\n-- \n${settings}: ${settingsUrl}\n${stop}: ${stopUrl}\n`,
    body_html: `<!doctype html><html lang="${language}"><body><ul>${lines
      .map((l) => (l.link ? `<li><a href="${escaped(l.link)}">${escaped(l.said)}</a></li>` : `<li>${escaped(l.said)}</li>`))
      .join('')}</ul><p><a href="${escaped(settingsUrl)}">${settings}</a> · <a href="${escaped(stopUrl)}">${stop}</a></p></body></html>`,
  };
}

/** No value may begin a new line of a header or of the text. */
const oneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim();
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c] ?? c);
