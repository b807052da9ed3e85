import { z } from 'zod';
import { asOfSchema } from './dates.ts';
import { type Resource, type Row, rowSchema } from './fields.ts';

/** The query of every list. `cursor` is opaque and goes both ways: a page carries the cursor of the next and of the previous one. */
export const listQuerySchema = z.object({
  q: z.string().max(200).optional().meta({ description: 'Search as you type over the resource’s searched fields.' }),
  filter: z
    .string()
    .max(4000)
    .optional()
    .meta({ description: 'Typed filter, for example `class:laptop state:in_stock warranty_end<2027-01-01`.' }),
  sort: z.string().max(200).optional().meta({ description: 'A field name; `-` in front for descending.' }),
  fields: z.string().max(2000).optional().meta({ description: 'Comma-separated field names to return.' }),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(2000).optional(),
  total: z
    .enum(['none', 'estimate', 'exact'])
    .default('estimate')
    .meta({ description: 'How to count: `estimate` is exact up to 10,000 rows.' }),
  as_of: asOfSchema.optional(),
});
export type ListQuery = z.infer<typeof listQuerySchema>;
export type ListQueryInput = z.input<typeof listQuerySchema>;

/** A page of a list. `total` null means not counted; `totalIsEstimate` true means "about". */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
  previousCursor: string | null;
  total: number | null;
  totalIsEstimate: boolean;
}

/** The schema of a page of rows of this resource. */
export function pageOf<R extends Resource>(resource: R): z.ZodType<Page<Partial<Row<R>>>> {
  return pageSchema(rowSchema(resource));
}

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    previousCursor: z.string().nullable(),
    total: z.number().int().nullable(),
    totalIsEstimate: z.boolean(),
  });
}

/** Facets: for each facet field the most frequent values with their counts, under the same search and filter. */
export const facetQuerySchema = listQuerySchema.pick({ q: true, filter: true, as_of: true });
export const facetsSchema = z.object({
  facets: z.array(
    z.object({
      field: z.string(),
      label: z.string(),
      values: z.array(z.object({ value: z.string().nullable(), label: z.string(), count: z.number().int() })),
      more: z.boolean(),
      estimated: z.boolean().meta({ description: 'Counts are extrapolated from a sample: show them as "about".' }),
    }),
  ),
});
export type Facets = z.infer<typeof facetsSchema>;

/** An export takes the list's query and gives every row, not a page. */
export const exportQuerySchema = listQuerySchema.pick({ q: true, filter: true, sort: true, fields: true, as_of: true }).extend({
  format: z.enum(['csv', 'xlsx']).default('csv'),
  bom: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'CSV: a byte order mark in front, which some spreadsheets need for UTF-8.' }),
});
