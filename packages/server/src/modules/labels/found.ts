import { Problem } from '@muster/api/errors';
import type { FoundPage } from '@muster/api/labels';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { AttemptLimit } from '../../platform/http/attempts.ts';
import { newId } from '../../platform/ids.ts';
import { recordEvents } from '../assets/index.ts';
import { readSettings } from '../operations/index.ts';
import { readingsOf } from './code-value.ts';
import { foundAsset, insertFoundReport, readFoundPage, saveFoundPage } from './store-labels.ts';

const limits = new WeakMap<Platform, { reads: AttemptLimit; reports: AttemptLimit }>();

/** Per installation and address: strangers may look and write, not search for codes or flood the team. */
function limit(platform: Platform, kind: 'reads' | 'reports', ip: string): void {
  const mine = limits.get(platform) ?? {
    reads: new AttemptLimit({ max: 60, windowMs: 10 * 60_000 }),
    reports: new AttemptLimit({ max: 5, windowMs: 10 * 60_000 }),
  };
  limits.set(platform, mine);
  const now = platform.now().getTime();
  const wait = mine[kind].waitSeconds(ip, now);
  if (wait > 0) throw new Problem('too_many_requests', `Try again in ${wait} seconds.`);
  mine[kind].failed(ip, now);
}

const keyOf = (code: string): string => readingsOf(code).keys[0] ?? '';

/** What a stranger may read. Problem too_many_requests. */
export async function readFoundItem(
  platform: Platform,
  ip: string,
  code: string,
): Promise<{ enabled: boolean; organisation: string | null; contact: string; tag: string | null }> {
  limit(platform, 'reads', ip);
  const page = await readFoundPage(platform.db);
  if (!page.enabled) return { enabled: false, organisation: null, contact: '', tag: null };
  const asset = page.showTag ? await foundAsset(platform.db, keyOf(code)) : undefined;
  return {
    enabled: true,
    organisation: page.showOrganisation ? (await readSettings(platform.db)).organisation : null,
    contact: page.contact,
    tag: asset?.tag ?? null,
  };
}

/** Keeps what a stranger wrote with the asset; for a code that is none it answers the same. Problems too_many_requests, not_found when switched off. */
export async function takeFoundReport(
  platform: Platform,
  actor: Actor & { ip: string },
  code: string,
  input: { message: string; contact?: string | undefined },
): Promise<{ received: boolean }> {
  limit(platform, 'reports', actor.ip);
  const now = platform.now();
  return inTx(platform.db, async (tx) => {
    if (!(await readFoundPage(tx)).enabled) throw new Problem('not_found', 'This page is not in use.');
    const asset = await foundAsset(tx, keyOf(code));
    if (!asset) return { received: true };
    const contact = input.contact === undefined || input.contact === '' ? null : input.contact;
    const id = newId(now.getTime());
    await insertFoundReport(tx, { assetId: asset.id, id, message: input.message, contact }, now);
    await recordEvents(tx, [
      { assetId: asset.id, at: now, kind: 'found_reported', source: 'found_page', actor: null, data: { message: input.message, contact } },
    ]);
    await audit(tx, actor, {
      action: 'asset.found_reported',
      resource: 'assets',
      resourceId: asset.id,
      summary: 'Someone wrote that they found it',
      after: { message: input.message, contact },
    });
    return { received: true };
  });
}

export async function changeFoundPage(platform: Platform, actor: Actor, page: FoundPage): Promise<FoundPage> {
  return inTx(platform.db, async (tx) => {
    const before = await readFoundPage(tx);
    await saveFoundPage(tx, page);
    await audit(tx, actor, {
      action: 'found_page.changed',
      resource: 'settings',
      summary: 'Changed what the page of found items shows',
      before,
      after: page,
    });
    return page;
  });
}
