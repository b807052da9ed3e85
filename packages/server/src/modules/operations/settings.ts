import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSettings, settingsSchema, type Settings } from '@muster/api/settings';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { databaseFacts, saveSetting, settingRows } from './store.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..', '..');
export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;

/** The settings; what was never set has its default. */
export async function readSettings(db: Db): Promise<Settings> {
  return settingsSchema.parse({ ...defaultSettings, ...(await settingRows(db)) });
}

export async function changeSettings(
  platform: Platform,
  actor: Actor,
  change: { [K in keyof Settings]?: Settings[K] | undefined },
): Promise<Settings> {
  return inTx(platform.db, async (tx) => {
    const before = await readSettings(tx);
    for (const [key, value] of Object.entries(change)) if (value !== undefined) await saveSetting(tx, key, value);
    const after = await readSettings(tx);
    await audit(tx, actor, {
      action: 'settings.changed',
      resource: 'settings',
      summary: `Settings were changed: ${Object.keys(change).join(', ') || 'nothing'}`,
      before,
      after,
    });
    return after;
  });
}

export interface SystemInfo {
  version: string;
  node: string;
  postgresql: string;
  embeddedDatabase: boolean;
  uptimeSeconds: number;
  baseUrl: string;
  databaseBytes: number;
}
export async function systemInfo({ db, config }: Platform): Promise<SystemInfo> {
  const database = await databaseFacts(db);
  return {
    version,
    node: process.version,
    postgresql: database.version,
    embeddedDatabase: config.databaseUrl === null,
    uptimeSeconds: Math.round(process.uptime()),
    baseUrl: config.baseUrl,
    databaseBytes: database.bytes,
  };
}
