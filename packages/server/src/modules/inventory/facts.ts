import { classOf, type IdentityKey, meaningful } from '@muster/core/identity';
import type { CpuFacts, DeviceFacts, MonitorFact, OsFacts } from '@muster/protocols';
import type { ObservedValues } from '../assets/index.ts';
import { placeholderLists } from './prepare.ts';

/** The facts of one observation as they are kept: what the latest report says, over what a partial one left unchanged. */
export interface MergedFacts {
  name: string | null;
  domain: string | null;
  fqdn: string | null;
  manufacturer: string | null;
  model: string | null;
  serial: string | null;
  enclosureSerial: string | null;
  boardSerial: string | null;
  boardManufacturer: string | null;
  uuid: string | null;
  assetTag: string | null;
  chassisType: string | null;
  vmSystem: string | null;
  biosVersion: string | null;
  biosDate: string | null;
  memoryMb: number | null;
  lastUser: string | null;
  os: OsFacts | null;
  cpu: CpuFacts | null;
  monitors: MonitorFact[] | null;
}

const names = [
  'name',
  'domain',
  'fqdn',
  'manufacturer',
  'model',
  'serial',
  'enclosureSerial',
  'boardSerial',
  'boardManufacturer',
  'uuid',
  'assetTag',
  'chassisType',
  'vmSystem',
  'biosVersion',
  'biosDate',
  'memoryMb',
  'lastUser',
  'os',
  'cpu',
  'monitors',
] as const satisfies readonly (keyof MergedFacts)[];

/** A full report replaces the facts; in a partial one null means unchanged. */
export function mergeFacts(before: MergedFacts | null, device: DeviceFacts, partial: boolean): MergedFacts {
  const merged: Record<string, unknown> = {};
  for (const name of names) merged[name] = partial ? (device[name] ?? before?.[name] ?? null) : device[name];
  return merged as unknown as MergedFacts;
}

/** What an index can hold of a text of the record. */
const longestText = 255;
const clip = (value: string | null): string | null => (value === null ? null : value.slice(0, longestText).toWellFormed());

/** A whole number that PostgreSQL's integer can hold, or null: agents send negative and absurd ones. */
export function int4(value: number | null | undefined): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  const whole = Math.round(value);
  return whole >= 0 && whole <= 2_147_483_647 ? whole : null;
}

/**
 * What the source says about the fields of the record. Words that makers leave in firmware are no values. `person` is who the last
 * user's login belongs to; null when nobody has it.
 */
export function valuesOf(
  facts: MergedFacts,
  itemType: string,
  keysGood: { serial: boolean },
  person: string | null,
): ObservedValues & { class: string } {
  const manufacturer = meaningful(facts.manufacturer, placeholderLists);
  const model = meaningful(facts.model, placeholderLists);
  return {
    class: classOf({
      itemType,
      chassisType: facts.chassisType,
      vmSystem: facts.vmSystem,
      model,
      manufacturer,
      osName: facts.os?.name ?? null,
      osFamily: facts.os?.family ?? null,
    }),
    name: clip(facts.name),
    manufacturer: clip(manufacturer),
    model: clip(model),
    serial: keysGood.serial ? clip(facts.serial?.trim() ?? null) : null,
    osName: clip(facts.os?.name ?? null),
    osVersion: clip(facts.os?.version ?? null),
    osFamily: facts.os?.family ?? null,
    cpu: clip(facts.cpu?.name ?? null),
    cores: int4(facts.cpu?.cores),
    memoryMb: int4(facts.memoryMb),
    lastUser: clip(facts.lastUser),
    person,
    domain: clip(facts.domain),
  };
}

const nothingOfClass = { chassisType: null, vmSystem: null, model: null, manufacturer: null, osName: null, osFamily: null };

/** The class of a thing of which no more than its item type is known. */
export function classOfItem(itemType: string): string {
  return classOf({ itemType, ...nothingOfClass });
}

/** The login without its domain, lower case: `CORP\ada` and `ada@corp.example` are `ada`. */
export function bareLogin(login: string): string {
  const text = login.trim().toLowerCase();
  const afterDomain = text.slice(text.lastIndexOf('\\') + 1);
  return afterDomain.includes('@') ? afterDomain.slice(0, afterDomain.indexOf('@')) : afterDomain;
}

/** What an observation says of the record, out of its facts and keys; `people` are ids by login. */
export function recordValues(
  facts: MergedFacts,
  keys: readonly IdentityKey[],
  itemType: string,
  people: ReadonlyMap<string, string>,
): ReturnType<typeof valuesOf> {
  const serial = keys.find((k) => k.kind === 'serial');
  const person = facts.lastUser ? (people.get(bareLogin(facts.lastUser)) ?? null) : null;
  const usable = serial === undefined ? facts.serial !== null && keys.some((k) => k.kind === 'uuid') : serial.quality !== 'placeholder';
  return valuesOf(facts, itemType, { serial: usable }, person);
}
