import glpi from '../../../../../content/imports/glpi.json' with { type: 'json' };
import intune from '../../../../../content/imports/intune.json' with { type: 'json' };
import jamf from '../../../../../content/imports/jamf.json' with { type: 'json' };
import lansweeper from '../../../../../content/imports/lansweeper.json' with { type: 'json' };
import ralph from '../../../../../content/imports/ralph.json' with { type: 'json' };
import snipeIt from '../../../../../content/imports/snipe-it.json' with { type: 'json' };
import { importMappingSchema, type ImportMapping, type ImportResource, type ImportSuggestion } from '@muster/api/imports';
import { guessField, headerKey } from '@muster/core/importing';
import type { Db } from '../../platform/db/types.ts';
import type { Importable } from '../../platform/importing/importable.ts';
import { type ImportRecord, rememberedMapping } from './store.ts';
import { importables } from './targets.ts';

interface Preset {
  key: string;
  label: string;
  resource: string;
  /** Headers that all must be there for the file to be taken for one of these. */
  signature: string[];
  /** Header -> field. */
  columns: Record<string, string>;
  values?: Record<string, Record<string, string>>;
  keys: string[];
  makeMissing?: string[];
  defaults?: Record<string, string>;
  dateOrder?: string;
}

/** The exports of known programs, from content/imports. */
export const presets: readonly Preset[] = [snipeIt, glpi, ralph, lansweeper, intune, jamf].flatMap(
  (file) => file.presets as unknown as Preset[],
);

/** Mappings that fit the headers of a file: as one like it was read last, as known programs write, and by the names of the columns. */
export async function suggestMappings(db: Db, row: ImportRecord): Promise<ImportSuggestion[]> {
  const remembered = await rememberedMapping(db, row.fingerprint);
  const parsed = remembered ? importMappingSchema.safeParse(remembered.mapping) : undefined;
  return [
    ...(parsed?.success && remembered
      ? [{ key: 'remembered', label: remembered.file_name, kind: 'remembered' as const, mapping: parsed.data }]
      : []),
    ...presets.flatMap((preset) => fromPreset(preset, row.headers) ?? []),
    ...(await Promise.all(importables.map((one) => guess(db, one, row.headers)))).flatMap((g) => g ?? []),
  ];
}

/** The mapping of a preset onto these headers; null when they are not of its program. */
export function fromPreset(preset: Preset, headers: readonly string[]): ImportSuggestion | null {
  const keys = headers.map(headerKey);
  if (!preset.signature.every((header) => keys.includes(headerKey(header)))) return null;
  const fields = new Map(Object.entries(preset.columns).map(([header, field]) => [headerKey(header), field]));
  const words = new Map(Object.entries(preset.values ?? {}).map(([header, values]) => [headerKey(header), values]));
  const taken = new Set<string>();
  const columns = keys.flatMap((key, column) => {
    const field = fields.get(key);
    if (field === undefined || taken.has(field)) return [];
    taken.add(field);
    const values = words.get(key);
    return [{ column, field, blank: 'keep' as const, ...(values ? { values } : {}) }];
  });
  const usable = preset.keys.filter((key) => taken.has(key));
  if (usable.length === 0) return null;
  const mapping = {
    resource: preset.resource as ImportResource,
    columns,
    keys: usable,
    makeMissing: (preset.makeMissing ?? []) as ImportMapping['makeMissing'],
    defaults: preset.defaults ?? {},
    ...(preset.dateOrder ? { dateOrder: preset.dateOrder as 'dmy' | 'mdy' } : {}),
  };
  return { key: preset.key, label: preset.label, kind: 'preset', mapping: importMappingSchema.parse(mapping) };
}

async function guess(db: Db, importable: Importable, headers: readonly string[]): Promise<ImportSuggestion | null> {
  const fields = (await importable.fields(db)).filter((field) => field.refused === undefined);
  const taken = new Set<string>();
  const columns = headers.flatMap((header, column) => {
    const field = guessField(header, fields);
    if (field === undefined || taken.has(field)) return [];
    taken.add(field);
    return [{ column, field, blank: 'keep' as const }];
  });
  const found = importable.keys.filter((key) => taken.has(key));
  // The id alone tells which record a row means; other keys beside it could only contradict it.
  const keys = found.includes('id') ? ['id'] : found.slice(0, 2);
  if (keys.length === 0) return null;
  const mapping = importMappingSchema.parse({ resource: importable.resource, columns, keys });
  return { key: `guessed-${importable.resource}`, label: importable.label, kind: 'guessed', mapping };
}
