import { buffer, text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { Problem } from '@muster/api/errors';
import { defineResource } from '@muster/api/fields';
import type { ListQueryInput } from '@muster/api/listing';
import type { Permission, Scope } from '@muster/api/permissions';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countQueries } from '../../testing/count-queries.ts';
import { testDb, type TestDb } from '../../testing/database.ts';
import { type Actor, systemActor } from '../context.ts';
import { newId } from '../ids.ts';
import { bigTable, canReach, defineListing, exportQuery, facetsQuery, listQuery } from './index.ts';

const now = new Date('2026-06-30T12:00:00Z');
const rowCount = 12_000;

const thingResource = defineResource({
  name: 'things',
  label: 'Thing',
  plural: 'Things',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, sortable: true },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    note: { type: 'text', label: 'Note', sortable: true, filterable: true },
    kind: {
      type: 'enum',
      label: 'Kind',
      values: ['laptop', 'desktop', 'server'],
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
    },
    cores: { type: 'integer', label: 'Cores', sortable: true, filterable: true, facet: true },
    ratio: { type: 'number', label: 'Ratio', sortable: true, filterable: true },
    active: { type: 'boolean', label: 'Active', sortable: true, filterable: true, facet: true },
    endsOn: { type: 'date', label: 'Ends', sortable: true, filterable: true },
    seenAt: { type: 'instant', label: 'Seen', sortable: true, filterable: true },
    cost: { type: 'money', label: 'Cost', sortable: true, filterable: true },
    owner: { type: 'ref', label: 'Owner', to: 'owners', sortable: true, filterable: true, facet: true },
    part: { type: 'text', label: 'Part', filterable: true, column: 'none' },
    extra: { type: 'json', label: 'Extra', filterable: true, column: 'optional' },
  },
});
const thingListing = defineListing(thingResource, {
  from: sql`things t`,
  id: sql`t.id`,
  where: sql`not t.gone`,
  joins: { owner: sql`left join owners o on o.id = t.owner_id` },
  columns: {
    id: { sql: sql`t.id` },
    name: { sql: sql`t.name`, searched: true },
    note: { sql: sql`t.note` },
    kind: { sql: sql`t.kind` },
    cores: { sql: sql`t.cores` },
    ratio: { sql: sql`t.ratio` },
    active: { sql: sql`t.active` },
    endsOn: { sql: sql`t.ends_on` },
    seenAt: { sql: sql`t.seen_at` },
    cost: { sql: sql`t.cost`, currency: sql`t.currency` },
    owner: { sql: sql`o.name`, ref: sql`t.owner_id`, join: 'owner' },
    part: { exists: (cond) => sql`exists (select 1 from parts p where p.thing_id = t.id and ${cond(sql`p.name`)})` },
    extra: { sql: sql`t.custom` },
  },
  search: sql`t.search_text`,
  custom: sql`t.custom`,
  scope: { org_unit: sql`t.org_unit_id`, place: sql`t.place_id`, asset_class: sql`t.kind`, own: sql`t.owner_id` },
});
const plainListing = defineListing(
  defineResource({
    name: 'owners',
    label: 'Owner',
    plural: 'Owners',
    titleField: 'name',
    defaultSort: 'name',
    fields: { name: { type: 'text', label: 'Name', sortable: true, notNull: true } },
  }),
  { from: sql`owners o`, id: sql`o.id`, columns: { name: { sql: sql`o.name` } } },
);

let t: TestDb;
const owners: string[] = [];
const root = newId();
const branch = newId();
const other = newId();

