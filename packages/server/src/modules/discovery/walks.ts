import { Worker } from 'node:worker_threads';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Problem } from '@muster/api/errors';
import { mostWalkBytes, type WalkAnswer } from '@muster/api/network';
import { type NetworkDevice, reportOfDevice } from '@muster/protocols';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { readAsset } from '../assets/index.ts';
import { ingestReports, networkKnowledge } from '../inventory/index.ts';
import type { WalkRead, WalkTask } from './walk-thread.ts';

/** The heap and the time of one reading; what needs more is no walk of a device. */
const HEAP_MB = 768;
const MOST_MS = 60_000;
/** Readings at once: each takes a core and some hundred MB. */
const AT_ONCE = 2;
let running = 0;

/**
 * Reads an uploaded walk; with `keep` it also becomes an observation and what follows from that, in one transaction with its audit row.
 * @throws Problem validation_failed when no line can be read, too_large, unavailable while others are read
 */
export async function readUploadedWalk(platform: Platform, actor: Actor, content: string, keep: boolean): Promise<WalkAnswer> {
  const bytes = await unpacked(Buffer.from(content, 'base64'));
  const read = await readApart(bytes);
  if (read.format === null)
    throw new Problem('validation_failed', 'No line of it is one of snmpwalk or of an snmpsim recording.', {
      errors: [{ field: 'body.content', code: 'unreadable', message: 'It must be the output of snmpwalk or a recording of snmpsim.' }],
    });
  const kept = keep ? await keepWalk(platform, actor, read.device) : null;
  return { format: read.format, rows: read.rows, warnings: read.warnings, device: presented(read.device), kept };
}

const inflate = promisify(gunzip);

async function unpacked(bytes: Buffer): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await inflate(bytes, { maxOutputLength: mostWalkBytes });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
      throw new Problem('too_large', `The recording is larger than ${mostWalkBytes / 1_048_576} MiB when it is unpacked.`);
    throw new Problem('validation_failed', 'The gzip data is damaged.', {
      errors: [{ field: 'body.content', code: 'damaged', message: 'The gzip data is damaged.' }],
    });
  }
}

async function readApart(bytes: Uint8Array): Promise<WalkRead> {
  if (running >= AT_ONCE) throw new Problem('unavailable', 'Other walks are being read; try again in a moment.');
  running++;
  const workerData: WalkTask = { bytes, knowledge: networkKnowledge };
  const thread = new Worker(new URL('./walk-thread.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const limit = setTimeout(() => void thread.terminate(), MOST_MS);
  try {
    return await new Promise<WalkRead>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () => reject(new Error('The walk could not be read within its limits.')));
    });
  } catch (error) {
    throw new Problem('too_large', 'The recording needs more memory or time than one device should.', { cause: error });
  } finally {
    clearTimeout(limit);
    running--;
  }
}

async function keepWalk(platform: Platform, actor: Actor, device: NetworkDevice): Promise<WalkAnswer['kept']> {
  const id = newId();
  return inTx(platform.db, async (tx) => {
    const receivedAt = platform.now();
    const item = { reportId: id, receivedAt, report: reportOfDevice(device), source: 'snmp' as const, deviceKey: `snmp:walk:${id}` };
    const [result] = await ingestReports(tx, [item]);
    if (!result?.observationId) throw new Error('A kept walk made no observation');
    const name = [device.vendor, device.model, device.serial ?? device.name].filter(Boolean).join(' ') || 'a device';
    await audit(tx, actor, {
      action: 'snmp_walk.kept',
      resource: 'observations',
      resourceId: result.observationId,
      summary: `The SNMP walk of ${name} was kept`,
      after: { outcome: result.outcome, assetId: result.assetId },
    });
    const asset = result.assetId === null ? null : await readAsset(tx, result.assetId, receivedAt);
    return {
      observationId: result.observationId,
      outcome: result.outcome,
      asset: asset && { id: asset.id, label: asset.name ?? asset.tag ?? asset.serial ?? asset.id },
    };
  });
}

function presented(device: NetworkDevice): WalkAnswer['device'] {
  const { forwarding, arp, software, ups, pages, ...shown } = device;
  return {
    ...shown,
    neighbours: shown.neighbours.map((n) => ({ ...n, ips: [...n.ips] })),
    pageCount: pages?.total ?? null,
    ups: ups && {
      batteryStatus: ups.batteryStatus,
      inputVolts: ups.inputVolts,
      outputVolts: ups.outputVolts,
      chargePercent: ups.chargePercent,
      runtimeMinutes: ups.runtimeMinutes,
      loadPercent: ups.loadPercent,
      onBattery: ups.onBattery,
    },
    counts: { forwarding: forwarding.length, arp: arp.length, software: software.length },
  };
}
