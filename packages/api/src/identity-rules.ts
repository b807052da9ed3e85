import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { jobStates } from './jobs.ts';
import { defineRoute } from './route.ts';

/** Kinds of identity key that lead to an asset by their value. */
export const identityRuleKinds = [
  'agent_id',
  'instance_id',
  'serial',
  'enclosure_serial',
  'board_serial',
  'member_serial',
  'uuid',
  'imei',
  'udid',
  'asset_tag',
  'mac',
  'fqdn',
] as const;
/** `identifies`: as its quality says. `supports`: never joins alone and tells nothing apart. `ignored`: is not looked at. */
export const identityKeyUses = ['identifies', 'supports', 'ignored'] as const;

const use = z.enum(identityKeyUses);
const mostPlaceholders = 500;

export const identityRulesSchema = z.object({
  /** Values that mean nothing, besides the shipped lists. `*` stands for any characters; case, spaces and separators as in the value. */
  placeholders: z
    .array(
      z.object({
        kind: z.enum(identityRuleKinds),
        pattern: z
          .string()
          .trim()
          .min(1, 'name a value')
          .max(300)
          .refine(
            (pattern) => !pattern.includes('*') || pattern.replaceAll(/[\s*:.-]/g, '').length >= 2,
            'Beside * name at least two characters; to leave out every value, ignore the kind.',
          ),
      }),
    )
    .max(mostPlaceholders),
  uses: z.object({
    agent_id: use,
    instance_id: use,
    serial: use,
    enclosure_serial: use,
    board_serial: use,
    member_serial: use,
    uuid: use,
    imei: use,
    udid: use,
    asset_tag: use,
    mac: use,
    fqdn: use,
  }),
  /** A full name leads to an asset only when that was heard of less than so many days ago; 0: never. */
  nameWithinDays: z.number().int().min(0).max(3650),
  /** A new machine with the full name of another asset opens a conflict. */
  proposeSameName: z.boolean(),
});
export type IdentityRulesBody = z.infer<typeof identityRulesSchema>;

export const identityRuleSettings = ['placeholders', 'uses', 'nameWithinDays', 'proposeSameName'] as const;

const inForceSchema = z.object({
  rules: identityRulesSchema,
  shipped: identityRulesSchema,
  /** What is not as shipped, with who changed it last. */
  changes: z.array(z.object({ setting: z.enum(identityRuleSettings), changedAt: instantSchema, changedBy: z.string() })),
});
export type IdentityRulesInForce = z.infer<typeof inForceSchema>;

const tag = 'identity';
const idParams = z.object({ id: idSchema });

export const getIdentityRules = defineRoute({
  method: 'GET',
  path: '/api/v1/identity-rules',
  tag,
  access: 'discovery:read',
  summary: 'The identity rules in force, as far as they are data',
  description: 'They are changed by a dry run that is published: see identity-dry-runs.',
  response: inForceSchema,
});

const countsSchema = z.object({
  /** Observations that are stored. */
  observations: z.number().int(),
  /** Those of them that share a value with another, or that a person decided about: only they can change. */
  replayed: z.number().int(),
  /** Assets entered by hand that share a value with an observation. */
  byHand: z.number().int(),
  joined: z.number().int(),
  split: z.number().int(),
  regrouped: z.number().int(),
});

export const identityDryRunSchema = z.object({
  id: idSchema,
  jobId: idSchema,
  /** Null when the job is no longer kept. */
  state: z.enum(jobStates).nullable(),
  draft: identityRulesSchema,
  askedAt: instantSchema,
  askedBy: z.string(),
  finishedAt: instantSchema.nullable(),
  publishedAt: instantSchema.nullable(),
  /** False: other rules were published since it was asked for, and it is to be run again. */
  current: z.boolean(),
  counts: countsSchema.nullable(),
});
export type IdentityDryRun = z.infer<typeof identityDryRunSchema>;

export const startIdentityDryRun = defineRoute({
  method: 'POST',
  path: '/api/v1/identity-dry-runs',
  tag,
  access: 'settings:write',
  summary: 'Try changed identity rules over the stored history',
  description:
    'A job replays the stored observations by the rules in force and by the draft, and keeps which assets would be joined, split or regrouped. Assets and the rules in force stay as they are.',
  status: 202,
  body: identityRulesSchema,
  response: z.object({ id: idSchema, jobId: idSchema }),
  errors: ['validation_failed'],
});

export const listIdentityDryRuns = defineRoute({
  method: 'GET',
  path: '/api/v1/identity-dry-runs',
  tag,
  access: 'settings:write',
  summary: 'The latest 20 dry runs of identity rules, newest first',
  response: z.object({ items: z.array(identityDryRunSchema) }),
});

export const getIdentityDryRun = defineRoute({
  method: 'GET',
  path: '/api/v1/identity-dry-runs/:id',
  tag,
  access: 'settings:write',
  summary: 'A dry run with its counts',
  params: idParams,
  response: identityDryRunSchema,
  errors: ['not_found'],
});

export const clusterChangeKinds = ['joined', 'split', 'regrouped'] as const;

const whySchema = z.object({
  /** Numbers the machines of this group, from 1; null: it would be held, or stand for nothing. */
  group: z.number().int().nullable(),
  rule: z.string(),
  reasons: z.array(z.string()),
});

export const identityDryRunChangeSchema = z.object({
  no: z.number().int(),
  /** `joined`: several machines become one. `split`: one becomes several. `regrouped`: both at once. */
  kind: z.enum(clusterChangeKinds),
  /** How many machines these are now, and would be. */
  before: z.number().int(),
  after: z.number().int(),
  /** How many observations take part; `members` has the first 50 of them. */
  observations: z.number().int(),
  members: z.array(
    z.object({
      observationId: idSchema.nullable(),
      source: z.string(),
      nativeId: z.string(),
      asset: refSchema.nullable(),
      inForce: whySchema,
      draft: whySchema,
      /** The keys that the draft sees in another way, the first 20. */
      keys: z.array(z.object({ kind: z.string(), value: z.string(), inForce: z.string(), draft: z.string() })),
    }),
  ),
});
export type IdentityDryRunChange = z.infer<typeof identityDryRunChangeSchema>;

export const listIdentityDryRunChanges = defineRoute({
  method: 'GET',
  path: '/api/v1/identity-dry-runs/:id/changes',
  tag,
  access: 'settings:write',
  summary: 'What would change, with the rule and the reasons of each observation before and after',
  params: idParams,
  query: z.object({
    kind: z.enum(clusterChangeKinds).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    /** The `no` of the last change that was seen. */
    cursor: z.coerce.number().int().min(0).optional(),
  }),
  response: z.object({ items: z.array(identityDryRunChangeSchema), nextCursor: z.string().nullable() }),
  errors: ['not_found'],
});

export const publishIdentityDryRun = defineRoute({
  method: 'POST',
  path: '/api/v1/identity-dry-runs/:id/publish',
  tag,
  access: 'settings:write',
  summary: 'Put the rules of a finished dry run in force',
  description:
    'The next report is decided by them. Assets stay as they are: join or part what the dry run named where that is wanted. Refused when the rules in force are no longer those the dry run compared with.',
  params: idParams,
  response: inForceSchema,
  errors: ['not_found', 'conflict'],
});