beforeAll(async () => {
  t = await testDb();
  await sql`create table owners (id uuid primary key, name text not null)`.execute(t.db);
  await sql`create table things (id uuid primary key, name text not null, note text, kind text not null, cores integer, ratio double precision, active boolean,
    ends_on date, seen_at timestamptz, cost numeric(14,2), currency text, owner_id uuid, org_unit_id uuid, place_id uuid, gone boolean not null default false,
    custom jsonb not null default '{}', search_text text generated always as (lower(name || ' ' || coalesce(note, ''))) stored)`.execute(
    t.db,
  );
  await sql`create table parts (thing_id uuid not null, name text not null)`.execute(t.db);
  await sql`create index on things using gin (search_text gin_trgm_ops)`.execute(t.db);
  await sql`create index on things (name, id) where not gone`.execute(t.db);
  await sql`create index on things (note, id) where not gone`.execute(t.db);
  for (const name of ['Ada', 'Böhm', 'Čapek']) {
    const id = newId();
    owners.push(id);
    await sql`insert into owners values (${id}, ${name})`.execute(t.db);
  }
  await sql`insert into org_units (id, name, parent_id, path) values (${root}, 'Root', null, array[${root}]::uuid[]), (${branch}, 'Branch', ${root}, array[${root}, ${branch}]::uuid[]), (${other}, 'Other', null, array[${other}]::uuid[])`.execute(
    t.db,
  );
  await sql`insert into places (id, name, parent_id, path) values (${root}, 'Site', null, array[${root}]::uuid[])`.execute(t.db);
  await sql`insert into asset_classes (key, label) values ('device', 'Device') on conflict do nothing`.execute(t.db);
  await sql`insert into asset_classes (key, label, parent_key) values ('laptop', 'Laptop', 'device'), ('server', 'Server', null) on conflict (key) do update set parent_key = excluded.parent_key`.execute(
    t.db,
  );
  await sql`insert into things (id, name, note, kind, cores, ratio, active, ends_on, seen_at, cost, currency, owner_id, org_unit_id, place_id, custom)
    select gen_random_uuid(), 'thing-' || (i % 4000), case when i % 3 = 0 then null else 'note ' || (i % 50) end,
      (array['laptop', 'desktop', 'server'])[1 + i % 3], case when i % 5 = 0 then null else i % 16 end, case when i % 7 = 0 then null else i / 7.0 end,
      case when i % 11 = 0 then null else i % 2 = 0 end, case when i % 4 = 0 then null else date '2026-01-01' + i % 400 end,
      case when i % 6 = 0 then null else timestamptz '2026-01-01' + i * interval '1 minute 0.000001 second' end,
      case when i % 9 = 0 then null else i % 100 + 0.5 end, case when i % 9 = 0 then null else 'EUR' end,
      case when i % 4 = 3 then null else (${owners}::uuid[])[1 + i % 4] end,
      case when i % 10 = 0 then ${branch}::uuid when i % 10 = 1 then ${root}::uuid when i % 10 = 2 then ${other}::uuid end, case when i % 20 = 0 then ${root}::uuid end,
      case when i % 100 = 0 then jsonb_build_object('room', 'R' || i % 300, 'count', i) else '{}' end
    from generate_series(1, ${rowCount}) i`.execute(t.db);
  await sql`insert into things (id, name, kind, gone) values (gen_random_uuid(), 'thing-gone', 'laptop', true)`.execute(t.db);
  await sql`insert into things (id, name, note, kind) values (gen_random_uuid(), '=1+1', '50%_off \\ "x", y', 'laptop'), (gen_random_uuid(), 'München Ünit', ${"'; drop table things; --"}, 'server')`.execute(
    t.db,
  );
  await sql`insert into parts select id, 'disk' from things where cores = 3`.execute(t.db);
  await sql`insert into parts select id, 'gpu' from things where cores in (3, 4)`.execute(t.db);
  await sql`analyze`.execute(t.db);
});
afterAll(() => t.close());

const list = (query: ListQueryInput, actor: Actor = systemActor, permission?: Permission) =>
  listQuery(t.db, thingListing, query, actor, now, permission);
const totalOf = async (filter: string): Promise<number | null> => (await list({ filter, limit: 1, total: 'exact' })).total;
const countSql = async (where: string): Promise<number> =>
  Number(
    (
      await sql<{
        n: string;
      }>`select count(*) as n from things t left join owners o on o.id = t.owner_id where not gone and (${sql.raw(where)})`.execute(t.db)
    ).rows[0]?.n,
  );
