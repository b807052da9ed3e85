import type { AssetValueField } from '@muster/api/assets';

/** The column that caches the winning value of each field of the record. */
export const fieldColumns = {
  tag: 'tag',
  name: 'name',
  class: 'class_key',
  manufacturer: 'manufacturer',
  model: 'model',
  serial: 'serial',
  osName: 'os_name',
  osVersion: 'os_version',
  osFamily: 'os_family',
  cpu: 'cpu',
  cores: 'cores',
  memoryMb: 'memory_mb',
  lastUser: 'last_user',
  person: 'person_id',
  place: 'place_id',
  orgUnit: 'org_unit_id',
  warrantyStartsOn: 'warranty_starts_on',
  warrantyEndsOn: 'warranty_ends_on',
  domain: 'domain',
  notes: 'notes',
} as const satisfies Record<AssetValueField, string>;

export type AssetColumn = (typeof fieldColumns)[AssetValueField];
export const valueFields = Object.keys(fieldColumns) as AssetValueField[];

/** A field's value as it is stored: text or a number, ids for references, days as ISO 8601. */
export type FieldValue = string | number;

export const fieldLabels: Record<AssetValueField, string> = {
  tag: 'Asset tag',
  name: 'Name',
  class: 'Class',
  manufacturer: 'Manufacturer',
  model: 'Model',
  serial: 'Serial number',
  osName: 'Operating system',
  osVersion: 'OS version',
  osFamily: 'OS family',
  cpu: 'Processor',
  cores: 'Cores',
  memoryMb: 'Memory',
  lastUser: 'Last user',
  person: 'Person',
  place: 'Place',
  orgUnit: 'Org unit',
  warrantyStartsOn: 'Warranty starts',
  warrantyEndsOn: 'Warranty ends',
  domain: 'Domain',
  notes: 'Notes',
};
