import { Problem } from '@muster/api/errors';
import type { ProductDetail, ProductInput, productPatchSchema } from '@muster/api/software';
import type { z } from 'zod';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { shippedContent } from './content.ts';
import { bumpLocalVersion, lockRules } from './store.ts';
import { markProducts } from './store-counts.ts';
import {
  countsOf,
  insertProduct,
  insertPublisher,
  productById,
  productNamed,
  productsByKey,
  publisherById,
  publisherByName,
  suitesWith,
  topEvidence,
  updateProduct,
} from './store-products.ts';

/** A product with what the page of it shows. Throws `not_found`. */
export async function productDetail(db: Db, id: string): Promise<ProductDetail> {
  const row = await productById(db, id);
  if (row === undefined) throw new Problem('not_found');
  const content = shippedContent().ruleset.products.get(row.key)?.row;
  const ref = (r: { id: string; name: string }) => ({ id: r.id, label: r.name });
  const [includes, includedIn, editions, releases, top, rules] = [
    await productsByKey(db, row.suite_of),
    await suitesWith(db, row.key),
    await countsOf(db, id, 'edition'),
    await countsOf(db, id, 'release'),
    await topEvidence(db, id),
    await countsOf(db, id, 'rule'),
  ];
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    publisher: { id: row.publisher_id, label: row.publisher_name },
    category: row.category as ProductDetail['category'],
    kind: row.kind as ProductDetail['kind'],
    licensable: row.licensable,
    includes: includes.map(ref),
    includedIn: includedIn.map(ref),
    assets: row.assets,
    installations: row.installations,
    source: row.source as ProductDetail['source'],
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
    catalogue:
      content === undefined
        ? null
        : {
            source: content.source,
            reviewedOn: content.reviewedOn,
            platforms: [...content.platforms],
            editions: (content.editions ?? []).map((e) => e.split('=')[0] ?? e),
          },
    editions,
    releases,
    topEvidence: top,
    rules: rules.map((r) => ({
      rule: r.value ?? 'none',
      local: (r.value ?? '').startsWith('local/'),
      evidence: r.evidence,
      installations: r.installations,
    })),
  };
}

/** Makes a product the catalogue does not have. Throws `conflict` when the publisher has one of that name. */
export async function createProduct(platform: Platform, actor: Actor, input: ProductInput): Promise<ProductDetail> {
  return inTx(platform.db, async (tx) => {
    await lockRules(tx);
    const publisher = await publisherFor(tx, input);
    if (await productNamed(tx, publisher.id, input.name))
      throw new Problem('conflict', `${publisher.name} has a product of this name already.`);
    const id = newId();
    await insertProduct(tx, {
      id,
      key: localKey(input.name, id),
      name: input.name,
      publisherId: publisher.id,
      publisherName: publisher.name,
      category: input.category,
      kind: input.kind,
      licensable: input.licensable,
    });
    // Every process learns the new product with the local rules.
    await bumpLocalVersion(tx);
    await audit(tx, actor, {
      action: 'product.created',
      resource: 'products',
      resourceId: id,
      summary: `Created the product ${input.name}`,
      after: input,
    });
    return productDetail(tx, id);
  });
}

async function publisherFor(tx: Tx, input: ProductInput): Promise<{ id: string; name: string }> {
  if (input.publisherId !== undefined) {
    const known = await publisherById(tx, input.publisherId);
    if (known === undefined)
      throw new Problem('validation_failed', undefined, {
        errors: [{ field: 'publisherId', code: 'unknown', message: 'There is no such publisher.' }],
      });
    return known;
  }
  const name = input.publisherName ?? '';
  const known = await publisherByName(tx, name);
  if (known !== undefined) return known;
  const made = { id: newId(), key: '', name };
  await insertPublisher(tx, { ...made, key: localKey(name, made.id) });
  return made;
}

/** `local/planner-3f9a2c`: readable, and unique by the end of the id. */
const localKey = (name: string, id: string): string =>
  `local/${name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60)}-${id.slice(-6)}`;

/** Changes a product. Of a catalogue product only `licensable` can be changed: the rest comes from the catalogue. */
export async function patchProduct(
  platform: Platform,
  actor: Actor,
  id: string,
  version: number,
  patch: z.infer<typeof productPatchSchema>,
): Promise<ProductDetail> {
  return inTx(platform.db, async (tx) => {
    const row = await productById(tx, id, { lock: true });
    if (row === undefined) throw new Problem('not_found');
    if (row.version !== version) throw new Problem('stale', 'Someone changed this product in the meantime. Read it again.');
    if (row.source !== 'local') {
      const fixed = (['name', 'category'] as const).filter((field) => patch[field] !== undefined && patch[field] !== row[field]);
      if (fixed.length > 0)
        throw new Problem('validation_failed', undefined, {
          errors: fixed.map((field) => ({
            field,
            code: 'from_catalogue',
            message: 'This comes from the catalogue and cannot be changed here.',
          })),
        });
    }
    const next = { name: patch.name ?? row.name, category: patch.category ?? row.category, licensable: patch.licensable ?? row.licensable };
    if (next.name.toLowerCase() !== row.name.toLowerCase() && (await productNamed(tx, row.publisher_id, next.name)))
      throw new Problem('conflict', `${row.publisher_name} has a product of this name already.`);
    await updateProduct(tx, id, {
      ...next,
      licensableDecided: patch.licensable !== undefined,
      searchText: `${next.name} ${row.publisher_name} ${row.key}`,
    });
    if (next.licensable !== row.licensable) await markProducts(tx, [id]);
    await audit(tx, actor, {
      action: 'product.updated',
      resource: 'products',
      resourceId: id,
      summary: `Changed the product ${next.name}`,
      before: { name: row.name, category: row.category, licensable: row.licensable },
      after: next,
    });
    return productDetail(tx, id);
  });
}