const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error: unknown = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof Problem)) throw new Error(`expected a Problem, got ${String(error)}`);
  return error;
};

describe('paging walks every row once, in order, both ways', () => {
  const sortable = Object.entries(thingResource.fields)
    .filter(([, field]) => 'sortable' in field && field.sortable)
    .map(([name]) => name);
  const expressions: Record<string, string> = { endsOn: 'ends_on', seenAt: 'seen_at', owner: 'o.name', id: 't.id', name: 't.name' };
  // Three shapes: no condition, more hits than are collected, fewer hits than that.
  const filters: [string, string][] = [
    ['', 'true'],
    ['-kind:server OR cores:<12 OR cores:null', "kind <> 'server' or cores < 12 or cores is null"],
    ['kind:laptop', "kind = 'laptop'"],
  ];
  test.each(
    sortable.flatMap((name) => filters.flatMap(([filter, where]) => [name, `-${name}`].map((sort) => [sort, filter, where] as const))),
  )('%s %s', async (sort, filter, where) => {
    const name = sort.replace('-', '');
    const direction = sort.startsWith('-') ? 'desc' : 'asc';
    const order = sql.raw(`${expressions[name] ?? name} ${direction}, t.id ${direction}`);
    const expected = (
      await sql<{
        id: string;
      }>`select t.id from things t left join owners o on o.id = t.owner_id where not gone and (${sql.raw(where)}) order by ${order}`.execute(
        t.db,
      )
    ).rows.map((row) => row.id);
    const query = { sort, filter, fields: 'id', limit: 1000 };
    const pages = [await list(query)];
    for (let cursor = pages[0]?.nextCursor; cursor; cursor = pages.at(-1)?.nextCursor) pages.push(await list({ ...query, cursor }));
    expect(pages.flatMap((page) => page.items.map((item) => item.id))).toEqual(expected);
    expect(pages[0]?.previousCursor).toBeNull();
    const back: (typeof pages)[number][] = [];
    for (let cursor = pages.at(-1)?.previousCursor; cursor; cursor = back[0]?.previousCursor)
      back.unshift(await list({ ...query, cursor }));
    expect(back.map((page) => page.items)).toEqual(pages.slice(0, -1).map((page) => page.items));
  });

  test('a page beyond rows that were removed leads back', async () => {
    const page = await list({ sort: 'name', limit: 1, filter: 'name:"=1+1"' });
    const end = await list({ sort: 'name', limit: 1 });
    // Stands at the only row of the filter: nothing lies behind it.
    const beyond = await list({ sort: 'name', limit: 1, filter: 'name:"=1+1"', cursor: end.nextCursor ?? '' });
    expect(page.items).toHaveLength(1);
    expect(beyond.items).toEqual([]);
    const again = await list({ sort: 'name', limit: 1, filter: 'name:"=1+1"', cursor: beyond.previousCursor ?? '' });
    expect(again.items).toEqual(page.items);
  });

  test('a cursor of another sort, of another list, cut short or forged is refused', async () => {
    const { nextCursor } = await list({ sort: 'cores', limit: 1 });
    const forged = Buffer.from(JSON.stringify(['things:cores', 0, 'x', newId(), 0])).toString('base64url');
    for (const [sort, cursor] of [
      ['name', nextCursor],
      ['-cores', nextCursor],
      ['cores', nextCursor?.slice(0, 20)],
      ['cores', forged],
      ['cores', 'x'],
      ['cores', ''],
    ] as const) {
      expect((await problemOf(list({ sort, cursor: cursor ?? '' }))).code).toBe('bad_cursor');
    }
  });
});

