import { agentResource } from '@muster/api/agents';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

/** Agents report daily; after three days something is wrong. */
const silent = sql`s.last_contact_at < now() - interval '3 days'`;

export const agentListing = defineListing(agentResource, {
  // Role scopes look at the asset, so it is always there.
  from: sql`agent_states s left join observations o on o.id = s.observation_id left join assets a on a.id = o.asset_id`,
  id: sql`s.device_key`,
  idType: 'text',
  joins: { key: sql`left join enrolment_keys k on k.id = s.enrolment_key_id` },
  columns: {
    id: { sql: sql`s.device_key` },
    device: { sql: sql`substr(s.device_key, position(':' in s.device_key) + 1)` },
    family: { sql: sql`s.family` },
    version: { sql: sql`s.agent_version` },
    health: {
      sql: sql`(case when ${silent} then 'silent' when o.last_full_at is null then 'never_full' when cardinality(s.missing_sections) > 0 then 'incomplete'
        when abs(s.clock_skew_seconds) > 300 then 'clock' else 'healthy' end)`,
    },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`o.asset_id` },
    lastContactAt: { sql: sql`s.last_contact_at` },
    lastReportAt: { sql: sql`s.last_report_at` },
    lastFullAt: { sql: sql`o.last_full_at` },
    missing: { sql: sql`nullif(array_to_string(s.missing_sections, ', '), '')` },
    lacks: { exists: (cond) => sql`exists (select 1 from unnest(s.missing_sections) as m where ${cond(sql`m`)})` },
    clockSkew: { sql: sql`s.clock_skew_seconds` },
    forceFull: { sql: sql`s.force_full` },
    enrolmentKey: { sql: sql`k.name`, ref: sql`s.enrolment_key_id`, join: 'key' },
  },
  search: sql`lower(s.device_key)`,
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});

/** The agents of these ids that there are. */
export async function agentsByKey(db: Db, deviceKeys: readonly string[]): Promise<{ device_key: string; family: string }[]> {
  return (
    await sql<{
      device_key: string;
      family: string;
    }>`select device_key, family from agent_states where device_key = any(${deviceKeys}::text[]) order by device_key`.execute(db)
  ).rows;
}

/** Notes that an agent spoke, at most every ten minutes: short talk stores nothing else. */
export async function noteContact(tx: Tx, deviceKey: string, now: Date): Promise<void> {
  await sql`update agent_states set last_contact_at = ${now} where device_key = ${deviceKey} and last_contact_at < ${now}::timestamptz - interval '10 minutes'`.execute(
    tx,
  );
}

export interface AgentHealth {
  readonly deviceKey: string;
  readonly observationId: string;
  /** Null after a partial report, which says nothing about what is missing. */
  readonly missing: readonly string[] | null;
  readonly clockSkew: number | null;
}

/** Notes what reports told of their agents. Writes only what changed, a clock by half a minute at least. Locks in the order of the keys. */
export async function noteHealth(tx: Tx, rows: readonly AgentHealth[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({ k: r.deviceKey, o: r.observationId, m: r.missing, c: r.clockSkew }));
  await sql`with r as (select * from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (k text, o uuid, m text[], c integer)),
      due as (select s.device_key from agent_states s join r on r.k = s.device_key
        where s.observation_id is distinct from r.o or s.missing_sections is distinct from coalesce(r.m, s.missing_sections)
          or (r.c is not null and (s.clock_skew_seconds is null or abs(s.clock_skew_seconds - r.c) > 30)) order by s.device_key for update of s)
    update agent_states s set observation_id = r.o, missing_sections = coalesce(r.m, s.missing_sections), clock_skew_seconds = coalesce(r.c, s.clock_skew_seconds)
    from r where r.k = s.device_key and s.device_key in (select device_key from due)`.execute(tx);
}
