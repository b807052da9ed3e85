import { assetCoverageResource, connectorResource } from '@muster/api/connectors';
import { sql } from 'kysely';
import { defineListing } from '../../platform/listing/index.ts';

export const connectorListing = defineListing(connectorResource, {
  from: sql`connectors c`,
  id: sql`c.id`,
  columns: {
    id: { sql: sql`c.id` },
    name: { sql: sql`c.name` },
    kind: { sql: sql`c.kind` },
    health: {
      sql: sql`(case when not c.enabled then 'paused' when c.last_state is null then 'never_run' when c.last_state = 'failed' then 'failing' else c.last_state end)`,
    },
    enabled: { sql: sql`c.enabled` },
    everyMinutes: { sql: sql`c.every_minutes` },
    devices: { sql: sql`c.last_devices` },
    lastRunAt: { sql: sql`c.last_run_at` },
    lastOkAt: { sql: sql`c.last_ok_at` },
    nextRunAt: { sql: sql`c.next_run_at` },
    createdAt: { sql: sql`c.created_at` },
  },
  search: sql`lower(c.name)`,
});

export const isManaged = sql`(v.managed_at is not null)`;
/** Agents count for 30 days. */
export const agentRecent = sql`coalesce(v.agent_at >= now() - interval '30 days', false)`;

export const assetCoverageListing = defineListing(assetCoverageResource, {
  from: sql`asset_sources v join assets a on a.id = v.asset_id`,
  id: sql`v.asset_id`,
  // An asset that was merged away has no observation, so no row here; said so, the indexes of assets can be walked.
  where: sql`a.redirected_to is null`,
  columns: {
    id: { sql: sql`v.asset_id` },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`a.id`, sort: { sql: sql`a.name`, type: 'text' } },
    class: { sql: sql`a.class_key` },
    sources: { sql: sql`v.sources` },
    sourceCount: { sql: sql`v.source_count` },
    managed: { sql: isManaged },
    agentRecent: { sql: agentRecent },
    agentAt: { sql: sql`v.agent_at` },
    managedAt: { sql: sql`v.managed_at` },
    lastReceivedAt: { sql: sql`v.last_received_at` },
  },
  search: sql`a.search_text`,
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});
