import { expectedSections } from '@muster/api/agents';
import type { Json, Report } from '@muster/protocols';

type Expected = (typeof expectedSections)[number];

/**
 * What a full report of a computer does not tell although computers have it. Asked of what was understood, not of the names of sections:
 * OCS tells the operating system among the hardware.
 */
export function missingSections(report: Report): Expected[] {
  const { device, software, sections } = report;
  const told: Record<Expected, boolean> = {
    bios: sections['bios'] !== undefined,
    operatingsystem: Boolean(device?.os?.name),
    cpus: Boolean(device?.cpu),
    memories: (device?.memoryMb ?? 0) > 0,
    storages: (device?.storage?.length ?? 0) > 0,
    drives: (device?.volumes?.length ?? 0) > 0,
    networks: (device?.interfaces?.length ?? 0) > 0,
    softwares: (software?.length ?? 0) > 0,
    // Nobody is signed in to many a server. The same part of an agent tells the accounts of the machine: there, it was asked.
    users: Boolean(device?.lastUser) || (device?.users?.length ?? 0) > 0 || sections['local_users'] !== undefined,
  };
  return expectedSections.filter((section) => !told[section]);
}

/** A stamp that is older was not made for this delivery: a file that is uploaded later. */
const mostSkewMs = 48 * 3_600_000;

/**
 * Seconds by which the machine's clock was ahead when its report came, the time of the way included. Null unless the report tells both its
 * time (ACCESSLOG/LOGDATE, local) and its time zone (OPERATINGSYSTEM/TIMEZONE/OFFSET, as +0200).
 */
export function clockSkew(report: Report, receivedAt: Date): number | null {
  const stamp = textOf(report.sections['accesslog'], 'logdate');
  const zone = textOf(objectOf(report.sections['operatingsystem'])?.['timezone'], 'offset');
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '');
  if (stamp === null || !offset) return null;
  const localMs = Date.parse(`${stamp.replace(' ', 'T')}Z`);
  const offsetMs = (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 * (offset[1] === '-' ? -1 : 1);
  const skewMs = localMs - offsetMs - receivedAt.getTime();
  return Number.isNaN(skewMs) || Math.abs(skewMs) > mostSkewMs ? null : Math.round(skewMs / 1000);
}

function objectOf(value: Json | undefined): Record<string, Json> | null {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
}

function textOf(value: Json | undefined, name: string): string | null {
  const found = objectOf(value)?.[name];
  return typeof found === 'string' ? found : null;
}
