import { z } from 'zod';
import { refSchema, defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** Free words on assets. Called so because an asset tag is the register number and a label is what is printed. */
export const keywordResource = defineResource({
  name: 'keywords',
  label: 'Keyword',
  plural: 'Keywords',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Keyword', notNull: true, sortable: true, filterable: true },
    assets: { type: 'integer', label: 'Assets', about: 'How many assets have it.', notNull: true },
    createdAt: { type: 'instant', label: 'First used', notNull: true, filterable: true },
  },
});
export const keywordListRoutes = listRoutesOf(keywordResource, '/api/v1/keywords', 'assets:read');

export const keywordNameSchema = z
  .string()
  .transform((text) => text.normalize('NFKC').replace(/\s+/g, ' ').trim())
  .pipe(
    z
      .string()
      .min(1, 'is empty')
      .max(60, 'has at most 60 characters')
      .regex(/^[^\p{C},;"]+$/u, 'cannot have commas, semicolons, quotation marks or control characters'),
  );

export const markBody = z.strictObject({
  assets: z.array(idSchema).min(1).max(500),
  keywords: z.array(keywordNameSchema).min(1).max(20),
});
export type MarkBody = z.output<typeof markBody>;
export const markAnswerSchema = z.object({
  /** Assets that changed; the rest had (or lacked) them already. */
  changed: z.number().int(),
  refused: z.array(z.object({ asset: idSchema, code: z.string(), message: z.string() })),
});
export type MarkAnswer = z.infer<typeof markAnswerSchema>;

/** Parameters of the bulk operation `keywords`. */
export const bulkKeywordsSchema = z
  .strictObject({
    add: z.array(keywordNameSchema).max(20).default([]),
    take: z.array(keywordNameSchema).max(20).default([]),
  })
  .refine((v) => v.add.length + v.take.length > 0, { path: ['add'], message: 'Name at least one keyword to add or to take off.' })
  .refine((v) => !v.add.some((word) => v.take.some((other) => other.toLowerCase() === word.toLowerCase())), {
    path: ['take'],
    message: 'A keyword cannot be added and taken off at once.',
  });

const tag = 'Keywords';
const byId = z.object({ id: idSchema });

export const addKeywords = defineRoute({
  method: 'POST',
  path: '/api/v1/keywords/add',
  tag,
  access: 'assets:write',
  summary: 'Give keywords to assets',
  description: 'A new word becomes a keyword. Case and repeated spaces make no difference.',
  body: markBody,
  response: markAnswerSchema,
  errors: ['validation_failed'],
});
export const takeKeywords = defineRoute({
  method: 'POST',
  path: '/api/v1/keywords/take-off',
  tag,
  access: 'assets:write',
  summary: 'Take keywords off assets',
  body: markBody,
  response: markAnswerSchema,
  errors: ['validation_failed'],
});
export const renameKeyword = defineRoute({
  method: 'PATCH',
  path: '/api/v1/keywords/:id',
  tag,
  access: 'assets:write',
  summary: 'Rename a keyword',
  params: byId,
  body: z.strictObject({ name: keywordNameSchema }),
  response: refSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});
export const mergeKeyword = defineRoute({
  method: 'POST',
  path: '/api/v1/keywords/:id/merge',
  tag,
  access: 'assets:write',
  summary: 'Merge a keyword into another',
  description: 'Its assets get the other one, and it is gone.',
  params: byId,
  body: z.strictObject({ into: idSchema }),
  response: refSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});
export const deleteKeyword = defineRoute({
  method: 'DELETE',
  path: '/api/v1/keywords/:id',
  tag,
  access: 'assets:write',
  summary: 'Delete a keyword, from all assets',
  params: byId,
  errors: ['not_found'],
});
