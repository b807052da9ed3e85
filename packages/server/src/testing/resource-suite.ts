import { type Field, type Resource, snake } from '@muster/api/fields';
import type { Page } from '@muster/api/listing';
import { type RoleName, rolePermissions, roleNames } from '@muster/api/permissions';
import type { ListRoutes } from '@muster/api/resource';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from './app.ts';

type Item = Record<string, unknown>;
type ListPage = Page<Item>;

export interface ResourceSuite {
  readonly routes: ListRoutes;
  /** Makes at least eight records, with some values missing and some the same. */
  readonly seed: (t: TestApp) => Promise<unknown>;
  /** A role that has the routes' permission. */
  readonly role?: RoleName;
}

/**
 * What every resource's lists must do, tested through HTTP: reading, every sort both ways and back, a filter on every field, mistakes,
 * facets, export, columns and permission. Call it in a test file, beside the tests of the resource's own verbs.
 */
export function resourceSuite({ routes, seed, role = 'administrator' }: ResourceSuite): void {
  const { resource } = routes;
  const path = routes.list.path;
  const fields = Object.entries(resource.fields);
  const shown = fields.filter(([, field]) => field.column !== 'none').map(([name]) => name);

  describe(`the lists of ${resource.plural.toLowerCase()}`, () => {
    let t: TestApp;
    let who: TestActor;
    let all: Item[];

    beforeAll(async () => {
      t = await testApp();
      await seed(t);
      who = await t.as(role);
      all = (await get({ limit: 1000, total: 'exact' })).items;
    });
    afterAll(() => t.close());

    const raw = async (url: string, query: Record<string, unknown>) =>
      who.inject({ method: 'GET', url, query: Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])) });
    // A title that is a reference names the row by its label.
    const titledBy = (item: Item): unknown => (item[resource.titleField] as { label?: unknown } | null)?.label ?? item[resource.titleField];
    const get = async (query: Record<string, unknown>): Promise<ListPage> => {
      const answer = await raw(path, query);
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json<ListPage>();
    };

    test('every record, with all columns and an exact total', async () => {
      expect(all.length).toBeGreaterThanOrEqual(8);
      const page = await get({ limit: 3, total: 'exact' });
      expect(page).toMatchObject({ total: all.length, totalIsEstimate: false, previousCursor: null });
      expect(page.items).toEqual(all.slice(0, 3));
      for (const item of all) expect(Object.keys(item).sort()).toEqual([...shown].sort());
    });

    test.each(fields.filter(([, field]) => field.sortable).flatMap(([name]) => [name, `-${name}`]))(
      'sorted by %s, paged forwards and back',
      async (sort) => {
        const whole = (await get({ sort, limit: 1000 })).items;
        expect(whole.map(key).sort()).toEqual(all.map(key).sort());
        expectSorted(resource, whole, sort);
        const pages = [await get({ sort, limit: 3 })];
        for (let cursor = pages[0]?.nextCursor; cursor; cursor = pages.at(-1)?.nextCursor)
          pages.push(await get({ sort, limit: 3, cursor }));
        expect(pages.flatMap((page) => page.items)).toEqual(whole);
        const back: ListPage[] = [];
        for (let cursor = pages.at(-1)?.previousCursor; cursor; cursor = back[0]?.previousCursor)
          back.unshift(await get({ sort, limit: 3, cursor }));
        expect(back.flatMap((page) => page.items)).toEqual(pages.slice(0, -1).flatMap((page) => page.items));
      },
    );

    test.each(fields.filter(([name, field]) => field.filterable && shown.includes(name)))('filtered by %s', async (name, field) => {
      const sample = all.find((item) => item[name] !== null)?.[name];
      const without = all.filter((item) => item[name] === null);
      expect(ids((await get({ filter: `${snake(name)}:null`, limit: 1000 })).items)).toEqual(ids(without));
      expect(ids((await get({ filter: `has:${name}`, limit: 1000 })).items)).toEqual(ids(all.filter((item) => item[name] !== null)));
      if (sample === undefined || field.type === 'json') return;
      const found = await get({ filter: `${name}:${quoted(field, sample)}`, limit: 1000 });
      const same = all.filter((item) => item[name] !== null && comparable(field, item[name]) === comparable(field, sample));
      expect(ids(found.items)).toEqual(ids(same));
      const others = await get({ filter: `-${name}:${quoted(field, sample)}`, limit: 1000 });
      expect(ids([...found.items, ...others.items])).toEqual(ids(all));
    });

    test.each(fields.filter(([name, field]) => field.filterable && !shown.includes(name)))(
      '%s filters without an error',
      async (name, field) => {
        const page = await get({
          filter: `-${name}:${field.type === 'text' || field.type === 'ref' ? 'nobodycallsitthis' : 'null'} OR ${name}:null`,
          limit: 1000,
        });
        if (field.type === 'text' || field.type === 'ref') expect(ids(page.items)).toEqual(ids(all));
      },
    );

    test('an unknown field is named, with the nearest that is meant, and all mistakes come at once', async () => {
      const meant = fields.find(([, field]) => field.filterable)?.[0] ?? '';
      const answer = await raw(path, { filter: `${meant}x:1 nosuchfieldatall:2` });
      expect(answer.statusCode).toBe(400);
      const problem = answer.json<{ code: string; errors: { code: string; suggestions?: string[] }[] }>();
      expect(problem.code).toBe('bad_filter');
      expect(problem.errors.map((error) => error.code)).toEqual(['unknown_field', 'unknown_field']);
      expect(problem.errors[0]?.suggestions).toContain(snake(meant));
      expect((await raw(path, { sort: 'nosuchfield' })).json()).toMatchObject({ code: 'validation_failed', errors: [{ field: 'sort' }] });
      expect((await raw(path, { cursor: 'x' })).json()).toMatchObject({ code: 'bad_cursor' });
    });

    test('a word of the title finds its record', async () => {
      // A title that is a reference names the row by its label.
      const titleOf = (item: Item): unknown =>
        (item[resource.titleField] as { label?: unknown } | null)?.label ?? item[resource.titleField];
      const title = all.map(titleOf).find((value): value is string => typeof value === 'string' && value.length >= 3);
      const found = await get({ q: (title ?? '').toUpperCase(), limit: 1000 });
      expect(found.items.map(titleOf)).toContain(title);
      expect((await get({ q: 'nobodycallsitthis' })).items).toEqual([]);
    });

    test('columns are chosen by fields=', async () => {
      const [first, second] = shown.filter((name) => name !== 'id');
      const page = await get({ fields: [first, second].filter(Boolean).join(','), limit: 1 });
      expect(Object.keys(page.items[0] ?? {}).sort()).toEqual(
        [...(shown.includes('id') ? ['id'] : []), first, second].filter((name) => name !== undefined).sort(),
      );
      expect((await raw(path, { fields: 'nosuchfield' })).statusCode).toBe(400);
    });

    test('facets add up to the list', async () => {
      const answer = await raw(routes.facets.path, {});
      expect(answer.statusCode, answer.body).toBe(200);
      const { facets } = answer.json<{ facets: { field: string; more: boolean; values: { value: string | null; count: number }[] }[] }>();
      expect(facets.map((facet) => facet.field)).toEqual(fields.filter(([, field]) => field.facet).map(([name]) => name));
      for (const facet of facets) if (!facet.more) expect(facet.values.reduce((sum, value) => sum + value.count, 0)).toBe(all.length);
    });

    test('the CSV export holds every row of the list, in its order', async () => {
      const answer = await raw(routes.export.path, { sort: resource.defaultSort });
      expect(answer.statusCode, answer.body).toBe(200);
      expect(answer.headers['content-type']).toContain('text/csv');
      expect(answer.headers['content-disposition']).toContain(`${resource.name}-`);
      const rows: Record<string, string>[] = parse(answer.body, { columns: true });
      expect(rows).toHaveLength(all.length);
      const title = resource.titleField;
      expect(rows.map((row) => row[title]?.replace(/^'/, ''))).toEqual(all.map((item) => textOf(titledBy(item))));
      const xlsx = await raw(routes.export.path, { format: 'xlsx' });
      expect(xlsx.statusCode).toBe(200);
      expect(xlsx.rawPayload.subarray(0, 2).toString()).toBe('PK');
    });

    test('nobody without signing in, nobody without the permission', async () => {
      for (const url of [path, routes.facets.path, routes.export.path]) {
        expect((await t.anonymous.inject({ method: 'GET', url })).statusCode).toBe(401);
        const without = roleNames.find((name) => !rolePermissions[name].includes(routes.permission));
        if (without) expect((await (await t.as(without)).inject({ method: 'GET', url })).statusCode).toBe(403);
      }
    });
  });
}

