import { Problem } from '@muster/api/errors';
import type { Page } from '@muster/api/listing';
import type { EvidenceDetail, getRecognitionState, UnrecognisedGroup } from '@muster/api/software';
import type { ResponseOf } from '@muster/api/route';
import { nearestProducts, recognise, withLocalRules } from '@muster/core/recognition';
import type { Db } from '../../platform/db/types.ts';
import { shippedContent } from './content.ts';
import { activeLocalRules, productNames } from './store.ts';
import { countUnrecognisedGroups, evidenceDetail, recognitionTotals, unrecognisedGroups, type UnrecognisedRow } from './store-evidence.ts';

/** Unknown titles, grouped by what is left of their name, the most installed first, each with products that may be meant. */
export async function unrecognisedQueue(
  db: Db,
  query: { q?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<Page<UnrecognisedGroup>> {
  const words = (query.q ?? '').split(/\s+/).filter((w) => w !== '');
  const rows = await unrecognisedGroups(db, { words, after: readCursor(query.cursor), limit: query.limit + 1 });
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const publishers = shippedContent().ruleset.publisherNames;
  const products = (await productNames(db)).map((p) => ({
    id: p.id,
    key: p.key,
    name: p.name,
    publisher: publishers.get(p.publisher_key) ?? p.publisher_key,
  }));
  return {
    items: page.map((row) => presentGroup(row, products, row.publisher_key === null ? null : (publishers.get(row.publisher_key) ?? null))),
    nextCursor: rows.length > query.limit && last !== undefined ? writeCursor(last) : null,
    previousCursor: null,
    total: await countUnrecognisedGroups(db, words),
    totalIsEstimate: false,
  };
}

function presentGroup(
  row: UnrecognisedRow,
  products: { id: string; key: string; name: string; publisher: string }[],
  publisher: string | null,
): UnrecognisedGroup {
  return {
    name: row.cleaned_name,
    publisher: row.publisher === '' ? null : row.publisher,
    channels: row.channels,
    evidence: row.evidence,
    installations: row.installations,
    samples: row.samples,
    suggestions: nearestProducts(row.cleaned_name, publisher, products).map(({ product, similarity }) => ({
      id: product.id,
      label: product.name,
      publisher: product.publisher,
      similarity,
    })),
    suggestedPattern: suggestedPattern(row.samples.map((s) => s.name)),
  };
}

/** The titles' common beginning with `*`, or the title itself when there is but one. */
export function suggestedPattern(names: readonly string[]): string {
  const [first = ''] = names;
  if (names.every((name) => name === first)) return first.replaceAll('*', '').trim() || first;
  let length = 0;
  while (length < first.length && names.every((name) => name[length]?.toLowerCase() === first[length]?.toLowerCase())) length++;
  // Cut back to a whole word: half a version number says nothing.
  const common = first.slice(0, length).replace(/[\s(]*[\d.]*$/, '');
  return common.length >= 3 ? `${common}*` : first;
}

function readCursor(text: string | undefined): { installations: number; name: string; publisher: string } | null {
  if (text === undefined) return null;
  try {
    const [installations, name, publisher] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    if (Number.isInteger(installations) && typeof name === 'string' && typeof publisher === 'string')
      return { installations: installations as number, name, publisher };
  } catch {
    // Falls through to the same answer as any other cursor that is not ours.
  }
  throw new Problem('bad_cursor');
}
const writeCursor = (row: UnrecognisedRow): string =>
  Buffer.from(JSON.stringify([row.installations, row.cleaned_name, row.publisher])).toString('base64url');

/** A raw title with its recognition and how it came about. Throws `not_found`. */
export async function evidenceWithSteps(db: Db, id: number): Promise<EvidenceDetail> {
  const row = await evidenceDetail(db, id);
  if (row === undefined) throw new Problem('not_found');
  const { ruleset, hash } = shippedContent();
  const explained = recognise(row, withLocalRules(ruleset, hash, await activeLocalRules(db)), { explain: true });
  const names = new Map((await productNames(db)).map((p) => [p.id, p.key]));
  const ref = (refId: string | null, label: string | null) => (refId === null ? null : { id: refId, label: label ?? refId });
  const stored = row.product_id === null ? null : (names.get(row.product_id) ?? null);
  return {
    id: row.id,
    name: row.name,
    version: row.version,
    publisher: row.publisher,
    channel: row.channel,
    arch: row.arch,
    code: row.code,
    firstSeenAt: row.first_seen_at.toISOString(),
    installations: row.installations,
    assets: row.assets,
    recognition: {
      product: ref(row.product_id, row.product_name),
      partOf: ref(row.part_of, row.part_of_name),
      publisher: ref(row.publisher_id, row.publisher_name),
      edition: row.edition,
      release: row.release,
      version: row.recognised_version,
      kind: (row.kind ?? 'product') as EvidenceDetail['recognition']['kind'],
      rule: row.rule ?? 'none',
      confidence: (row.confidence ?? 'none') as EvidenceDetail['recognition']['confidence'],
      ruleset: row.ruleset ?? '',
      at: (row.at ?? row.first_seen_at).toISOString(),
    },
    steps: explained.steps,
    current: row.ruleset === hash && row.rule === explained.rule && stored === explained.productKey,
  };
}

/** The ruleset in use and how much it recognises. */
export async function recognitionState(db: Db): Promise<ResponseOf<typeof getRecognitionState>> {
  const { content, ruleset, hash } = shippedContent();
  const totals = await recognitionTotals(db, hash);
  return {
    ruleset: hash,
    products: content.products.length,
    publishers: content.publishers.length,
    rules: ruleset.ruleCount,
    localRules: (await activeLocalRules(db)).length,
    evidence: {
      total: totals.total,
      recognised: totals.recognised,
      unrecognised: totals.total - totals.recognised,
      outdated: totals.outdated,
    },
    installations: { total: totals.installations, recognised: totals.recognised_installations },
  };
}