describe('filters agree with SQL', () => {
  test.each([
    ['kind:laptop', "kind = 'laptop'"],
    ['kind:laptop,server', "kind in ('laptop', 'server')"],
    ['-kind:laptop', "kind <> 'laptop'"],
    ['cores:3', 'cores = 3'],
    ['-cores:3', 'cores is distinct from 3'],
    ['cores>3 cores<=5', 'cores > 3 and cores <= 5'],
    ['cores:{3 TO 5]', 'cores > 3 and cores <= 5'],
    ['cores:null', 'cores is null'],
    ['has:cores', 'cores is not null'],
    ['ratio:>100.5', 'ratio > 100.5'],
    ['active:yes', 'active'],
    ['-active:yes', 'active is not true'],
    ['ends_on:2026-03', "ends_on between '2026-03-01' and '2026-03-31'"],
    ['ends_on<today', "ends_on < '2026-06-30'"],
    ['ends_on:[now-1w TO now]', "ends_on between '2026-06-23' and '2026-06-30'"],
    ['seen_at:2026-01-03', "seen_at >= '2026-01-03T00:00Z' and seen_at < '2026-01-04T00:00Z'"],
    ['cost:>=99', 'cost >= 99'],
    ['cost:"50.5 EUR"', "cost = 50.5 and currency = 'EUR'"],
    ['cost:"50.5 USD"', 'false'],
    ['owner:ada', "o.name = 'Ada'"],
    ['owner:b*', "o.name like 'B%'"],
    ['owner:null', 'owner_id is null'],
    ['name:THING-7', "t.name = 'thing-7'"],
    ['name:thing-1?', "t.name like 'thing-1_'"],
    ['name:*-399*', "t.name like '%-399%'"],
    ['name>thing-9', "t.name > 'thing-9'"],
    ['note:50\\%_off*', String.raw`note like '50\%\_off%'`],
    ['50%_off', String.raw`search_text like '%50\%\_off%'`],
    ['part:disk', "exists (select 1 from parts p where p.thing_id = t.id and p.name = 'disk')"],
    ['part:gpu -part:disk', 'cores = 4'],
    ['part:null', 'cores is null or cores not in (3, 4)'],
    ['has:part', 'cores in (3, 4)'],
    ['custom.room:r100', "custom ->> 'room' = 'R100'"],
    ['has:custom.room', "custom ? 'room'"],
    ['thing note', "search_text like '%thing%' and search_text like '%note%'"],
    ['kind:laptop OR (cores:3 -active:yes)', "kind = 'laptop' or (cores = 3 and active is not true)"],
  ])('%s', async (filter, where) => {
    const expected = await countSql(where);
    if (where !== 'false') expect(expected).toBeGreaterThan(0);
    expect(await totalOf(filter)).toBe(expected);
  });

  test('a ref is found by id', async () => {
    expect(await totalOf(`owner:${owners[1]}`)).toBe(await countSql("o.name = 'Böhm'"));
  });

  test('whatever is typed stays a value: no text reaches SQL as SQL', async () => {
    const before = await countSql('true');
    const hostile = ["'; drop table things; --", "' or true --", '$1', '\\', '%', '_', '"', "''", '🙂', ')', '::text'];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 20 })),
        fc.constantFrom('note', 'name', 'owner', 'part', 'custom.room'),
        async (value, field) => {
          const quoted = `"${value.replaceAll('\0', '').replaceAll(/["\\]/g, String.raw`\$&`)}"`;
          const page = await list({ filter: `${field}:${quoted} OR ${quoted}`, q: value, limit: 5 });
          expect(page.total).toBeLessThanOrEqual(rowCount + 2);
        },
      ),
      { numRuns: 200 },
    );
    expect(await countSql('true')).toBe(before);
    expect(await totalOf(`note:"'; drop table things; --"`)).toBe(1);
  });

  test('all mistakes at once, with place and suggestion', async () => {
    const problem = await problemOf(list({ filter: 'knd:laptop cores:many' }));
    expect(problem.code).toBe('bad_filter');
    expect(problem.errors).toMatchObject([
      { field: 'filter', code: 'unknown_field', at: 0, suggestions: ['kind'] },
      { field: 'filter', code: 'wrong_type', at: 11 },
    ]);
  });

  test('sort, fields and as_of are checked together', async () => {
    const problem = await problemOf(list({ sort: 'nme', fields: 'naem,part', as_of: '2026-01-01' }));
    expect(problem.code).toBe('validation_failed');
    expect(problem.errors?.map((error) => error.field)).toEqual(['sort', 'fields', 'fields', 'as_of']);
    expect(problem.errors?.[0]?.suggestions).toEqual(['name']);
  });
});