const key = (item: Item): string => JSON.stringify(item);
const ids = (items: readonly Item[]): string[] => items.map(key).sort();
const textOf = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** A value in one form on both sides: text is compared as filters do, without case. */
function comparable(field: Field, value: unknown): unknown {
  if (field.type === 'ref') return (value as { label: string }).label.toLowerCase();
  if (field.type === 'money') return Number((value as { amount: string }).amount);
  return field.type === 'text' ? textOf(value).toLowerCase() : value;
}

function quoted(field: Field, value: unknown): string {
  const text =
    field.type === 'ref'
      ? (value as { label: string }).label
      : field.type === 'money'
        ? (value as { amount: string }).amount
        : textOf(value);
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** Nulls last ascending and first descending; text order is the database's, so only its ends are known here. */
function expectSorted(resource: Resource, items: readonly Item[], sort: string): void {
  const name = sort.replace('-', '');
  const field = resource.fields[name];
  if (!field) throw new Error(`${resource.name} has no field ${name}`);
  const values = (sort.startsWith('-') ? items.toReversed() : items).map((item) => item[name]);
  const nulls = values.filter((value) => value === null).length;
  expect(values.slice(values.length - nulls).every((value) => value === null)).toBe(true);
  if (field.type === 'text' || field.type === 'enum' || field.type === 'ref') return;
  const known = values.slice(0, values.length - nulls).map((value) => comparable(field, value) as number | string);
  expect(known).toEqual(known.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
}
