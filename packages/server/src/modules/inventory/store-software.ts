import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface CurrentSoftware {
  observation_id: string;
  evidence: number[];
}

/** The evidence that each of these observations has installed now. */
export async function currentSoftware(db: Db, rows: readonly { assetId: string; observationId: string }[]): Promise<Map<string, number[]>> {
  if (rows.length === 0) return new Map();
  const { rows: found } = await sql<CurrentSoftware>`select w.observation_id, array(select i.evidence_id from installations i
      where i.asset_id = w.asset_id and i.observation_id = w.observation_id and i.removed_at is null) as evidence
    from unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[]) as w (asset_id, observation_id)`.execute(
    db,
  );
  return new Map(found.map((r) => [r.observation_id, r.evidence]));
}

/** Evidence that is an operating system; there are a few hundred of them at most. */
export async function systemEvidence(db: Db): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`select id from evidence where channel = 'os'`.execute(db);
  return new Set(rows.map((r) => r.id));
}

export interface AddedSoftware {
  assetId: string;
  observationId: string;
  at: Date;
  titles: readonly { evidenceId: number; installedOn: string | null; path: string | null; user: string | null; lastUsed: string | null }[];
}

/** Adds installations of many machines at once: what repeats per machine is sent once per machine. */
export async function insertInstallations(tx: Tx, machines: readonly AddedSoftware[]): Promise<void> {
  const of: number[] = [];
  const evidence: number[] = [];
  const on: (string | null)[] = [];
  const path: (string | null)[] = [];
  const user: (string | null)[] = [];
  const used: (string | null)[] = [];
  for (let m = 0; m < machines.length; m++) {
    for (const t of (machines[m] as AddedSoftware).titles) {
      of.push(m + 1);
      evidence.push(t.evidenceId);
      on.push(t.installedOn);
      path.push(t.path);
      user.push(t.user);
      used.push(t.lastUsed);
    }
  }
  if (of.length === 0) return;
  await sql`insert into installations (asset_id, observation_id, evidence_id, first_seen_at, installed_on, path, user_login, last_used_at)
    select m.asset_id, m.observation_id, t.evidence_id, m.at, t.installed_on, t.path, t.user_login, t.last_used at time zone 'UTC'
    from unnest(${`{${of.join(',')}}`}::int[], ${`{${evidence.join(',')}}`}::int[], ${textArray(on)}::date[], ${textArray(path)}::text[], ${textArray(user)}::text[], ${textArray(used)}::timestamp[]) as t (m, evidence_id, installed_on, path, user_login, last_used)
    join unnest(${machines.map((m) => m.assetId)}::uuid[], ${machines.map((m) => m.observationId)}::uuid[], ${machines.map((m) => m.at)}::timestamptz[]) with ordinality as m (asset_id, observation_id, at, n) on m.n = t.m`.execute(
    tx,
  );
}

/** Marks titles as removed; the rows stay, for inventory as of any day. */
export async function removeInstallations(
  tx: Tx,
  machines: readonly { assetId: string; observationId: string; at: Date; evidence: readonly number[] }[],
): Promise<void> {
  const rows = machines.flatMap((m) => m.evidence.map((e) => ({ ...m, e })));
  if (rows.length === 0) return;
  const gone = sql`unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[], ${`{${rows.map((r) => r.e).join(',')}}`}::int[],
    ${rows.map((r) => r.at)}::timestamptz[]) as r (asset_id, observation_id, evidence_id, at)`;
  const same = sql`i.asset_id = r.asset_id and i.observation_id = r.observation_id and i.evidence_id = r.evidence_id and i.removed_at is null`;
  // Two reports within one millisecond: what came and went in no time was never there.
  await sql`delete from installations i using ${gone} where ${same} and i.first_seen_at >= r.at`.execute(tx);
  await sql`update installations i set removed_at = r.at from ${gone} where ${same}`.execute(tx);
}

/** Notes when titles that stay were last used; never an earlier day than is known. */
export async function noteLastUses(
  tx: Tx,
  rows: readonly { assetId: string; observationId: string; evidenceId: number; lastUsed: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`update installations i set last_used_at = r.used at time zone 'UTC' from unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[],
      ${`{${rows.map((r) => r.evidenceId).join(',')}}`}::int[], ${rows.map((r) => r.lastUsed)}::timestamp[]) as r (asset_id, observation_id, evidence_id, used)
    where i.asset_id = r.asset_id and i.observation_id = r.observation_id and i.evidence_id = r.evidence_id and i.removed_at is null
      and (i.last_used_at is null or i.last_used_at < r.used at time zone 'UTC')`.execute(tx);
}

/** A text array as PostgreSQL reads it. Written here because most of the thousands of values are null. */
function textArray(values: readonly (string | null)[]): string {
  let out = '{';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out += ',';
    const v = values[i];
    out += v === null || v === undefined ? 'NULL' : `"${/["\\]/.test(v) ? v.replaceAll(/["\\]/g, '\\$&') : v}"`;
  }
  return `${out}}`;
}