describe('search', () => {
  test.each([
    ['thing-3999', "t.name = 'thing-3999'"],
    ['39 note', "(search_text like '39%' or search_text like '% 39%') and search_text like '%note%'"],
    ['MÜNCHEN ün', "t.name = 'München Ünit'"],
    ['   ', 'true'],
    ['nothing of the kind', 'false'],
  ])('%s', async (q, where) => {
    expect((await list({ q, total: 'exact' })).total).toBe(await countSql(where));
  });
  test('without a search column the title is searched', async () => {
    expect((await listQuery(t.db, plainListing, { q: 'ada' }, systemActor, now)).items).toEqual([{ name: 'Ada' }]);
  });
});

describe('totals and queries', () => {
  test('exact up to 10,000, about above, exact on demand, none on demand', async () => {
    expect(await list({ filter: 'kind:laptop', limit: 1 })).toMatchObject({ total: 4001, totalIsEstimate: false });
    const about = await list({ limit: 1 });
    expect(about.totalIsEstimate).toBe(true);
    expect(about.total).toBeGreaterThan(10_000);
    expect(await list({ limit: 1, total: 'exact' })).toMatchObject({ total: rowCount + 2, totalIsEstimate: false });
    expect(await list({ limit: 1, total: 'none' })).toMatchObject({ total: null });
  });
  test('where many are expected of a big table the rows are the same, page by page, and a page that holds all says how many', async () => {
    const big: typeof thingListing = { ...thingListing, spec: { ...thingListing.spec, big: { ...bigTable, collected: 0 } } };
    const read = (query: ListQueryInput) => listQuery(t.db, big, { limit: 100, ...query }, systemActor, now);
    for (const query of [
      { filter: 'kind:laptop' },
      { filter: 'cores:3', sort: '-name' },
      { q: 'thing', sort: 'owner' },
      { filter: 'name:nowhere' },
    ]) {
      const usual = await list({ limit: 100, ...query });
      const first = await read(query);
      expect(first.items).toEqual(usual.items);
      if (usual.nextCursor)
        expect((await read({ ...query, cursor: usual.nextCursor })).items).toEqual(
          (await list({ limit: 100, ...query, cursor: usual.nextCursor })).items,
        );
    }
    expect(await read({ filter: 'kind:laptop' })).toMatchObject({ totalIsEstimate: true });
    expect(await read({ filter: 'name:nowhere' })).toMatchObject({ total: 0, totalIsEstimate: false });
  });
  test('a list takes at most two queries, whatever it asks for', async () => {
    for (const query of [
      {},
      { q: 'thing' },
      { filter: 'kind:laptop owner:ada part:gpu' },
      { total: 'exact' as const },
      { filter: 'has:name', sort: '-owner' },
    ]) {
      const counted = countQueries(t.db);
      await listQuery(counted.db, thingListing, query, systemActor, now);
      expect(counted.count()).toBeLessThanOrEqual(2);
      expect(counted.count()).toBeGreaterThan(0);
    }
  });
});

