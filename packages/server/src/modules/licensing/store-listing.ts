import { demandResource, entitlementResource, positionResource } from '@muster/api/licensing';
import { sql } from 'kysely';
import { customColumnsOf } from '../fields/index.ts';
import { defineListing, type Listing } from '../../platform/listing/index.ts';
import { noAsset } from './store-positions.ts';

const publisher = sql`join publishers pu on pu.id = p.publisher_id`;

/** Days are days in UTC, as everywhere. */
const today = sql`(now() at time zone 'utc')::date`;

export const entitlementListing = defineListing(entitlementResource, {
  from: sql`entitlements b join products p on p.id = b.product_id`,
  id: sql`b.id`,
  joins: { publisher },
  customFields: customColumnsOf('entitlements', sql`b.custom`, sql`b.id`),
  columns: {
    id: { sql: sql`b.id` },
    product: { sql: sql`p.name`, ref: sql`b.product_id` },
    publisher: { sql: sql`pu.name`, ref: sql`p.publisher_id`, join: 'publisher' },
    metric: { sql: sql`b.metric` },
    quantity: { sql: sql`b.quantity` },
    edition: { sql: sql`b.edition` },
    status: {
      sql: sql`(case when b.retired_at is not null then 'retired' when b.ends_on < ${today} then 'expired' when b.starts_on > ${today} then 'future' else 'active' end)`,
    },
    startsOn: { sql: sql`b.starts_on` },
    endsOn: { sql: sql`b.ends_on` },
    pool: { sql: sql`b.pool` },
    unitPrice: { sql: sql`trim_scale(b.unit_price)`, currency: sql`b.currency` },
    totalPrice: { sql: sql`trim_scale(b.unit_price * b.quantity)`, currency: sql`b.currency` },
    purchaseReference: { sql: sql`b.purchase_reference`, searched: true },
    supplier: { sql: sql`b.supplier`, searched: true },
    purchasedOn: { sql: sql`b.purchased_on` },
    agreement: { sql: sql`b.agreement`, searched: true },
    notes: { sql: sql`b.notes` },
    createdAt: { sql: sql`b.created_at` },
    updatedAt: { sql: sql`b.updated_at` },
  },
  search: sql`(b.search_text || ' ' || p.search_text)`,
});

export const positionListing = defineListing(positionResource, {
  from: sql`positions b join products p on p.id = b.product_id`,
  id: sql`b.id`,
  joins: { publisher },
  columns: {
    id: { sql: sql`b.id` },
    product: { sql: sql`p.name`, ref: sql`b.product_id` },
    publisher: { sql: sql`pu.name`, ref: sql`p.publisher_id`, join: 'publisher' },
    metric: { sql: sql`b.metric` },
    pool: { sql: sql`b.pool` },
    status: { sql: sql`b.status` },
    owned: { sql: sql`b.owned` },
    requiredMin: { sql: sql`b.required_min` },
    requiredMax: { sql: sql`b.required_max` },
    covered: { sql: sql`b.covered` },
    coveredMax: { sql: sql`b.covered_max` },
    shortfallMin: { sql: sql`b.shortfall_min` },
    shortfallMax: { sql: sql`b.shortfall_max` },
    surplusMin: { sql: sql`b.surplus_min` },
    surplusMax: { sql: sql`b.surplus_max` },
    costToCure: { sql: sql`b.cost_to_cure`, currency: sql`b.currency` },
    surplusValue: { sql: sql`b.surplus_value`, currency: sql`b.currency` },
    missingFacts: { sql: sql`b.missing_facts` },
    computedAt: { sql: sql`b.computed_at` },
  },
  search: sql`p.search_text`,
});

/** A need as the engine explains it, packed into one column: the sentence and the tree are made from it. */
const packed = sql`json_build_object('consumer', d.consumer, 'label', d.label, 'assetId', nullif(d.asset_id, ${noAsset}::uuid), 'edition', d.edition, 'min', d.required_min, 'max', d.required_max,
  'missing', d.missing, 'exemption', d.exemption, 'facts', d.facts)::text`;

/** The demands of one position. `sentence` and `derivation` come packed; `presentDemand` makes them. */
export function demandListing(positionId: string): Listing<typeof demandResource> {
  return defineListing(demandResource, {
    from: sql`position_demands d`,
    id: sql`(d.asset_id::text || ' ' || d.consumer)`,
    idType: 'text',
    where: sql`d.position_id = ${positionId}`,
    joins: {
      asset: sql`left join assets a on a.id = d.asset_id`,
      entitlement: sql`left join entitlements e on e.id = d.entitlement_id`,
    },
    columns: {
      id: { sql: sql`(d.asset_id::text || ' ' || d.consumer)` },
      consumer: { sql: sql`d.label` },
      asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`a.id`, join: 'asset' },
      requiredMin: { sql: sql`d.required_min` },
      requiredMax: { sql: sql`d.required_max` },
      covered: { sql: sql`d.covered` },
      entitlement: { sql: sql`coalesce(e.purchase_reference, e.supplier, e.id::text)`, ref: sql`e.id`, join: 'entitlement' },
      edition: { sql: sql`d.edition` },
      exemption: { sql: sql`d.exemption` },
      missing: { sql: sql`to_jsonb(d.missing)` },
      isRange: { sql: sql`(d.required_min <> d.required_max)` },
      isShort: { sql: sql`(d.covered < d.required_min)` },
      facts: { sql: sql`d.facts` },
      sentence: { sql: packed },
      derivation: { sql: packed },
    },
    search: sql`lower(d.label)`,
  });
}
