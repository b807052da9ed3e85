import { enrolmentKeyResource, tokenResource, userResource } from '@muster/api/access';
import { sql } from 'kysely';
import { defineListing } from '../../platform/listing/index.ts';

export const userListing = defineListing(userResource, {
  from: sql`users u`,
  id: sql`u.id`,
  columns: {
    id: { sql: sql`u.id` },
    name: { sql: sql`u.name` },
    email: { sql: sql`u.email` },
    roles: { sql: sql`(select string_agg(distinct r.role, ', ' order by r.role) from role_assignments r where r.user_id = u.id)` },
    state: { sql: sql`case when u.disabled then 'disabled' else 'active' end` },
    lastSignInAt: { sql: sql`u.last_sign_in_at` },
    createdAt: { sql: sql`u.created_at` },
  },
  search: sql`lower(u.name || ' ' || u.email)`,
});

const state = (table: 't' | 'k') => {
  const of = sql.ref(table);
  return sql`case when ${of}.revoked_at is not null then 'revoked' when ${of}.expires_at <= now() then 'expired' else 'active' end`;
};

export const tokenListing = defineListing(tokenResource, {
  from: sql`api_tokens t`,
  id: sql`t.id`,
  joins: { maker: sql`left join users u on u.id = t.user_id` },
  columns: {
    id: { sql: sql`t.id` },
    name: { sql: sql`t.name` },
    prefix: { sql: sql`t.prefix` },
    permissions: { sql: sql`array_to_string(t.permissions, ', ')` },
    user: { sql: sql`u.name`, ref: sql`t.user_id`, join: 'maker' },
    state: { sql: state('t') },
    createdAt: { sql: sql`t.created_at` },
    expiresAt: { sql: sql`t.expires_at` },
    lastUsedAt: { sql: sql`t.last_used_at` },
  },
  search: sql`lower(t.name)`,
});

export const enrolmentKeyListing = defineListing(enrolmentKeyResource, {
  from: sql`enrolment_keys k`,
  id: sql`k.id`,
  columns: {
    id: { sql: sql`k.id` },
    name: { sql: sql`k.name` },
    prefix: { sql: sql`k.prefix` },
    tag: { sql: sql`k.tag` },
    kind: { sql: sql`k.kind` },
    state: { sql: state('k') },
    createdAt: { sql: sql`k.created_at` },
    expiresAt: { sql: sql`k.expires_at` },
    lastUsedAt: { sql: sql`k.last_used_at` },
  },
  search: sql`lower(k.name || ' ' || coalesce(k.tag, ''))`,
});
