import type { Json, OsFacts, SoftwareRow } from '../report.ts';
import { isObject, textOf, wholeNumber } from './values.ts';
import type { Warnings } from './warnings.ts';

type Obj = { [key: string]: Json };

/** Longer texts cannot be indexed; the section keeps the original. */
const limits = { name: 500, version: 200, publisher: 300, code: 500, path: 1000, arch: 40, user: 200 } as const;

const guid = /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;

/** The typed software rows of the `softwares` section. Null when the section is absent. */
export function softwareRows(section: Json | undefined, family: OsFacts['family'] | null, warnings: Warnings): SoftwareRow[] | null {
  if (!Array.isArray(section)) return null;
  const rows: SoftwareRow[] = [];
  for (let i = 0; i < section.length; i++) {
    const row = section[i] as Json;
    if (isObject(row)) rows.push(softwareRow(row, family, `softwares[${i}]`, warnings));
  }
  return rows;
}

function softwareRow(row: Obj, family: OsFacts['family'] | null, path: string, warnings: Warnings): SoftwareRow {
  const clip = (field: keyof typeof limits, value: string | null): string | null => {
    if (value === null || value.length <= limits[field]) return value;
    warnings.add('too_long', `${path}.${field}`, `${value.length} characters; the first ${limits[field]} are used.`);
    return value.slice(0, limits[field]).toWellFormed();
  };
  const channel = channelOf(row, family);
  const installed = textOf(row['install_date'])?.slice(0, 10) ?? null;
  const bytes = wholeNumber(row['filesize'] ?? null, 'none');
  return {
    name: clip('name', textOf(row['name'])) ?? '',
    version: clip('version', textOf(row['version'])),
    publisher: clip('publisher', textOf(row['publisher'])),
    channel,
    arch: clip('arch', textOf(row['arch'])),
    code: clip('code', codeOf(row, channel)),
    // Package tools without the date write the epoch.
    installedOn: installed !== null && installed > '1980-01-02' ? installed : null,
    ...lastUsed(row),
    path: clip('path', textOf(row['folder'])),
    sizeKb: bytes === null || bytes === 0 ? null : Math.ceil(bytes / 1024),
    user: clip('user', textOf(row['username'])),
  };
}

/** Nothing at all where the agent does not tell it, as most do not. */
function lastUsed(row: Obj): { lastUsed?: string } {
  const day = textOf(row['last_used'])?.slice(0, 10) ?? '';
  return /^(19[89]|2[01]\d)\d-\d\d-\d\d$/.test(day) ? { lastUsed: day } : {};
}

const channels: Record<string, string> = {
  deb: 'deb',
  dpkg: 'deb',
  rpm: 'rpm',
  apk: 'apk',
  pacman: 'pacman',
  snap: 'snap',
  flatpak: 'flatpak',
  brew: 'brew',
  homebrew: 'brew',
  uwp: 'appx',
  appx: 'appx',
  msix: 'appx',
  msi: 'msi',
};

/** Which packaging system says it is installed: `from`, else what the operating system implies. */
function channelOf(row: Obj, family: OsFacts['family'] | null): string {
  const from = textOf(row['from'])?.toLowerCase() ?? '';
  const known = channels[from];
  if (known !== undefined) return known;
  if (from === 'wmi') return 'other';
  if (from === 'registry' || family === 'windows') return guid.test(textOf(row['guid']) ?? '') ? 'msi' : 'registry';
  if (family === 'macos') return 'bundle';
  return 'other';
}

const reverseDomain = /^[a-z][\w-]*(\.[\w-]+){1,8}$/i;

/** A strong code: product code, registry key, package family name, bundle or application id. */
function codeOf(row: Obj, channel: string): string | null {
  const given = textOf(row['guid']) ?? textOf(row['bundle_id']) ?? textOf(row['bundleid']) ?? textOf(row['package_family_name']);
  if (given !== null) return channel === 'msi' ? given.toUpperCase() : given;
  // The Android agent writes the application id into the comments.
  const comments = textOf(row['comments']);
  const android = textOf(row['from'])?.toLowerCase() === 'android';
  return android && comments !== null && reverseDomain.test(comments) ? comments : null;
}
