import { evidenceResource, productResource, publisherResource, recognitionRuleResource } from '@muster/api/software';
import { sql } from 'kysely';
import { defineListing } from '../../platform/listing/index.ts';

export const productListing = defineListing(productResource, {
  from: sql`products p`,
  id: sql`p.id`,
  joins: { publisher: sql`join publishers b on b.id = p.publisher_id` },
  columns: {
    id: { sql: sql`p.id` },
    name: { sql: sql`p.name`, searched: true },
    key: { sql: sql`p.key`, searched: true },
    publisher: { sql: sql`b.name`, ref: sql`p.publisher_id`, join: 'publisher' },
    category: { sql: sql`p.category` },
    kind: { sql: sql`p.kind` },
    licensable: { sql: sql`p.licensable` },
    assets: { sql: sql`p.assets` },
    installations: { sql: sql`p.installations` },
    source: { sql: sql`p.source` },
    updatedAt: { sql: sql`p.updated_at` },
  },
  search: sql`p.search_text`,
});

export const publisherListing = defineListing(publisherResource, {
  from: sql`publishers b`,
  id: sql`b.id`,
  columns: {
    id: { sql: sql`b.id` },
    name: { sql: sql`b.name` },
    key: { sql: sql`b.key` },
    source: { sql: sql`b.source` },
    products: { sql: sql`(select count(*)::integer from products p where p.publisher_id = b.id)` },
  },
  search: sql`lower(b.name)`,
});

export const evidenceListing = defineListing(evidenceResource, {
  from: sql`evidence e`,
  id: sql`e.id`,
  idType: 'integer',
  joins: {
    recognition: sql`left join evidence_recognition r on r.evidence_id = e.id`,
    product: sql`left join products p on p.id = r.product_id`,
  },
  columns: {
    id: { sql: sql`e.id` },
    name: { sql: sql`e.name`, searched: true },
    version: { sql: sql`e.version` },
    publisher: { sql: sql`e.publisher` },
    channel: { sql: sql`e.channel` },
    arch: { sql: sql`e.arch` },
    code: { sql: sql`e.code` },
    installations: { sql: sql`e.installations` },
    firstSeenAt: { sql: sql`e.first_seen_at` },
    product: { sql: sql`p.name`, ref: sql`r.product_id`, join: ['recognition', 'product'] },
    edition: { sql: sql`r.edition`, join: 'recognition' },
    release: { sql: sql`r.release`, join: 'recognition' },
    kind: { sql: sql`r.kind`, join: 'recognition' },
    rule: { sql: sql`r.rule`, join: 'recognition' },
    confidence: { sql: sql`r.confidence`, join: 'recognition' },
    recognised: { sql: sql`(coalesce(r.rule, 'none') <> 'none')`, join: 'recognition' },
  },
  search: sql`e.search_text`,
});

export const recognitionRuleListing = defineListing(recognitionRuleResource, {
  from: sql`local_rules l`,
  id: sql`l.id`,
  joins: { product: sql`join products p on p.id = l.product_id` },
  columns: {
    id: { sql: sql`l.id` },
    namePattern: { sql: sql`l.name_pattern` },
    publisher: { sql: sql`l.publisher` },
    channel: { sql: sql`l.channel` },
    product: { sql: sql`p.name`, ref: sql`l.product_id`, join: 'product' },
    edition: { sql: sql`l.edition` },
    createdBy: { sql: sql`l.created_by` },
    createdAt: { sql: sql`l.created_at` },
    retiredAt: { sql: sql`l.retired_at` },
  },
  search: sql`lower(l.name_pattern)`,
});
