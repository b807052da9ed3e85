import { createHash } from 'node:crypto';
import { agentLineResource } from '@muster/api/agent-lines';
import type { LogLine } from '@muster/protocols';
import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const agentLineListing = defineListing(agentLineResource, {
  // Role scopes look at the asset, so it is always there.
  from: sql`osquery_lines l left join agent_states s on s.device_key = 'osquery:' || l.device_id left join observations o on o.id = s.observation_id
    left join assets a on a.id = o.asset_id`,
  id: sql`l.id`,
  columns: {
    id: { sql: sql`l.id` },
    agent: { sql: sql`('osquery:' || l.device_id)` },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`o.asset_id` },
    kind: { sql: sql`l.kind` },
    severity: { sql: sql`l.severity` },
    message: { sql: sql`l.message` },
    name: { sql: sql`l.name` },
    times: { sql: sql`l.times` },
    firstAt: { sql: sql`l.first_at` },
    lastAt: { sql: sql`l.last_at` },
  },
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});

const markOf = (line: LogLine): string =>
  createHash('sha256')
    .update(JSON.stringify([line.kind, line.severity, line.name, line.message]))
    .digest('hex')
    .slice(0, 32);

/** Adds lines of one host; those it wrote before are counted. Of more than `most` the longest unheard go. */
export async function addLines(tx: Tx, deviceId: string, lines: readonly LogLine[], most: number, now: Date): Promise<void> {
  const counted = new Map<string, { line: LogLine; times: number }>();
  for (const line of lines) {
    const mark = markOf(line);
    counted.set(mark, { line, times: (counted.get(mark)?.times ?? 0) + 1 });
  }
  if (counted.size === 0) return;
  const data = [...counted]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([mark, { line, times }]) => ({ m: mark, i: newId(), k: line.kind, s: line.severity, n: line.name, t: line.message, c: times }));
  await sql`insert into osquery_lines (device_id, mark, id, kind, severity, name, message, times, first_at, last_at)
    select ${deviceId}, decode(m, 'hex'), i, k, s, n, t, c, ${now}, ${now} from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (m text, i uuid, k text, s text, n text, t text, c integer)
    on conflict (device_id, mark) do update set times = least(osquery_lines.times::bigint + excluded.times, 2000000000)::integer, last_at = excluded.last_at`.execute(
    tx,
  );
  await sql`delete from osquery_lines where device_id = ${deviceId} and mark in (
      select mark from osquery_lines where device_id = ${deviceId} order by last_at desc, mark offset ${most})`.execute(tx);
}

/** Removes lines that were not heard since `before`, at most so many; answers how many. */
export async function pruneLines(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from osquery_lines where (device_id, mark) in (
      select device_id, mark from osquery_lines where last_at < ${before} order by last_at limit ${limit} for update skip locked)`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}
