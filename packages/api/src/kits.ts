import { z } from 'zod';
import { custodyAnswerSchema } from './custody.ts';
import { dateSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { handoverLanguages } from './handover.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** A kit is a template of what someone gets together, for example everything for a first day. */
export const kitResource = defineResource({
  name: 'kits',
  label: 'Kit',
  plural: 'Kits',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    lines: { type: 'integer', label: 'Lines', notNull: true, filterable: true },
    assets: { type: 'integer', label: 'Assets', about: 'Assets of a whole kit, the optional ones too.', notNull: true, filterable: true },
    note: { type: 'text', label: 'Note', filterable: true },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const kitListRoutes = listRoutesOf(kitResource, '/api/v1/kits', 'assets:read');

export const kitLineSchema = z.strictObject({
  class: z.string().min(1).max(60).nullable().default(null).meta({ description: 'Key of the class; classes below it count too.' }),
  model: z.string().trim().min(1).max(200).nullable().default(null).meta({ description: 'Name of the model, without case.' }),
  count: z.number().int().min(1).max(50).default(1),
  optional: z.boolean().default(false).meta({ description: 'The kit is complete without it.' }),
});
export type KitLine = z.output<typeof kitLineSchema>;

const kitBody = {
  name: z.string().trim().min(1).max(200),
  note: z.string().trim().max(1000).nullable(),
  lines: z.array(kitLineSchema).min(1).max(20),
};
export const kitSchema = z.object({ id: idSchema, ...kitBody, version: z.number().int() });
export type Kit = z.output<typeof kitSchema>;
export type KitInput = Omit<Kit, 'id' | 'version'>;

const tag = 'Kits';
const path = '/api/v1/kits';
const params = z.object({ id: idSchema });

export const getKit = defineRoute({
  method: 'GET',
  path: `${path}/:id`,
  tag,
  access: 'assets:read',
  summary: 'Read a kit',
  params,
  response: kitSchema,
  errors: ['not_found'],
});
export const createKit = defineRoute({
  method: 'POST',
  path,
  tag,
  access: 'assets:write',
  summary: 'Add a kit',
  body: z.strictObject({ ...kitBody, note: kitBody.note.default(null) }),
  response: kitSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateKit = defineRoute({
  method: 'PATCH',
  path: `${path}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Change a kit',
  description: 'What was given already stays as it is.',
  params,
  body: z.strictObject(kitBody).partial(),
  response: kitSchema,
  ifMatch: true,
  errors: ['not_found', 'validation_failed', 'conflict', 'stale'],
});
export const deleteKit = defineRoute({
  method: 'DELETE',
  path: `${path}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Remove a kit',
  description: 'What was given of it stays with whoever has it.',
  params,
  status: 204,
  errors: ['not_found'],
});

export const kitCandidateSchema = z.object({
  id: idSchema,
  label: z.string(),
  tag: z.string().nullable(),
  serial: z.string().nullable(),
  model: z.string().nullable(),
});
export type KitCandidate = z.infer<typeof kitCandidateSchema>;
export const kitProposalSchema = z.object({
  complete: z.boolean().meta({ description: 'Whether stock has every asset that is not optional.' }),
  lines: z.array(
    z.object({
      line: kitLineSchema,
      proposed: z.array(kitCandidateSchema),
      others: z.array(kitCandidateSchema).meta({ description: 'More in stock that would fit, at most 20.' }),
      missing: z.number().int().meta({ description: 'How many stock lacks.' }),
    }),
  ),
});
export type KitProposal = z.infer<typeof kitProposalSchema>;
export const proposeKit = defineRoute({
  method: 'GET',
  path: `${path}/:id/proposal`,
  tag,
  access: 'assets:write',
  summary: 'What stock has for a kit',
  description: 'Assets in stock that nobody has, within the caller’s reach; none is proposed for two lines.',
  params,
  query: z.object({
    prefer: z
      .string()
      .regex(/^[0-9a-f-]{36}(,[0-9a-f-]{36}){0,99}$/, 'ids with commas between them')
      .optional()
      .meta({ description: 'Ids of assets, for example scanned ones, that are proposed before others wherever they fit; with commas.' }),
  }),
  response: kitProposalSchema,
  errors: ['not_found', 'validation_failed'],
});

export const giveKit = defineRoute({
  method: 'POST',
  path: `${path}/:id/give`,
  tag,
  access: 'assets:write',
  summary: 'Give a kit to a person',
  description:
    'Checks the assets out in one transaction, and with `document` makes the hand-over document in the same. `all` refuses an incomplete kit (`incomplete`); `possible` gives what can be given. An asset that fits no line is refused (`does_not_fit`).',
  params,
  body: z.strictObject({
    personId: idSchema,
    assets: z.array(idSchema).min(1).max(500),
    dueOn: dateSchema.nullable().default(null),
    note: z.string().trim().min(1).max(1000).optional(),
    mode: z.enum(['all', 'possible']).default('all'),
    preview: z.boolean().default(false),
    document: z.enum(handoverLanguages).optional().meta({ description: 'Language of the hand-over document; none unless given.' }),
  }),
  response: custodyAnswerSchema.extend({ document: refSchema.nullable() }),
  errors: ['not_found', 'validation_failed', 'conflict'],
});
