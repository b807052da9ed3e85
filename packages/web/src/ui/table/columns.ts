import type { Field, Resource } from '@muster/api/fields';

/** The fields that can be columns: the one that names a row first, the rest in the order of the resource. */
export function columnFields(resource: Resource): [string, Field][] {
  const fields = Object.entries(resource.fields).filter(([, field]) => field.column !== 'none');
  return [...fields.filter(([name]) => name === resource.titleField), ...fields.filter(([name]) => name !== resource.titleField)];
}

export function defaultColumns(resource: Resource): string[] {
  return columnFields(resource)
    .filter(([, field]) => field.column !== 'optional')
    .map(([name]) => name);
}

const storageKey = (resource: Resource): string => `muster.columns.${resource.name}`;

/** The columns to show: of the URL, else as this browser had them last, else the resource's own. */
export function visibleColumns(resource: Resource, fromUrl: string): string[] {
  const chosen = new Set((fromUrl || remembered(resource)).split(','));
  const wanted = columnFields(resource)
    .map(([name]) => name)
    .filter((name) => chosen.has(name));
  return wanted.length > 0 ? wanted : defaultColumns(resource);
}

function remembered(resource: Resource): string {
  try {
    return localStorage.getItem(storageKey(resource)) ?? '';
  } catch {
    return '';
  }
}

export function rememberColumns(resource: Resource, columns: string[]): void {
  try {
    if (columns.join() === defaultColumns(resource).join()) localStorage.removeItem(storageKey(resource));
    else localStorage.setItem(storageKey(resource), columns.join(','));
  } catch {
    // Storage may be forbidden; the URL still holds the choice.
  }
}

/** Widths in pixels: the title gets room, figures and dates little. */
export function columnWidth(resource: Resource, name: string, field: Field): number {
  if (name === 'sentence' || name === 'summary' || name === 'reason') return 420;
  if (name === resource.titleField) return 240;
  switch (field.type) {
    case 'integer':
    case 'number':
      // Figures are short: the heading decides.
      return Math.min(160, Math.max(84, 36 + field.label.length * 8));
    case 'boolean':
      return 104;
    case 'date':
    case 'money':
      return 136;
    case 'instant':
      return 144;
    case 'enum':
      return 160;
    case 'id':
      return 300;
    case 'json':
      return 220;
    default:
      return 180;
  }
}
