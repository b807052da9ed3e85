import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** Open runs that wait for this agent or are under way with it. */
export async function openRunsOf(db: Db, agentKey: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select r.id from scan_ranges s join scan_runs r on r.range_id = s.id
    where s.agent_key = ${agentKey} and r.state in ('queued', 'running') order by r.requested_at limit 5`.execute(db);
  return rows.map((row) => row.id);
}

export interface AgentRun {
  id: string;
  range_id: string;
  state: string;
  phase: 'discovery' | 'inventory' | null;
  process_number: number | null;
}

/** The run, held until the transaction ends. */
export async function lockAgentRun(tx: Tx, id: string): Promise<AgentRun | undefined> {
  return (
    await sql<AgentRun>`select id, range_id, state, phase, process_number from scan_runs where id = ${id}::uuid for update`.execute(tx)
  ).rows[0];
}

/** The run whose job has this number, when it is this agent's; held until the transaction ends. */
export async function lockRunOfProcess(tx: Tx, processNumber: number, agentKey: string): Promise<AgentRun | undefined> {
  if (processNumber > 2_147_483_647) return undefined;
  return (
    await sql<AgentRun>`select r.id, r.range_id, r.state, r.phase, r.process_number from scan_runs r join scan_ranges s on s.id = r.range_id
      where r.process_number = ${processNumber} and s.agent_key = ${agentKey} for update of r`.execute(tx)
  ).rows[0];
}

/** Begins or goes on; the number of the process stays. */
export async function takeAgentRun(tx: Tx, id: string, total: number, now: Date): Promise<number> {
  const { rows } = await sql<{ process_number: number }>`update scan_runs set state = 'running', started_at = coalesce(started_at, ${now}),
      last_heard_at = ${now}, phase = coalesce(phase, 'discovery'), total = ${total}, process_number = coalesce(process_number, nextval('scan_process_numbers'))
    where id = ${id}::uuid returning process_number`.execute(tx);
  return rows[0]?.process_number ?? 0;
}

export async function setPhase(tx: Tx, id: string, phase: 'inventory'): Promise<void> {
  await sql`update scan_runs set phase = ${phase} where id = ${id}::uuid`.execute(tx);
}

export interface SnmpHost {
  readonly address: string;
  readonly credentialId: string;
  readonly port: number;
  readonly kind: string | null;
}

/** Notes who answered SNMP, once per address. */
export async function noteSnmpHosts(tx: Tx, runId: string, hosts: readonly SnmpHost[]): Promise<void> {
  if (hosts.length === 0) return;
  const once = [...new Map(hosts.map((h) => [h.address, h])).values()];
  await sql`insert into agent_scan_hosts (run_id, number, address, credential_id, port, kind)
    select ${runId}::uuid, (select coalesce(max(number), 0) from agent_scan_hosts where run_id = ${runId}::uuid) + h.n::integer, h.address, h.credential, h.port, h.kind
    from unnest(${once.map((h) => h.address)}::text[], ${once.map((h) => h.credentialId)}::uuid[], ${once.map((h) => h.port)}::integer[], ${once.map((h) => h.kind)}::text[])
      with ordinality as h (address, credential, port, kind, n)
    on conflict (run_id, address) do update set credential_id = excluded.credential_id, port = excluded.port, kind = excluded.kind`.execute(
    tx,
  );
}

export interface HostToRead {
  number: number;
  address: string;
  credential_id: string;
  port: number;
  kind: string | null;
}

/** Devices that are still to be read; they are asked for now. */
export async function hostsToRead(tx: Tx, runId: string): Promise<HostToRead[]> {
  const { rows } =
    await sql<HostToRead>`update agent_scan_hosts set state = 'asked' where run_id = ${runId}::uuid and state in ('waiting', 'asked')
    returning number, address, credential_id, port, kind`.execute(tx);
  return rows.sort((a, b) => a.number - b.number);
}

/** How many devices are still to be read. */
export async function countToRead(tx: Tx, runId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::integer as n from agent_scan_hosts
    where run_id = ${runId}::uuid and state in ('waiting', 'asked')`.execute(tx);
  return rows[0]?.n ?? 0;
}

