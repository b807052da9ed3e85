import { formatIp, readRanges } from '@muster/api/ip-ranges';
import { isOpen } from '@muster/api/scan-window';
import type { ScanSecret } from '@muster/api/scans';
import type { NetworkJob, ScanMessage, SnmpAccess } from '@muster/protocols';
import { audit } from '../../platform/audit/audit.ts';
import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import type { UsableKey } from '../access/index.ts';
import { openSecret } from './credential-sets.ts';
import { collectorActor } from './scan-runs.ts';
import {
  countToRead,
  failUnread,
  type HostToRead,
  hostsToRead,
  type AgentRun,
  lockAgentRun,
  lockRunOfProcess,
  logRun,
  noteRead,
  noteResults,
  noteSnmpHosts,
  openRunsOf,
  refreshFigures,
  setPhase,
  takeAgentRun,
} from './store-agent-scans.ts';
import { credentialsByIds } from './store-credentials.ts';
import { endRun } from './store-scan-runs.ts';
import { rangeById, type RangeRow } from './store-scans.ts';

/** Whether the agent has anything to fetch: cheap, asked at every contact. */
export const hasScans = async (platform: Platform, agentKey: string): Promise<boolean> =>
  (await openRunsOf(platform.db, agentKey)).length > 0;

/**
 * The jobs of the agent's open runs with the credentials to do them, first who answers, then what those tell. Only the chosen agent gets them,
 * and only through the enrolment key that it had when it was chosen. What may be scanned is checked again before it is given out.
 */
export async function jobsFor(platform: Platform, agentKey: string, key: UsableKey | null, ip: string): Promise<NetworkJob[]> {
  const ids = await openRunsOf(platform.db, agentKey);
  if (ids.length === 0 || key === null) return [];
  return inTx(platform.db, async (tx) => {
    const jobs: NetworkJob[] = [];
    for (const id of ids) {
      const run = await lockAgentRun(tx, id);
      const range = run && (await rangeById(tx, run.range_id));
      if (!run || !range || range.agent_key !== agentKey || (run.state !== 'queued' && run.state !== 'running')) continue;
      const job = await jobOf(platform, tx, run, range, key, ip);
      if (job !== null) jobs.push(job);
    }
    return jobs;
  });
}

async function jobOf(platform: Platform, tx: Tx, run: AgentRun, range: RangeRow, key: UsableKey, ip: string): Promise<NetworkJob | null> {
  const now = platform.now();
  if (range.agent_enrolment_key_id !== key.id) {
    const text = `An agent of this name asked with the key “${key.name}”, not with the one it was chosen with, and got nothing. If it is the right one, save the network again.`;
    await logRun(tx, run.id, 'warning', [text], now);
    return null;
  }
  if (!isOpen(range.limits.window, now)) return null;
  const { addresses, faults } = readRanges({ ...range.limits, ranges: range.ranges, excluded: range.excluded });
  if (faults.length > 0) {
    await endRun(tx, run.id, 'failed', faults.map((f) => f.message).join(' '), now);
    return null;
  }
  const access = await accessOf(platform, tx, run.id, range, now);
  const processNumber = await takeAgentRun(tx, run.id, Number(addresses.count), now);
  const common = {
    processNumber,
    access,
    threads: range.limits.concurrency,
    timeoutSeconds: Math.max(1, Math.ceil(range.limits.timeoutMs / 1000)),
  };
  const reading = run.phase === 'inventory';
  const devices = reading ? await hostsToRead(tx, run.id) : [];
  const what = reading ? `read ${devices.length} devices` : `find out who answers at ${addresses.count} addresses`;
  await logRun(tx, run.id, 'info', [`The agent was asked to ${what}.`], now);
  await audit(
    tx,
    { ...collectorActor(key), ip },
    {
      action: 'scan_run.taken',
      resource: 'scan-runs',
      resourceId: run.id,
      summary: `The agent ${range.agent_key} took a scan of “${range.name}”`,
      after: { agent: range.agent_key, step: reading ? 'inventory' : 'discovery', credentialSets: access.length, processNumber },
    },
  );
  if (reading) return { ...common, type: 'netinventory', devices: devices.map(asDevice) };
  const ranges = addresses.spans.map((span) => ({
    first: formatIp({ family: span.family, value: span.first }),
    last: formatIp({ family: span.family, value: span.last }),
  }));
  return { ...common, type: 'netdiscovery', port: range.limits.snmpPort, ranges };
}

const asDevice = (h: HostToRead) => ({ number: h.number, address: h.address, port: h.port, kind: h.kind, accessId: h.credential_id });

/** Credential sets as agents take them; one that they cannot use is left out and told in the log. */
async function accessOf(platform: Platform, tx: Tx, runId: string, range: RangeRow, now: Date): Promise<SnmpAccess[]> {
  const access: SnmpAccess[] = [];
  for (const row of await credentialsByIds(tx, range.credential_ids)) {
    const one = agentAccess(row.id, openSecret(platform, row));
    if (typeof one !== 'string') access.push(one);
    else await logRun(tx, runId, 'warning', [`The credential set “${row.name}” was left out: ${one}`], now);
  }
  return access;
}

