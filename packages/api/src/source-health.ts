import { z } from 'zod';
import { dateSchema, instantSchema } from './dates.ts';
import { idSchema } from './ids.ts';
import { defineRoute } from './route.ts';

/** What kind of thing observations come from: agents of one family, a connector, a network that a collector scans, walks that people upload. */
export const sourceKinds = ['agents', 'connector', 'network', 'upload'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/**
 * The worst first. `denied`: a system refused a listing. `failing`: the last run failed, or most reports of a day cannot be processed.
 * `late`: nothing came when it should have. `never`: it has not begun. `paused`: someone switched it off.
 */
export const sourceStates = ['denied', 'failing', 'late', 'never', 'paused', 'ok'] as const;
export type SourceState = (typeof sourceStates)[number];

/** Why it is in that state; `detail` says which. */
export const sourceReasons = [
  'listing_denied',
  'listing_failed',
  'listing_stale',
  'run_failed',
  'run_overdue',
  'run_waits',
  'reports_fail',
  'no_report',
  'agents_silent',
  'not_begun',
  'switched_off',
  'as_expected',
] as const;
export type SourceReason = (typeof sourceReasons)[number];

export const sourceHealthSchema = z.object({
  id: z.string().meta({ description: 'Stable, for example `agents:glpi` or `connector:<id>`.' }),
  kind: z.enum(sourceKinds),
  /** The family of agents or the kind of connector; null for a network. */
  source: z.string().nullable(),
  label: z.string(),
  by: z.string().nullable().meta({ description: 'The collector that scans the network.' }),
  state: z.enum(sourceStates),
  reason: z.enum(sourceReasons),
  detail: z.string().nullable(),
  /** Agents, rows of the last run, or addresses that answered in it. */
  things: z.number().int().nullable(),
  lastOkAt: instantSchema.nullable(),
  lastErrorAt: instantSchema.nullable(),
  lastError: z.string().nullable(),
  nextAt: instantSchema.nullable(),
  /** Reports, rows or results of the last seven days (UTC), the oldest first, the running day last. */
  volume: z.array(z.object({ day: dateSchema, count: z.number().int() })),
  /** The connector or network. */
  recordId: idSchema.nullable(),
});
export type SourceHealth = z.infer<typeof sourceHealthSchema>;

export const listSourceHealth = defineRoute({
  method: 'GET',
  path: '/api/v1/source-health',
  summary: 'Every source of observations: whether it works, when it last did, and how much it brings',
  description: 'Agents by family, connectors, networks that collectors scan, and uploads, the worst first.',
  tag: 'Discovery',
  access: 'discovery:read',
  response: z.object({ items: z.array(sourceHealthSchema) }),
});
