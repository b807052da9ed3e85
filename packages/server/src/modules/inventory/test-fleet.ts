import { deflateSync } from 'node:zlib';
import { decodeReport, defaultLimits } from '@muster/protocols';
import { sql } from 'kysely';
import { inTx } from '../../platform/db/pool.ts';
import { emptyTables, type TestApp } from '../../testing/index.ts';
import { ingestReports } from './ingest.ts';
import { lockIdentity } from './store-operations.ts';
import { item, type Machine as Described, report } from './test-reports.ts';

// Machines that report over the agent endpoint, for tests of identity.

export interface Reported {
  name?: string;
  domain?: string;
  manufacturer?: string;
  model?: string;
  serial?: string;
  boardSerial?: string;
  uuid?: string;
  assetTag?: string;
  vmSystem?: string;
  macs?: readonly string[];
  driver?: string | null;
  disks?: readonly string[];
  user?: string;
  os?: string;
}

/** What became of a report. */
export interface Became {
  observationId: string;
  nativeId: string;
  assetId: string | null;
  outcome: string | null;
  rule: string | null;
  reasons: string[];
}

export interface Fleet {
  /** Posts a report as an agent does and waits until it is worked off. */
  report: (deviceId: string, machine: Reported, how?: { partial?: boolean; agentId?: string }) => Promise<Became>;
  /** An agent's network scan of one device. */
  scan: (xml: string) => Promise<Became>;
  /** A report of a source that is not on the machine. */
  directory: (nativeId: string, machine: Described) => Promise<Became>;
  /** Lets time pass. */
  wait: (days: number) => void;
  now: () => Date;
  /** Living assets that something reports. */
  assets: () => Promise<number>;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

const tables = [
  'assets asset_field_values asset_events observations observation_sections observation_doubts asset_sources',
  'identity_keys identity_decisions identity_operations identity_pins identity_not_same identity_conflicts',
  'identity_rule_changes identity_dry_runs identity_dry_run_changes',
  'device_facts interfaces storage_devices asset_users installations network_components components',
].flatMap((line) => line.split(' '));

/** An organisation without assets or decisions, in which the rules are as shipped. */
export async function emptyIdentity(t: TestApp): Promise<void> {
  // The worker may still be at what the last report gave rise to.
  await emptyTables(t.db, tables, (tx) => lockIdentity(tx, 'alone'));
}

export function fleetOf(t: TestApp, start: Date): Fleet {
  let now = start;
  const tick = (ms: number): void => {
    now = new Date(now.getTime() + ms);
    t.setNow(now);
  };
  const became = async (nativeId: string): Promise<Became> => {
    const { rows } =
      await sql<Became>`select o.id as "observationId", o.native_id as "nativeId", o.asset_id as "assetId", d.outcome, d.rule, coalesce(d.reasons -> 'sentences', '[]') as reasons
      from observations o left join lateral (select * from identity_decisions i where i.observation_id = o.id order by i.at desc, i.id desc limit 1) d on true
      where o.native_id = ${nativeId} or starts_with(o.native_id, ${`${nativeId}#`}) order by o.last_received_at desc limit 1`.execute(
        t.db,
      );
    return rows[0] as Became;
  };
  return {
    now: () => now,
    wait: (days) => tick(days * dayMs),
    report: async (deviceId, machine, { partial = false, agentId } = {}) => {
      tick(minuteMs);
      const body = deflateSync(
        JSON.stringify({ action: 'inventory', deviceid: deviceId, itemtype: 'Computer', partial, content: contentOf(machine) }),
      );
      const answer = await t.app.inject({
        method: 'POST',
        url: `/agent/${t.enrolmentKey}`,
        headers: {
          'user-agent': 'GLPI-Agent_v1.12',
          'content-type': 'application/x-compress-zlib',
          ...(agentId ? { 'glpi-agent-id': agentId } : {}),
        },
        payload: body,
      });
      if (answer.statusCode !== 200) throw new Error(`The report was answered with ${answer.statusCode}`);
      await t.reportsDone();
      return became(deviceId);
    },
    scan: async (xml) => {
      tick(minuteMs);
      const read = decodeReport(Buffer.from(xml), { userAgent: 'FusionInventory-Agent_v2.6-3' }, defaultLimits);
      const [result] = await inTx(t.db, (tx) => ingestReports(tx, [item(read, now.toISOString())]));
      const { rows } = await sql<{
        native_id: string;
      }>`select native_id from observations where id = ${result?.observationId ?? null}`.execute(t.db);
      return became(rows[0]?.native_id ?? '');
    },
    directory: async (nativeId, machine) => {
      tick(minuteMs);
      const read = item({ ...report(machine), deviceId: nativeId }, now.toISOString());
      await inTx(t.db, (tx) => ingestReports(tx, [{ ...read, source: 'ldap' }]));
      return became(nativeId);
    },
    assets: async () =>
      (await sql<{ n: number }>`select count(distinct asset_id)::int as n from observations where asset_id is not null`.execute(t.db))
        .rows[0]?.n ?? -1,
  };
}

function contentOf(m: Reported): Record<string, unknown> {
  return {
    versionclient: 'GLPI-Agent_v1.12',
    bios: { smanufacturer: m.manufacturer, smodel: m.model, ssn: m.serial, msn: m.boardSerial, assettag: m.assetTag },
    hardware: { name: m.name, workgroup: m.domain, uuid: m.uuid, vmsystem: m.vmSystem, ...(m.user ? { lastloggeduser: m.user } : {}) },
    operatingsystem: { full_name: m.os ?? 'Microsoft Windows 11 Pro', kernel_name: m.os ? 'linux' : 'MSWin32' },
    ...(m.macs
      ? {
          networks: m.macs.map((mac, i) => ({
            description: `eth${i}`,
            mac,
            type: 'ethernet',
            ...(m.driver === null ? {} : { driver: m.driver ?? 'e1000e' }),
          })),
        }
      : {}),
    ...(m.disks ? { storages: m.disks.map((serial, i) => ({ name: `sd${i}`, serial, type: 'disk', disksize: 500_000 })) } : {}),
    ...(m.user ? { users: [{ login: m.user.split('\\').at(-1), domain: 'CORP' }] } : {}),
  };
}
