import { z } from 'zod';
import { dateSchema, instantSchema } from './dates.ts';
import { idSchema } from './ids.ts';
import { moneySchema } from './money.ts';

/** The kinds of value a field can hold; each decides its filter operators, its sort order, its export cell and its editor. */
export type FieldType = 'id' | 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'instant' | 'enum' | 'money' | 'ref' | 'json';

/** One field of a resource, described once: list query, filter, sort, search, facets, export, table and docs all read this. */
export interface Field {
  readonly type: FieldType;
  readonly label: string;
  /** What the value means, in a sentence; shown in the docs and as the column's hint. */
  readonly about?: string;
  /** For `enum`: the allowed values. */
  readonly values?: readonly string[];
  /** For `enum`: what people read for a value, where it is not the value's own word. */
  readonly valueLabels?: Readonly<Record<string, string>>;
  /** For `ref`: the resource it points at. */
  readonly to?: string;
  /** Never null in any row: keyset paging can then use one index range. */
  readonly notNull?: boolean;
  readonly sortable?: boolean;
  readonly filterable?: boolean;
  /** Offered with counts beside the table. */
  readonly facet?: boolean;
  /** `shown` by default, `optional` in the column chooser, `none` when the field is a filter only and never a value. */
  readonly column?: 'shown' | 'optional' | 'none';
  /** Other names people type in a filter, for example `user` for `lastUser`. */
  readonly aliases?: readonly string[];
  readonly unit?: string;
  /** Its past is not kept: with `?as_of=` it is no column and cannot be filtered or sorted by. */
  readonly noHistory?: boolean;
}

export interface Resource<F extends Record<string, Field> = Record<string, Field>> {
  /** The name in URLs and permissions, for example `assets`. */
  readonly name: string;
  readonly label: string;
  readonly plural: string;
  /** The field that names a row to a person. */
  readonly titleField: string;
  /** For example `name` or `-lastSeenAt`. */
  readonly defaultSort: string;
  /** Whether `?as_of=` is answered. */
  readonly asOf?: boolean;
  /** Whether the organisation can add fields of its own, `custom.<key>` in lists. */
  readonly custom?: boolean;
  readonly fields: F;
}

/** Describes a resource; keeps the literal types so that rows can be typed from it. */
export function defineResource<
  const F extends Record<string, Field> & { readonly id?: Field & { readonly column?: 'shown' | 'optional' } },
>(resource: Resource<F> & { readonly titleField: keyof F & string }): Resource<F> {
  return resource;
}

/** A reference in a row: enough to link to the other record and name it. */
export const refSchema = z.object({ id: z.string(), label: z.string() });
export type Ref = z.infer<typeof refSchema>;

type ValueOf<T extends FieldType> = T extends 'integer' | 'number'
  ? number
  : T extends 'boolean'
    ? boolean
    : T extends 'money'
      ? z.infer<typeof moneySchema>
      : T extends 'ref'
        ? Ref
        : T extends 'json'
          ? unknown
          : string;

/** A row of a list of this resource. A field left out by `?fields=` is absent. */
export type Row<R extends Resource> = {
  -readonly [K in keyof R['fields']]: R['fields'][K]['notNull'] extends true
    ? ValueOf<R['fields'][K]['type']>
    : ValueOf<R['fields'][K]['type']> | null;
};

const valueSchemas: Record<FieldType, z.ZodType> = {
  id: idSchema,
  text: z.string(),
  integer: z.number().int(),
  number: z.number(),
  boolean: z.boolean(),
  date: dateSchema,
  instant: instantSchema,
  enum: z.string(),
  money: moneySchema,
  ref: refSchema,
  json: z.unknown(),
};

/** The zod schema of one field's value. */
export function valueSchema(field: Field): z.ZodType {
  const schema = field.type === 'enum' && field.values ? z.enum(field.values as [string, ...string[]]) : valueSchemas[field.type];
  return (field.notNull ? schema : schema.nullable()).meta({ title: field.label, ...(field.about ? { description: field.about } : {}) });
}

/** The zod schema of a list row: every field optional, because `?fields=` chooses. */
export function rowSchema<R extends Resource>(resource: R): z.ZodType<Partial<Row<R>>> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, field] of Object.entries(resource.fields)) {
    if (field.column !== 'none') shape[name] = valueSchema(field).optional();
  }
  // Custom fields are known only when the request is: their columns are those of their definitions.
  const row = resource.custom ? z.object(shape).catchall(z.unknown()) : z.object(shape);
  return row as unknown as z.ZodType<Partial<Row<R>>>;
}

/** The field a person meant by `name`: by its own name or an alias, case-insensitive. */
export function findField(resource: Resource, name: string): [string, Field] | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(resource.fields).find(
    ([key, f]) => key.toLowerCase() === wanted || snake(key) === wanted || f.aliases?.some((a) => a.toLowerCase() === wanted),
  );
}

/** `lastSeenAt` as people type it in a filter: `last_seen_at`. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}