describe('scope', () => {
  const actor = (scopes: Scope[], personId: string | null = null): Actor => ({
    kind: 'user',
    id: 'u',
    label: 'U',
    userId: 'u',
    personId,
    grants: scopes.map((scope) => ({ permission: 'assets:read', scope })),
  });
  const cases: [string, Scope[], string][] = [
    ['everything', [{ kind: 'all' }], 'true'],
    ['nothing without a grant', [], 'false'],
    ['an org unit with those below it', [{ kind: 'org_unit', id: root }], `org_unit_id in ('${root}', '${branch}')`],
    ['a leaf of them', [{ kind: 'org_unit', id: branch }], `org_unit_id = '${branch}'`],
    ['a place', [{ kind: 'place', id: root }], `place_id = '${root}'`],
    ['a class with its descendants', [{ kind: 'asset_class', key: 'device' }], "kind = 'laptop'"],
    [
      'grants add up',
      [
        { kind: 'org_unit', id: other },
        { kind: 'asset_class', key: 'server' },
      ],
      `org_unit_id = '${other}' or kind = 'server'`,
    ],
  ];
  test.each(cases)('%s', async (_name, scopes, where) => {
    const who = actor(scopes);
    const expected = await countSql(where);
    const seen = await list({ total: 'exact', limit: 1 }, who, 'assets:read');
    expect(seen.total).toBe(expected);
    expect(seen.items).toHaveLength(Math.min(1, expected));
    const facets = await facetsQuery(t.db, thingListing, {}, who, now, 'assets:read');
    expect(facets.facets.find((facet) => facet.field === 'kind')?.values.reduce((sum, value) => sum + value.count, 0)).toBe(expected);
    const file = await exportQuery(t.db, thingListing, { format: 'csv', bom: false, fields: 'id' }, who, now, 'assets:read');
    expect((parse(await text(file.body as Readable)) as unknown[]).length - 1).toBe(expected);
    expect((await list({ q: 'thing', filter: 'kind:*', total: 'exact', limit: 1 }, who, 'assets:read')).total).toBe(
      await countSql(`(${where}) and search_text like '%thing%'`),
    );
  });
  test('one’s own, and nothing for an account without a person', async () => {
    expect((await list({ total: 'exact' }, actor([{ kind: 'own' }], owners[0]), 'assets:read')).total).toBe(
      await countSql("o.name = 'Ada'"),
    );
    expect((await list({ total: 'exact' }, actor([{ kind: 'own' }]), 'assets:read')).total).toBe(0);
  });
  test('a grant of another permission gives nothing, and a listing without the column yields no rows', async () => {
    expect((await list({ total: 'exact' }, actor([{ kind: 'all' }]), 'people:read')).total).toBe(0);
    expect((await listQuery(t.db, plainListing, {}, actor([{ kind: 'org_unit', id: root }]), now, 'assets:read')).items).toEqual([]);
  });
  test('who is not the system needs a permission', async () => {
    await expect(list({}, actor([{ kind: 'all' }]))).rejects.toThrow('needs the permission');
  });
  test('a single record is reached only in scope', async () => {
    const inside = await list({ filter: `kind:server`, limit: 1, fields: 'id' });
    const outside = await list({ filter: `kind:laptop`, limit: 1, fields: 'id' });
    const who = actor([{ kind: 'asset_class', key: 'server' }]);
    expect(await canReach(t.db, thingListing as never, inside.items[0]?.id ?? '', who, 'assets:read')).toBe(true);
    expect(await canReach(t.db, thingListing as never, outside.items[0]?.id ?? '', who, 'assets:read')).toBe(false);
  });
});

