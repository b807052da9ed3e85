/** A list of values that do not identify a device, as kept in content/identity. */
export interface IdentityList {
  readonly kind: string;
  readonly values: readonly string[];
}

/** The lists ready to be asked. */
export interface PlaceholderLists {
  readonly serials: ReadonlySet<string>;
  readonly uuids: ReadonlySet<string>;
  readonly macs: ReadonlySet<string>;
  readonly macPrefixes: readonly string[];
  readonly usbDrivers: ReadonlySet<string>;
}

/** Prepares the lists of content/identity for `extractKeys`. Lists of one kind add up. */
export function compileLists(lists: readonly IdentityList[]): PlaceholderLists {
  const of = (kind: string): string[] => lists.filter((l) => l.kind === kind).flatMap((l) => [...l.values]);
  const macs = of('mac').map((v) => v.toLowerCase());
  return {
    serials: new Set(of('serial').map(normaliseText)),
    uuids: new Set(of('uuid').flatMap((v) => canonicalUuid(v) ?? [])),
    macs: new Set(macs.filter((m) => m.length === 12)),
    macPrefixes: macs.filter((m) => m.length < 12),
    usbDrivers: new Set(of('usb_driver').map((v) => v.toLowerCase())),
  };
}

/** NFC, trimmed, upper case, runs of white space collapsed: how serial numbers are compared. */
export function normaliseText(value: string): string {
  return value.normalize('NFC').trim().replace(/\s+/g, ' ').toUpperCase();
}

/** The first three fields of a UUID with their bytes reversed: SMBIOS before and since 2.6 disagree about them. */
export function swapUuid(uuid: string): string {
  const reverse = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('');
  const [a = '', b = '', c = '', ...rest] = uuid.split('-');
  return [reverse(a), reverse(b), reverse(c), ...rest].join('-');
}

/** A UUID as 8-4-4-4-12 lower-case digits, in whichever byte order sorts first; null when it is not a UUID. */
export function canonicalUuid(value: string): string | null {
  const hex = value.replace(/[^0-9a-fA-F]/g, '').toLowerCase();
  if (hex.length !== 32 || !/^[\s{(]*[0-9a-fA-F]{2}[0-9a-fA-F -]+[)}\s]*$/.test(value)) return null;
  const plain = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  const swapped = swapUuid(plain);
  return plain < swapped ? plain : swapped;
}

/** Twelve lower-case hex digits, or null. */
export function normaliseMac(value: string): string | null {
  const hex = value.replace(/[^0-9a-fA-F]/g, '').toLowerCase();
  return hex.length === 12 && /^[0-9a-fA-F:.\- ]+$/.test(value.trim()) ? hex : null;
}

const makers: readonly [RegExp, string][] = [
  [/^(HEWLETT[- ]PACKARD ENTERPRISE|HPE)\b/, 'HPE'],
  [/^(HEWLETT[- ]PACKARD|HP)\b/, 'HP'],
  [/^DELL\b/, 'DELL'],
  [/^LENOVO\b/, 'LENOVO'],
  [/^(APPLE)\b/, 'APPLE'],
  [/^(ASUSTEK|ASUS)\b/, 'ASUS'],
  [/^FUJITSU\b/, 'FUJITSU'],
  [/^(MICRO-STAR|MSI)\b/, 'MSI'],
];

/** A maker's name in one spelling, so that `Dell Inc.` and `DELL` are one scope of serial numbers; null when there is none. */
export function normaliseMaker(value: string | null): string | null {
  if (!value) return null;
  const upper = normaliseText(value);
  for (const [pattern, name] of makers) if (pattern.test(upper)) return name;
  const bare = upper
    .replace(/[.,]/g, ' ')
    .replace(/\b(INC|CORP|CORPORATION|CO|LTD|LIMITED|GMBH|AG|SA|LLC|TECHNOLOGY|COMPUTER|COMPUTERS)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return bare === '' || bare === 'TO BE FILLED BY O E M' || bare === 'SYSTEM MANUFACTURER' || bare === 'DEFAULT STRING' ? null : bare;
}

/** A maker's or model's name for people: trimmed, and null when it is one of the words that firmware is shipped with. */
export function meaningful(value: string | null, lists: PlaceholderLists): string | null {
  const text = value?.trim() ?? '';
  if (text === '') return null;
  const upper = normaliseText(text);
  return lists.serials.has(upper) || upper === 'SYSTEM MANUFACTURER' || upper === 'SYSTEM PRODUCT NAME' ? null : text;
}
