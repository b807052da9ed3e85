import { type CustomField, customFieldResource, type CustomResource, listFieldOf } from '@muster/api/custom-fields';
import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';
import { type Column, type CustomBinding, defineListing, type Sql } from '../../platform/listing/index.ts';
import { fieldsInForce } from './store.ts';

export const customFieldListing = defineListing(customFieldResource, {
  from: sql`custom_fields f`,
  id: sql`f.id`,
  joins: { class: sql`left join asset_classes c on c.key = f.class_key` },
  columns: {
    id: { sql: sql`f.id` },
    label: { sql: sql`f.label` },
    key: { sql: sql`f.key` },
    resource: { sql: sql`f.resource` },
    type: { sql: sql`f.type` },
    class: { sql: sql`c.label`, ref: sql`f.class_key`, refType: 'text', join: 'class' },
    required: { sql: sql`f.required` },
    unique: { sql: sql`f.is_unique` },
    indexed: { sql: sql`f.indexed` },
    position: { sql: sql`f.position` },
    archived: { sql: sql`(f.archived_at is not null)` },
    updatedAt: { sql: sql`f.updated_at` },
  },
});

/** For a listing's `customFields`: the fields in force of a resource, read from its jsonb column. */
export function customColumnsOf(resource: CustomResource, custom: Sql, id: Sql): (db: Db) => Promise<ReadonlyMap<string, CustomBinding>> {
  return async (db) =>
    new Map(
      (await fieldsInForce(db, resource)).map((field) => [
        `custom.${field.key}`,
        { field: listFieldOf(field), column: columnOf(field, custom, id) },
      ]),
    );
}

/** The expression a value is compared and sorted by; an index is built on the same one, or it would not be used. */
export function expressionOf(field: Pick<CustomField, 'key' | 'type'>, custom: Sql): Sql {
  const key = sql.lit(field.key);
  switch (field.type) {
    case 'number':
      return sql`custom_number(${custom}, ${key})`;
    case 'boolean':
      return sql`custom_boolean(${custom}, ${key})`;
    case 'date':
      return sql`custom_date(${custom}, ${key})`;
    case 'money':
      return sql`custom_amount(${custom}, ${key})`;
    case 'person':
    case 'place':
    case 'asset':
      return sql`custom_uuid(${custom}, ${key})`;
    case 'multi_choice':
      return sql`(${custom} -> ${key})`;
    default:
      return sql`(${custom} ->> ${key})`;
  }
}

const labels: Partial<Record<CustomField['type'], (id: Sql) => Sql>> = {
  person: (id) => sql`(select r.name from people r where r.id = ${id})`,
  place: (id) => sql`(select r.name from places r where r.id = ${id})`,
  asset: (id) => sql`(select coalesce(r.name, r.tag, r.serial) from assets r where r.id = ${id})`,
};

function columnOf(field: CustomField, custom: Sql, id: Sql): Column {
  const value = expressionOf(field, custom);
  const label = labels[field.type];
  if (label) return { sql: label(value), ref: value };
  if (field.type === 'money') return { sql: value, currency: sql`(${custom} -> ${sql.lit(field.key)} ->> 'currency')` };
  if (field.type === 'multi_choice')
    return {
      sql: sql`(select string_agg(o.v, ', ' order by o.n) from jsonb_array_elements_text(case when jsonb_typeof(${value}) = 'array' then ${value} end) with ordinality o (v, n))`,
      equals: (values) => sql`(${value} ?| ${values}::text[])`,
    };
  if (field.type === 'encrypted')
    return {
      exists: (cond) =>
        sql`exists (select 1 from custom_secrets s where s.record_id = ${id} and s.field_id = ${field.id}::uuid and ${cond(sql`s.field_id`)})`,
    };
  return { sql: value };
}
