/**
 * Address ranges as people write them: `10.0.0.0/24`, `10.0.0.5-10.0.0.9`, `10.0.0.5-9`, `10.0.0.7`, and the same in IPv6. One grammar for
 * the form, the server's validation and the collector's own refusal of what is outside.
 */
export type IpFamily = 4 | 6;
export interface IpAddress {
  readonly family: IpFamily;
  readonly value: bigint;
}
export interface IpSpan {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly last: bigint;
}

const bits: Record<IpFamily, number> = { 4: 32, 6: 128 };

/** Reads an address; null when it is none. An IPv6 zone (`%eth0`) is not accepted. */
export function parseIp(text: string): IpAddress | null {
  const value = text.includes(':') ? parseV6(text) : parseV4(text);
  return value === null ? null : { family: text.includes(':') ? 6 : 4, value };
}

function parseV4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function parseV6(text: string): bigint | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const embedded = tail ? parseV4(tail[2] ?? '') : null;
  if (tail && embedded === null) return null;
  const plain =
    tail && embedded !== null ? `${tail[1]}${(embedded >> 16n).toString(16)}:${(embedded & 0xffffn).toString(16)}` : text.toLowerCase();
  const halves = plain.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = groups.flat();
  if (!given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  if (halves.length === 1 ? given.length !== 8 : given.length > 7) return null;
  const filled = halves.length === 1 ? given : [...(groups[0] ?? []), ...Array(8 - given.length).fill('0'), ...(groups[1] ?? [])];
  return filled.reduce((sum: bigint, group: string) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** Writes an address; IPv6 with its longest run of zeros shortened, as RFC 5952 asks. */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString()).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const runs = [...groups.join(':').matchAll(/(?<![\da-f])0(?::0)+(?![\da-f])/g)].sort((a, b) => b[0].length - a[0].length);
  const run = runs[0];
  if (!run) return groups.join(':');
  const text = groups.join(':');
  return `${text.slice(0, run.index).replace(/:$/, '')}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`;
}

/**
 * Reads a range; null when it is none. Of an IPv4 network larger than a /31 the network and the broadcast address are left out, as no host
 * has them.
 */
export function parseSpan(text: string): IpSpan | null {
  const trimmed = text.trim();
  const cidr = /^([^/]+)\/(\d{1,3})$/.exec(trimmed);
  if (cidr) return networkSpan(parseIp(cidr[1] ?? ''), Number(cidr[2]));
  const [from = '', until] = trimmed.split('-').map((part) => part.trim());
  const first = parseIp(from);
  if (!first || trimmed.split('-').length > 2) return null;
  if (until === undefined) return { family: first.family, first: first.value, last: first.value };
  const last = first.family === 4 && /^\d{1,3}$/.test(until) ? parseIp(from.replace(/\d+$/, until)) : parseIp(until);
  if (!last || last.family !== first.family || last.value < first.value) return null;
  return { family: first.family, first: first.value, last: last.value };
}

function networkSpan(address: IpAddress | null, prefix: number): IpSpan | null {
  if (!address || prefix > bits[address.family]) return null;
  const host = BigInt(bits[address.family] - prefix);
  const first = (address.value >> host) << host;
  const last = first + (1n << host) - 1n;
  const inner = address.family === 4 && host > 1n ? 1n : 0n;
  return { family: address.family, first: first + inner, last: last - inner };
}

const block = (text: string): IpSpan => {
  const [address = '', prefix] = text.split('/');
  const { family, value } = parseIp(address) as IpAddress;
  return { family, first: value, last: value + (1n << BigInt(bits[family] - Number(prefix))) - 1n };
};

/** Not reachable from the internet (RFC 1918, 6598, 1122, 3927, 4193, 4291). */
const privateBlocks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
].map(block);
/** No single host: "this network", multicast, reserved and broadcast, and IPv4 written as IPv6, which would slip past the rules for IPv4. */
const unscannableBlocks = ['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/128', '::ffff:0:0/96', 'ff00::/8'].map(block);

/** Whether any address of the span may belong to someone else on the internet. */
export function isPublic(span: IpSpan): boolean {
  return !privateBlocks.some((known) => known.family === span.family && known.first <= span.first && span.last <= known.last);
}

/** Whether the span touches addresses that are no single host's: multicast, broadcast, reserved. */
export function isUnscannable(span: IpSpan): boolean {
  return unscannableBlocks.some((known) => known.family === span.family && known.first <= span.last && span.first <= known.last);
}

