import { bare } from './compare.ts';
import type { KeyKind } from './keys.ts';

/** What people call each kind of key. */
export const words: Record<KeyKind, string> = {
  agent_id: 'agent id',
  instance_id: 'instance id',
  serial: 'serial number',
  enclosure_serial: 'enclosure serial',
  board_serial: 'board serial',
  member_serial: 'serial number of a member',
  uuid: 'UUID',
  imei: 'IMEI',
  udid: 'device id',
  asset_tag: 'asset tag',
  mac: 'MAC address',
  disk_serial: 'disk serial',
  fqdn: 'FQDN',
  hostname: 'host name',
  machine_id: 'machine id',
  os_family: 'operating system',
  model: 'model',
};

/** A value with its kind, for a sentence. */
export const say = (k: { kind: KeyKind; value: string }): string =>
  `${words[k.kind]} ${k.kind.endsWith('serial') ? bare(k.value) : k.value}`;
