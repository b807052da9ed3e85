import { type FieldError, Problem } from '@muster/api/errors';
import { type AddressSet, readRanges } from '@muster/api/ip-ranges';
import type { ScanRange, ScanRangeCreate } from '@muster/api/scans';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { scanningAgent } from './store-agent-scans.ts';
import { type CheckedRange, insertRange, rangeById, type RangeRow, removeRange, unknownReferences, updateRange } from './store-scans.ts';

/** One network with how it is scanned. Problem `not_found`. */
export async function readScanRange(db: Db, id: string): Promise<ScanRange> {
  const row = await mustFindRange(db, id);
  return {
    id: row.id,
    name: row.name,
    collector: row.collector_id === null || row.collector_name === null ? null : { id: row.collector_id, label: row.collector_name },
    agent: row.agent_key === null ? null : { id: row.agent_key, label: row.agent_key.slice(row.agent_key.indexOf(':') + 1) },
    ranges: row.ranges,
    excluded: row.excluded,
    addresses: row.addresses,
    credentials: row.credentials,
    everyHours: row.every_hours,
    enabled: row.enabled,
    ...row.limits,
    nextRunAt: row.next_run_at?.toISOString() ?? null,
    openRunId: row.open_run_id,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

export async function mustFindRange(db: Db, id: string): Promise<RangeRow> {
  const row = await rangeById(db, id);
  if (!row) throw new Problem('not_found', 'There is no such network.');
  return row;
}

/** How many addresses it has, and the key of its agent. Throws `validation_failed` with every fault of the ranges and references at once. */
async function check(db: Db, input: ScanRangeCreate): Promise<CheckedRange> {
  const { addresses, faults } = readRanges(input);
  const errors: FieldError[] = faults.map(({ field, code, message }) => ({ field: `body.${field}`, code, message }));
  const unknown = await unknownReferences(db, input.collectorId, input.credentialIds);
  if (unknown.collector)
    errors.push({
      field: 'body.collectorId',
      code: 'unknown',
      message: 'This is no key of a collector. Make one of the kind “collector”.',
    });
  const agent = input.agentId === null ? undefined : await scanningAgent(db, input.agentId);
  errors.push(...scannerFaults(input, addresses, agent !== undefined));
  for (const id of unknown.credentials)
    errors.push({
      field: `body.credentialIds[${input.credentialIds.indexOf(id)}]`,
      code: 'unknown',
      message: 'There is no such credential set.',
    });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  return { addresses: Number(addresses.count), agentEnrolmentKeyId: agent?.enrolment_key_id ?? null };
}

/** Exactly one of the two scans; an agent takes IPv4 only. */
function scannerFaults(input: ScanRangeCreate, addresses: AddressSet, agentKnown: boolean): FieldError[] {
  if (input.agentId === null) {
    const message = 'Choose the collector or the agent that scans this network.';
    return input.collectorId === null ? [{ field: 'body.collectorId', code: 'missing', message }] : [];
  }
  const errors: FieldError[] = [];
  const fault = (code: string, message: string): void => void errors.push({ field: 'body.agentId', code, message });
  if (input.collectorId !== null) fault('too_many', 'Either a collector scans a network or an agent, not both.');
  if (!agentKnown) fault('unknown', 'There is no FusionInventory or GLPI Agent with this id.');
  if (addresses.spans.some((span) => span.family === 6)) fault('ipv4_only', 'Agents scan IPv4 only; leave this network to a collector.');
  return errors;
}

/** Adds a network; with a schedule its first run is due at once. */
export async function addScanRange(platform: Platform, actor: Actor, input: ScanRangeCreate): Promise<ScanRange> {
  return inTx(platform.db, async (tx) => {
    const now = platform.now();
    const id = newId(now.getTime());
    await insertRange(tx, id, input, await check(tx, input), input.everyHours === null ? null : now, now);
    await audit(tx, actor, {
      action: 'scan_range.created',
      resource: 'scan-ranges',
      resourceId: id,
      summary: `Added network “${input.name}”`,
      after: input,
    });
    return readScanRange(tx, id);
  });
}

/** Replaces the description of a network. Problems `not_found`, `stale`, `validation_failed`. */
export async function changeScanRange(
  platform: Platform,
  actor: Actor,
  id: string,
  version: number,
  input: ScanRangeCreate,
): Promise<ScanRange> {
  return inTx(platform.db, async (tx) => {
    const now = platform.now();
    const before = await mustFindRange(tx, id);
    const next = input.everyHours === null ? null : before.every_hours === input.everyHours ? before.next_run_at : now;
    if (!(await updateRange(tx, id, version, input, await check(tx, input), next, now))) throw new Problem('stale');
    await audit(tx, actor, {
      action: 'scan_range.changed',
      resource: 'scan-ranges',
      resourceId: id,
      summary: `Changed network “${input.name}”`,
      before: described(before),
      after: input,
    });
    return readScanRange(tx, id);
  });
}

const described = (row: RangeRow): Record<string, unknown> => ({
  name: row.name,
  collectorId: row.collector_id,
  agentId: row.agent_key,
  ranges: row.ranges,
  excluded: row.excluded,
  credentialIds: row.credential_ids,
  everyHours: row.every_hours,
  enabled: row.enabled,
  ...row.limits,
});

/** Removes a network with its runs and their logs. */
export async function deleteScanRange(platform: Platform, actor: Actor, id: string): Promise<void> {
  await inTx(platform.db, async (tx: Tx) => {
    const before = await mustFindRange(tx, id);
    await removeRange(tx, id);
    await audit(tx, actor, {
      action: 'scan_range.removed',
      resource: 'scan-ranges',
      resourceId: id,
      summary: `Removed network “${before.name}”`,
      before: described(before),
    });
  });
}