/** Notes how reading devices went; answers their addresses by number. A number that the run does not have is no device of it. */
export async function noteRead(
  tx: Tx,
  runId: string,
  outcomes: readonly { number: number; failed: boolean }[],
): Promise<Map<number, string>> {
  if (outcomes.length === 0) return new Map();
  const { rows } = await sql<{
    number: number;
    address: string;
  }>`update agent_scan_hosts h set state = case when o.failed then 'failed' else 'read' end
    from unnest(${outcomes.map((o) => o.number)}::bigint[], ${outcomes.map((o) => o.failed)}::boolean[]) as o (number, failed)
    where h.run_id = ${runId}::uuid and h.number = o.number returning h.number, h.address`.execute(tx);
  return new Map(rows.map((row) => [row.number, row.address]));
}

/** Devices of which nothing came until the end. */
export async function failUnread(tx: Tx, runId: string): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`update agent_scan_hosts set state = 'failed'
    where run_id = ${runId}::uuid and state in ('waiting', 'asked') returning address`.execute(tx);
  return rows.map((row) => row.address);
}

export interface HostResultRow {
  readonly address: string;
  readonly reportId: string;
  readonly name: string | null;
  readonly values: number;
}

/** The latest report of each address in this run; what was read is more than what was found. */
export async function noteResults(tx: Tx, runId: string, results: readonly HostResultRow[]): Promise<void> {
  if (results.length === 0) return;
  const once = [...new Map(results.map((r) => [r.address, r])).values()];
  await sql`insert into scan_results (run_id, address, report_id, name, value_count, missing_count)
    select ${runId}::uuid, r.address, r.report, r.name, r.n, 0
    from unnest(${once.map((r) => r.address)}::text[], ${once.map((r) => r.reportId)}::uuid[], ${once.map((r) => r.name)}::text[], ${once.map((r) => r.values)}::integer[])
      as r (address, report, name, n)
    on conflict (run_id, address) do update set report_id = excluded.report_id, name = coalesce(excluded.name, scan_results.name), value_count = excluded.value_count`.execute(
    tx,
  );
}

/** Sets the figures of the run from what is stored. Agents do not tell of addresses that do not answer: those count as probed at the end. */
export async function refreshFigures(tx: Tx, runId: string, discovered: boolean, now: Date): Promise<void> {
  await sql`update scan_runs r set last_heard_at = ${now}, up = f.found, results = f.found, walked = f.walked,
      probed = case when ${discovered} or r.phase = 'inventory' then coalesce(r.total, f.found) else f.found end
    from (select (select count(*) from scan_results where run_id = ${runId}::uuid)::integer as found,
        (select count(*) from agent_scan_hosts where run_id = ${runId}::uuid and state = 'read')::integer as walked) f
    where r.id = ${runId}::uuid`.execute(tx);
}

/** Appends lines to the log of a run; its row must be held. A line that is the last one already is not repeated. */
export async function logRun(
  tx: Tx,
  runId: string,
  level: 'info' | 'warning' | 'error',
  messages: readonly string[],
  now: Date,
): Promise<void> {
  for (const message of messages)
    await sql`insert into scan_run_log (run_id, seq, at, level, message)
      select ${runId}::uuid, coalesce(max(seq), 0) + 1, ${now}, ${level}, ${message.slice(0, 1000)} from scan_run_log l where l.run_id = ${runId}::uuid
      having not exists (select 1 from scan_run_log x where x.run_id = ${runId}::uuid and x.message = ${message.slice(0, 1000)}
        and x.seq = (select max(seq) from scan_run_log where run_id = ${runId}::uuid))`.execute(tx);
}

/** The enrolment key that a FusionInventory or GLPI agent uses; undefined when there is no such agent. */
export async function scanningAgent(db: Db, deviceKey: string): Promise<{ enrolment_key_id: string | null } | undefined> {
  return (
    await sql<{ enrolment_key_id: string | null }>`select enrolment_key_id from agent_states
      where device_key = ${deviceKey} and family in ('glpi', 'fusioninventory')`.execute(db)
  ).rows[0];
}