describe('facets', () => {
  const facetsOf = async (query: { q?: string; filter?: string }, listing = thingListing) =>
    (await facetsQuery(t.db, listing, query, systemActor, now)).facets;
  test('the most frequent values, with counts, more and labels', async () => {
    const facets = await facetsOf({});
    expect(facets.map((facet) => facet.field)).toEqual(['kind', 'cores', 'active', 'owner']);
    expect(facets[0]).toEqual({
      field: 'kind',
      label: 'Kind',
      more: false,
      estimated: false,
      values: [
        { value: 'laptop', label: 'laptop', count: 4001 },
        { value: 'server', label: 'server', count: 4001 },
        { value: 'desktop', label: 'desktop', count: 4000 },
      ],
    });
    expect(facets[3]?.values.map((value) => value.label).sort()).toEqual(['Ada', 'Böhm', 'None', 'Čapek']);
    expect(facets[2]?.values.map((value) => value.label).sort()).toEqual(['No', 'None', 'Yes']);
  });
  test('of more rows than are counted a sample is read, and the counts say so; a wrong guess of the planner does not read them all', async () => {
    const read = async (counted: number, filter?: string) =>
      await facetsOf(filter ? { filter } : {}, {
        ...thingListing,
        spec: { ...thingListing.spec, big: { ...bigTable, counted, sample: 6000 } },
      });
    const exact = await read(20_000);
    expect(exact).toEqual(await facetsOf({}));
    const estimated = await read(1000);
    expect(estimated.every((facet) => facet.estimated)).toBe(true);
    for (const { count } of estimated[0]?.values ?? []) {
      expect(count).toBeGreaterThan(2000);
      expect(count).toBeLessThan(8000);
    }
    // Of a range it has no statistics for, the planner expects one row in two hundred: 60 of these. Nearly all are in it.
    const misjudged = await read(4000, 'name>"!" name<zzzzz');
    expect(misjudged.every((facet) => facet.estimated)).toBe(true);
  });
  test('a field’s own condition does not narrow its own facet', async () => {
    const facets = await facetsOf({ filter: 'kind:laptop cores:3' });
    expect(facets[0]?.values.map((value) => value.value).sort()).toEqual(['desktop', 'laptop', 'server']);
    expect(facets[0]?.values.find((value) => value.value === 'laptop')?.count).toBe(await countSql("kind = 'laptop' and cores = 3"));
    expect(facets[3]?.values.reduce((sum, value) => sum + value.count, 0)).toBe(await countSql("kind = 'laptop' and cores = 3"));
  });
});

describe('export', () => {
  const csv = async (query: { sort?: string; filter?: string; fields?: string; bom?: boolean }): Promise<string> =>
    text((await exportQuery(t.db, thingListing, { format: 'csv', bom: false, ...query }, systemActor, now)).body as Readable);
  test('every row, in order, the list’s values', async () => {
    const rows = parse(await csv({ sort: '-name', fields: 'name,cost,owner,seen_at' }), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(rowCount + 2);
    const { items } = await list({ sort: '-name', fields: 'name,cost,owner,seen_at', limit: 1000 });
    items.forEach((item, i) => {
      expect(rows[i]).toEqual({
        id: item.id,
        name: item.name,
        cost: item.cost?.amount ?? '',
        cost_currency: item.cost?.currency ?? '',
        owner: item.owner?.label ?? '',
        seenAt: item.seenAt ?? '',
      });
    });
  });
  test('formulas are disarmed, quotes and commas kept', async () => {
    const lines = await csv({ filter: 'name:"=1+1"', fields: 'name,note' });
    expect(lines.split('\r\n')[1]).toMatch(/,'=1\+1,"50%_off \\ ""x"", y"$/);
  });
  test('a byte order mark on demand, only the header for no rows', async () => {
    const file = await exportQuery(
      t.db,
      thingListing,
      { format: 'csv', bom: true, filter: 'name:nowhere', fields: 'name' },
      systemActor,
      now,
    );
    expect((await buffer(file.body as Readable)).toString('latin1')).toBe('\xEF\xBB\xBFid,name\r\n');
  });
  test('a reader who leaves gives the connection back', async () => {
    for (let i = 0; i < 12; i++) {
      const file = await exportQuery(t.db, thingListing, { format: 'csv', bom: false }, systemActor, now);
      const body = file.body as Readable;
      await new Promise((resolve) => body.once('readable', resolve));
      const closed = new Promise((resolve) => body.once('close', resolve));
      body.destroy();
      await closed;
    }
    expect((await list({ limit: 1 })).items).toHaveLength(1);
  });
  test('XLSX is a workbook', async () => {
    const file = await exportQuery(t.db, thingListing, { format: 'xlsx', bom: false, filter: 'kind:server' }, systemActor, now);
    const bytes = Buffer.isBuffer(file.body) ? file.body : await buffer(file.body);
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
    expect(file.name).toBe('things-2026-06-30.xlsx');
  });
});