/** Net::SNMP knows MD5 and SHA, DES and AES-128; the words are its own. Why not, when agents cannot use it. */
export function agentAccess(id: string, secret: ScanSecret): SnmpAccess | string {
  if (secret.kind === 'ssh' || secret.kind === 'winrm') return 'agents read devices by SNMP and do not log in.';
  const { kind, ...texts } = secret;
  // oxlint-disable-next-line no-control-regex
  if (Object.values(texts).some((text) => /[\0-\x1f\x7f]/.test(text ?? ''))) return 'it holds control characters, which XML cannot carry.';
  if (secret.kind !== 'snmp_v3') return { id, version: kind === 'snmp_v1' ? '1' : '2c', community: secret.community };
  if (secret.contextName !== '') return 'agents have no SNMPv3 context.';
  if (secret.authProtocol !== null && secret.authProtocol !== 'md5' && secret.authProtocol !== 'sha')
    return `agents do not know ${secret.authProtocol}.`;
  if (secret.privProtocol !== null && secret.privProtocol !== 'des' && secret.privProtocol !== 'aes')
    return `agents do not know ${secret.privProtocol}.`;
  return {
    id,
    version: '3',
    userName: secret.userName,
    authProtocol: secret.authProtocol ?? undefined,
    authPassword: secret.authPassword ?? undefined,
    privProtocol: secret.privProtocol ?? undefined,
    privPassword: secret.privPassword ?? undefined,
  };
}

/** Of one processed report of a scanning agent. */
export interface ScanWord {
  readonly agentKey: string;
  readonly reportId: string;
  readonly message: ScanMessage;
}

const mostLogged = 20;

/** Notes how far agents are with their scans. Said again, or by another agent, a message changes nothing. */
export async function noteScanWords(tx: Tx, words: readonly ScanWord[], now: Date): Promise<void> {
  for (const word of words) {
    const run = await lockRunOfProcess(tx, word.message.processNumber, word.agentKey);
    const range = run && (await rangeById(tx, run.range_id));
    if (!run || !range) continue;
    const { message } = word;
    if (message.step === 'discovery') await noteFound(tx, run, range, word, now);
    else await noteDevices(tx, run, word, now);
    const ends = message.ended && run.state === 'running';
    const discovered = ends && message.step === 'discovery' && run.phase === 'discovery';
    await refreshFigures(tx, run.id, discovered, now);
    if (discovered) await endDiscovery(tx, run, now);
    else if (ends && message.step === 'inventory' && run.phase === 'inventory') await endReading(tx, run, now);
  }
}

async function noteFound(tx: Tx, run: AgentRun, range: RangeRow, word: ScanWord, now: Date): Promise<void> {
  const { addresses } = readRanges({ ...range.limits, ranges: range.ranges, excluded: range.excluded });
  const inside = word.message.found.filter((h) => addresses.has(h.address));
  const outside = word.message.found.filter((h) => !addresses.has(h.address));
  if (outside.length > 0)
    await logRun(
      tx,
      run.id,
      'warning',
      [
        `The agent told of ${outside
          .slice(0, mostLogged)
          .map((h) => h.address)
          .join(', ')}, which it was not asked for.`,
      ],
      now,
    );
  await noteResults(
    tx,
    run.id,
    inside.map((h) => ({ address: h.address, reportId: word.reportId, name: h.name, values: h.values })),
  );
  const known = new Set(range.credential_ids);
  await noteSnmpHosts(
    tx,
    run.id,
    inside.flatMap((h) =>
      h.accessId === null || !known.has(h.accessId)
        ? []
        : [{ address: h.address, credentialId: h.accessId, port: h.port ?? range.limits.snmpPort, kind: h.kind }],
    ),
  );
}

async function noteDevices(tx: Tx, run: AgentRun, word: ScanWord, now: Date): Promise<void> {
  const { read } = word.message;
  const addresses = await noteRead(
    tx,
    run.id,
    read.map((d) => ({ number: d.number, failed: d.error !== null })),
  );
  const placed = read.flatMap((d) => {
    const address = addresses.get(d.number);
    return address === undefined ? [] : [{ ...d, address }];
  });
  await noteResults(
    tx,
    run.id,
    placed.filter((d) => d.error === null).map((d) => ({ address: d.address, reportId: word.reportId, name: d.name, values: d.values })),
  );
  await logRun(
    tx,
    run.id,
    'warning',
    placed.filter((d) => d.error !== null).map((d) => `${d.address}: ${d.error}`),
    now,
  );
}

async function endDiscovery(tx: Tx, run: AgentRun, now: Date): Promise<void> {
  const left = await countToRead(tx, run.id);
  if (left === 0) {
    await logRun(tx, run.id, 'info', ['The agent has asked every address; none opened to a credential set.'], now);
    await endRun(tx, run.id, 'done', null, now);
    return;
  }
  await setPhase(tx, run.id, 'inventory');
  await logRun(tx, run.id, 'info', [`The agent has asked every address. At its next contact it reads ${left} devices.`], now);
}

async function endReading(tx: Tx, run: AgentRun, now: Date): Promise<void> {
  const silent = await failUnread(tx, run.id);
  if (silent.length > 0) await logRun(tx, run.id, 'warning', [`Nothing came of ${silent.slice(0, mostLogged).join(', ')}.`], now);
  await endRun(tx, run.id, 'done', null, now);
}