/** Addresses of some spans without the excluded ones, each once, in order, reached by number: nothing is laid out in memory. */
export class AddressSet {
  readonly #spans: readonly IpSpan[];
  readonly count: bigint;

  constructor(spans: readonly IpSpan[], excluded: readonly IpSpan[] = []) {
    this.#spans = without(merged(spans), merged(excluded));
    this.count = this.#spans.reduce((sum, span) => sum + span.last - span.first + 1n, 0n);
  }

  /** The address with this number, from 0. Throws RangeError behind the last. */
  at(index: number): string {
    let rest = BigInt(index);
    for (const span of this.#spans) {
      const size = span.last - span.first + 1n;
      if (rest < size) return formatIp({ family: span.family, value: span.first + rest });
      rest -= size;
    }
    throw new RangeError(`There is no address number ${index}`);
  }

  /** The spans that make it up, in order; none touches another. */
  get spans(): readonly IpSpan[] {
    return this.#spans;
  }

  /** Whether the address is one of them. */
  has(address: string): boolean {
    const ip = parseIp(address);
    return ip !== null && this.#spans.some((span) => span.family === ip.family && span.first <= ip.value && ip.value <= span.last);
  }
}

function merged(spans: readonly IpSpan[]): IpSpan[] {
  const result: IpSpan[] = [];
  const sorted = spans.toSorted((a, b) => a.family - b.family || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  for (const span of sorted) {
    const before = result.at(-1);
    if (before?.family === span.family && span.first <= before.last + 1n)
      result[result.length - 1] = { ...before, last: span.last > before.last ? span.last : before.last };
    else result.push(span);
  }
  return result;
}

function without(spans: readonly IpSpan[], excluded: readonly IpSpan[]): IpSpan[] {
  let left = [...spans];
  for (const gap of excluded) {
    left = left.flatMap((span) => {
      if (span.family !== gap.family || gap.last < span.first || gap.first > span.last) return [span];
      return [
        ...(span.first < gap.first ? [{ ...span, last: gap.first - 1n }] : []),
        ...(gap.last < span.last ? [{ ...span, first: gap.last + 1n }] : []),
      ];
    });
  }
  return left;
}

export interface RangeFault {
  /** `ranges[2]`, `excluded[0]`, `ranges`, `hostBudget`. */
  readonly field: string;
  readonly code: 'bad_range' | 'public' | 'unscannable' | 'too_many' | 'empty';
  readonly message: string;
}

export interface RangeRequest {
  readonly ranges: readonly string[];
  readonly excluded: readonly string[];
  readonly allowPublic: boolean;
  /** Most addresses of one run. */
  readonly hostBudget: number;
}

/**
 * The addresses that may be scanned, or everything that is wrong with the request, all faults at once. Public addresses are refused unless
 * allowed; multicast, broadcast and reserved ones always.
 */
export function readRanges(request: RangeRequest): { addresses: AddressSet; faults: RangeFault[] } {
  const faults: RangeFault[] = [];
  const read = (texts: readonly string[], field: string): (IpSpan | null)[] =>
    texts.map((text, i) => {
      const span = parseSpan(text);
      const message = `“${text}” is no address range. Write 10.0.0.0/24, 10.0.0.5-10.0.0.9 or one address.`;
      if (!span) faults.push({ field: `${field}[${i}]`, code: 'bad_range', message });
      return span;
    });
  const spans = read(request.ranges, 'ranges');
  spans.forEach((span, i) => {
    const text = request.ranges[i] ?? '';
    const field = `ranges[${i}]`;
    if (span && isUnscannable(span))
      faults.push({ field, code: 'unscannable', message: `“${text}” holds multicast, broadcast or reserved addresses.` });
    else if (span && isPublic(span) && !request.allowPublic)
      faults.push({
        field,
        code: 'public',
        message: `“${text}” holds public addresses. Scan only what is yours, and allow it explicitly.`,
      });
  });
  const excluded = read(request.excluded, 'excluded').filter((span) => span !== null);
  const addresses = new AddressSet(
    spans.filter((span) => span !== null),
    excluded,
  );
  if (faults.length === 0 && addresses.count === 0n)
    faults.push({ field: 'ranges', code: 'empty', message: 'No address is left to scan.' });
  if (addresses.count > BigInt(request.hostBudget))
    faults.push({
      field: 'hostBudget',
      code: 'too_many',
      message: `The ranges hold ${addresses.count} addresses, the budget is ${request.hostBudget}. Raise the budget or split the ranges.`,
    });
  return { addresses, faults };
}
