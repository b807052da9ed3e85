import type { Limits } from '../envelope/limits.ts';
import { deviceFacts } from '../inventory/device.ts';
import { normaliseSections } from '../inventory/normalise.ts';
import { softwareRows } from '../inventory/software.ts';
import { Warnings } from '../inventory/warnings.ts';
import type { Report } from '../report.ts';
import type { LoginSystem } from './commands.ts';
import { linuxContent, linuxId } from './linux.ts';
import { macosContent, macosId } from './macos.ts';
import { type LoginOutput, Outputs } from './outputs.ts';
import { windowsContent, windowsId } from './windows.ts';

/** What a collector read after a login. */
export interface LoginRead {
  readonly method: 'ssh' | 'winrm';
  readonly system: LoginSystem;
  readonly outputs: readonly LoginOutput[];
}

const readers = {
  linux: { content: linuxContent, id: linuxId },
  darwin: { content: macosContent, id: macosId },
  windows: { content: windowsContent, id: windowsId },
} as const;

/**
 * The inventory of a machine that a collector logged in to, as an agent on it would report it. A command that did not come to its end makes
 * it partial: what is absent then is unchanged. `otherwise` names the machine when it told nothing that lasts.
 */
export function reportOfLogin(login: LoginRead, otherwise: string, limits: Limits): Report {
  const warnings = new Warnings(limits.maxWarnings);
  const outputs = new Outputs(login.outputs, warnings);
  const reader = readers[login.system];
  const sections = normaliseSections(reader.content(outputs), warnings, limits);
  const device = deviceFacts(sections);
  const id = reader.id(outputs)?.toLowerCase();
  return {
    family: login.method,
    kind: 'inventory',
    deviceId: id === undefined ? otherwise : `${login.system}:${id}`,
    agentId: null,
    agentVersion: null,
    itemType: 'Computer',
    partial: login.outputs.some((one) => one.ended !== 'end'),
    tag: null,
    sections,
    device,
    software: softwareRows(sections['softwares'], device?.os?.family ?? null, warnings),
    warnings: warnings.list(),
  };
}
