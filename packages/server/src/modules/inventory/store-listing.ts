import { componentResource } from '@muster/api/components';
import { assetSoftwareResource, installationResource, observationResource } from '@muster/api/inventory';
import { sql } from 'kysely';
import { type Column, defineListing, type Listing, type Sql } from '../../platform/listing/index.ts';

const joins = {
  evidence: sql`join evidence e on e.id = i.evidence_id`,
  recognition: sql`left join evidence_recognition er on er.evidence_id = i.evidence_id`,
  product: sql`left join products pr on pr.id = er.product_id`,
  observation: sql`join observations o on o.id = i.observation_id`,
};

/** No id of its own: an installation is the evidence on the asset as told by one source, since a moment. */
const installationId = sql`(i.asset_id::text || '.' || i.observation_id::text || '.' || i.evidence_id || '.' || (extract(epoch from i.first_seen_at) * 1000000)::bigint)`;

const columns = {
  id: { sql: installationId },
  title: { sql: sql`e.name`, join: 'evidence' },
  version: { sql: sql`e.version`, join: 'evidence' },
  publisher: { sql: sql`e.publisher`, join: 'evidence' },
  product: { sql: sql`pr.name`, ref: sql`er.product_id`, join: ['recognition', 'product'] },
  edition: { sql: sql`er.edition`, join: 'recognition' },
  kind: { sql: sql`(case when er.rule is null or er.rule = 'none' then 'unknown' else er.kind end)`, join: 'recognition' },
  channel: { sql: sql`e.channel`, join: 'evidence' },
  arch: { sql: sql`e.arch`, join: 'evidence' },
  firstSeen: { sql: sql`i.first_seen_at` },
  lastSeen: { sql: sql`coalesce(i.removed_at, o.last_received_at)`, join: 'observation' },
  removedAt: { sql: sql`i.removed_at` },
  installedOn: { sql: sql`i.installed_on` },
  lastUsed: { sql: sql`i.last_used_at` },
  source: { sql: sql`o.source`, join: 'observation' },
  path: { sql: sql`i.path` },
  user: { sql: sql`i.user_login` },
  evidence: { sql: sql`i.evidence_id` },
} satisfies Record<string, Column>;

const installedThen = (at: string): Sql =>
  sql`i.first_seen_at <= ${at}::timestamptz and (i.removed_at is null or i.removed_at > ${at}::timestamptz)`;

/** The installations as of a time; what was removed later was not removed then. */
const asOf = (
  at: string,
  where: Sql,
): Sql => sql`(select i.asset_id, i.observation_id, i.evidence_id, i.first_seen_at, null::timestamptz as removed_at, i.installed_on, i.path, i.user_login, i.last_used_at
  from installations i where ${where} and ${installedThen(at)}) i`;

export const installationListing = defineListing(installationResource, {
  // Role scopes look at the asset, so it is always there.
  from: sql`installations i join assets a on a.id = i.asset_id`,
  id: installationId,
  idType: 'text',
  where: sql`i.removed_at is null`,
  joins,
  columns: {
    ...columns,
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`i.asset_id` },
    assetClass: { sql: sql`a.class_key` },
  },
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
  asOf: (at) => sql`${asOf(at, sql`true`)} join assets a on a.id = i.asset_id`,
});

/** The software of one asset; reaching the asset is checked before. */
export function assetSoftwareListing(assetId: string, show: 'current' | 'removed' | 'all'): Listing<typeof assetSoftwareResource> {
  const condition = { current: sql`i.removed_at is null`, removed: sql`i.removed_at is not null`, all: sql`true` }[show];
  return defineListing(assetSoftwareResource, {
    from: sql`installations i`,
    id: installationId,
    idType: 'text',
    where: sql`i.asset_id = ${assetId}::uuid and ${condition}`,
    joins,
    columns,
    asOf: (at) => asOf(at, sql`i.asset_id = ${assetId}::uuid`),
  });
}

export const componentListing = defineListing(componentResource, {
  // Role scopes look at the asset, so it is always there.
  from: sql`components c join assets a on a.id = c.asset_id`,
  id: sql`c.id`,
  joins: { observation: sql`join observations o on o.id = c.observation_id` },
  columns: {
    id: { sql: sql`c.id` },
    name: { sql: sql`c.name`, searched: true },
    kind: { sql: sql`c.kind` },
    manufacturer: { sql: sql`c.manufacturer`, searched: true },
    model: { sql: sql`c.model`, searched: true },
    serial: { sql: sql`c.serial` },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`c.asset_id` },
    assetClass: { sql: sql`a.class_key` },
    source: { sql: sql`o.source`, join: 'observation' },
    firstSeen: { sql: sql`c.first_seen_at` },
    lastSeen: { sql: sql`coalesce(c.removed_at, greatest(c.first_seen_at, o.last_full_at))`, join: 'observation' },
    removedAt: { sql: sql`c.removed_at` },
    data: { sql: sql`c.data` },
  },
  search: sql`c.search_text`,
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});

export const observationListing = defineListing(observationResource, {
  from: sql`observations o left join assets a on a.id = o.asset_id`,
  id: sql`o.id`,
  columns: {
    id: { sql: sql`o.id` },
    source: { sql: sql`o.source` },
    nativeId: { sql: sql`o.native_id` },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`o.asset_id` },
    held: { sql: sql`(o.asset_id is null)` },
    reason: {
      sql: sql`(select d.reasons -> 'sentences' ->> 0 from identity_decisions d where d.observation_id = o.id order by d.at desc, d.id desc limit 1)`,
    },
    itemType: { sql: sql`o.item_type` },
    tag: { sql: sql`o.tag` },
    agentVersion: { sql: sql`o.agent_version` },
    reports: { sql: sql`o.reports` },
    firstReceivedAt: { sql: sql`o.first_received_at` },
    lastReceivedAt: { sql: sql`o.last_received_at` },
  },
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});
