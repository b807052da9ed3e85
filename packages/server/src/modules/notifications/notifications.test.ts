import { createAsset, transitionAsset, updateAsset, getAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import { checkIn, checkOut } from '@muster/api/custody';
import { createHandoverDocument } from '@muster/api/handover';
import * as api from '@muster/api/notifications';
import { createPerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import { createSavedView, deleteSavedView } from '@muster/api/saved-views';
import { createStockItem, issueStock, receiveStock } from '@muster/api/stock';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { mailTime } from './digest.ts';
import { findAll } from './find.ts';
import { insertNotifications, toUser } from './store.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

resourceSuite({
  routes: api.notificationListRoutes,
  seed: async (t) => {
    // The suite reads as a user of its own, who is made after this: each insert of a user gets the same notifications.
    await sql`create function tell_everyone() returns trigger language plpgsql as $$ begin
      insert into notifications (id, recipient, user_id, kind, subject_type, subject_id, row_id, occasion, text, facts, in_app, created_at, read_at)
      select gen_random_uuid(), 'user:' || new.id, new.id, case when i % 3 = 0 then 'stock_low' else 'warranty_ending' end,
        case when i % 4 = 0 then null else 'assets' end, 'subject ' || i, i, 'x', 'Sentence ' || i, jsonb_build_object('label', 'L' || i), true,
        timestamptz '2026-01-01' + make_interval(days => i % 5), case when i % 2 = 0 then timestamptz '2026-02-01' + make_interval(hours => i) end
      from generate_series(1, 9) as i; return null; end $$`.execute(t.db);
    await sql`create trigger tell_everyone after insert on users for each row execute function tell_everyone()`.execute(t.db);
  },
});

describe('notifications', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());

  let count = 0;
  const asset = async (extra: Record<string, unknown> = {}) =>
    (await admin.call(createAsset, { body: { class: 'laptop', name: `asset-${++count}`, ...extra } })).data.id;
  const list = async (who: TestActor, filter?: string) =>
    (await who.call(api.notificationListRoutes.list, { query: filter ? { filter } : {} })).data.items;
  /** Whoever subscribes is told at once of what is due; a test goes on when that has been looked for. */
  const subscribe = async (who: TestActor, body: api.SubscriptionBody | Partial<api.SubscriptionBody>) => {
    const { data } = await who.call(api.createSubscription, { body: body as api.SubscriptionBody });
    await t.jobsDone();
    return data;
  };
  const refused = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
    const error = await promise.then(
      () => null,
      (e: unknown) => e,
    );
    if (!(error instanceof ApiProblem)) throw new Error('It was not refused', { cause: error });
    return error.document;
  };

  test('of a warranty come once per last day, within the lead time and the scope of the user, however many look', async () => {
    const [here, there] = [
      (await admin.call(createPlace, { body: { name: 'Here' } })).data.id,
      (await admin.call(createPlace, { body: { name: 'There' } })).data.id,
    ];
    const technician = await t.as('technician', { kind: 'place', id: here });
    const mine = await asset({ place: here, warrantyEndsOn: day(20) });
    await asset({ place: there, warrantyEndsOn: day(20) });
    await asset({ place: here, warrantyEndsOn: day(40) });
    const gone = await asset({ place: here, warrantyEndsOn: day(10) });
    await admin.call(transitionAsset, { params: { id: gone }, body: { to: 'retired' } });
    await subscribe(technician, { kind: 'warranty_ending' });
    await Promise.all(Array.from({ length: 4 }, async () => findAll(t.platform)));
    await findAll(t.platform);
    const told = await list(technician);
    expect(told).toMatchObject([{ kind: 'warranty_ending', subjectType: 'assets', subjectId: mine, unread: true }]);
    expect(told[0]?.text).toBe(`The warranty of asset-1 ends on ${day(20)}.`);
    const { version } = (await admin.call(getAsset, { params: { id: mine } })).data;
    await admin.call(updateAsset, { params: { id: mine }, ifMatch: `"${version}"`, body: { warrantyEndsOn: day(25) } });
    await findAll(t.platform);
    expect(await list(technician)).toHaveLength(2);
    expect(await list(admin)).toEqual([]);
  });

  test('are inserted once by their key, also when two write the same at the same moment', async () => {
    const { userId } = await t.as('technician');
    const row = () => ({
      id: newId(),
      recipient: toUser(userId),
      kind: 'warranty_ending',
      subjectType: 'assets',
      subjectId: 'a',
      rowId: 'a',
      occasion: 'o',
      text: 'x',
      facts: {},
      inApp: true,
      mailAt: null,
    });
    const added = await Promise.all(Array.from({ length: 8 }, () => inTx(t.db, (tx) => insertNotifications(tx, [row()], new Date()))));
    expect(added.reduce((a, b) => a + b, 0)).toBe(1);
  });

  test('of custody remind of the due day, then that it is overdue, and again of a new due day', async () => {
    const manager = await t.as('asset_manager');
    await subscribe(manager, { kind: 'custody_due', leadDays: 2 });
    const ann = (await admin.call(createPerson, { body: { name: 'Ann' } })).data.id;
    const id = await asset();
    await admin.call(checkOut, { body: { assets: [id], holder: { kind: 'person', id: ann }, dueOn: day(1) } });
    await findAll(t.platform);
    t.setNow(new Date(Date.now() + 3 * 86_400_000));
    try {
      await findAll(t.platform);
      await findAll(t.platform);
    } finally {
      t.setNow(null);
    }
    const told = await list(manager, 'kind:custody_due');
    expect(told).toHaveLength(2);
    expect(told.every((n) => n.subjectId === id)).toBe(true);
    await admin.call(checkIn, { body: { assets: [id] } });
    await findAll(t.platform);
    expect(await list(manager, 'kind:custody_due')).toHaveLength(2);
  });

  test('of stock come when it is low and again after it was filled up', async () => {
    const manager = await t.as('asset_manager');
    await subscribe(manager, { kind: 'stock_low' });
    const store = (await admin.call(createPlace, { body: { name: 'Store' } })).data.id;
    const item = (
      await admin.call(createStockItem, {
        body: { name: 'Toner', category: 'consumable', mode: 'one_way', unit: 'pieces', minimum: 3 },
      })
    ).data.id;
    const receive = async () => admin.call(receiveStock, { params: { id: item }, body: { placeId: store, quantity: 5 } });
    const take = async (quantity: number) => admin.call(issueStock, { params: { id: item }, body: { placeId: store, quantity } });
    await receive();
    await findAll(t.platform);
    expect(await list(manager)).toEqual([]);
    await take(3);
    await findAll(t.platform);
    await take(1);
    await findAll(t.platform);
    expect((await list(manager)).map((n) => n.text)).toEqual(['Toner is low: 2 pieces on hand.']);
    await receive();
    await findAll(t.platform);
    await take(4);
    await findAll(t.platform);
    expect(await list(manager)).toHaveLength(2);
  });

  test('of acceptance come for a document that waits, of silence when it begins after the subscription', async () => {
    const manager = await t.as('asset_manager');
    await subscribe(manager, { kind: 'acceptance_pending', leadDays: 0 });
    await subscribe(manager, { kind: 'asset_stale' });
    const ben = (await admin.call(createPerson, { body: { name: 'Ben' } })).data.id;
    const id = await asset();
    await admin.call(checkOut, { body: { assets: [id], holder: { kind: 'person', id: ben } } });
    const { number } = (await admin.call(createHandoverDocument, { body: { personId: ben, language: 'en' } })).data;
    const [old, fresh] = [await asset(), await asset()];
    const limit = (await admin.call(getAsset, { params: { id: old } })).data.freshness?.staleDays ?? 14;
    const silentFor = async (which: string, days: number, hours: number) =>
      sql`update assets set last_seen_at = now() - make_interval(days => ${days}, hours => ${hours}) where id = ${which}`.execute(t.db);
    await silentFor(old, limit + 5, 0);
    await silentFor(fresh, limit - 1, 0);
    await findAll(t.platform);
    expect((await list(manager)).map((n) => n.text)).toEqual([`Ben has not accepted the hand-over document ${number} yet.`]);
    // A day on for the subscription: the second fell silent after it began.
    await sql`update notification_subscriptions set created_at = created_at - interval '2 days' where user_id = ${manager.userId}`.execute(
      t.db,
    );
    await silentFor(fresh, limit, 1);
    await findAll(t.platform);
    await findAll(t.platform);
    expect((await list(manager, 'kind:asset_stale')).map((n) => n.subjectId)).toEqual([fresh]);
  });

  test('of a watched view say what came and went, as the user sees it, and why nothing comes once it is gone', async () => {
    const manager = await t.as('asset_manager');
    const technician = await t.as('technician', { kind: 'asset_class', key: 'phone' });
    const view = (
      await manager.call(createSavedView, { body: { resource: 'assets', name: 'Watched', filter: 'name:watched*', sharing: 'everyone' } })
    ).data;
    const first = await asset({ name: 'watched-1' });
    for (const who of [manager, technician]) await subscribe(who, { kind: 'view_changed', viewId: view.id });
    await findAll(t.platform);
    expect(await list(manager)).toEqual([]);
    await asset({ name: 'watched-2' });
    const { version } = (await admin.call(getAsset, { params: { id: first } })).data;
    await admin.call(updateAsset, { params: { id: first }, ifMatch: `"${version}"`, body: { name: 'other' } });
    await Promise.all([findAll(t.platform), findAll(t.platform)]);
    await findAll(t.platform);
    expect((await list(manager)).map((n) => n.text)).toEqual(['The view “Watched” has 1 new row (watched-2), 1 gone (watched-1).']);
    expect(await list(technician)).toEqual([]);
    await sql`update saved_views set sharing = 'private' where id = ${view.id}`.execute(t.db);
    await findAll(t.platform);
    const { items } = (await technician.call(api.listSubscriptions, {})).data;
    expect(items[0]?.problem).toMatch(/no longer shared/);
    await manager.call(deleteSavedView, { params: { id: view.id } });
    expect((await technician.call(api.listSubscriptions, {})).data.items).toEqual([]);
  });

  test('a kind limited to a saved view tells of its rows only', async () => {
    const manager = await t.as('asset_manager');
    const view = (await manager.call(createSavedView, { body: { resource: 'assets', name: 'Phones', filter: 'class:phone' } })).data;
    await subscribe(manager, { kind: 'warranty_ending', viewId: view.id, leadDays: 5 });
    const phone = await asset({ class: 'phone', warrantyEndsOn: day(3) });
    await asset({ warrantyEndsOn: day(3) });
    await findAll(t.platform);
    expect((await list(manager)).map((n) => n.subjectId)).toEqual([phone]);
  });

  test('are read one by one or all at once, by their owner alone', async () => {
    const manager = await t.as('asset_manager');
    const view = (await manager.call(createSavedView, { body: { resource: 'assets', name: 'Two', filter: 'name:"two of us"' } })).data;
    await subscribe(manager, { kind: 'warranty_ending', viewId: view.id });
    for (let i = 0; i < 2; i++) await asset({ name: 'two of us', warrantyEndsOn: day(i) });
    await findAll(t.platform);
    const [one] = await list(manager);
    const unread = async () => (await manager.call(api.countUnread, {})).data.unread;
    expect(await unread()).toBe(2);
    expect((await admin.call(api.readNotifications, { body: { ids: [one?.id ?? ''] } })).data).toEqual({ unread: 0 });
    expect(await unread()).toBe(2);
    expect((await manager.call(api.readNotifications, { body: { ids: [one?.id ?? ''] } })).data).toEqual({ unread: 1 });
    expect((await manager.call(api.readNotifications, { body: { ids: [one?.id ?? ''], read: false } })).data).toEqual({ unread: 2 });
    expect((await manager.call(api.readNotifications, { body: {} })).data).toEqual({ unread: 0 });
    expect((await list(manager, 'unread:false')).map((n) => n.id)).toContain(one?.id);
  });

  test('a subscription is refused with everything that is wrong, is changed under its version, audited, and ends', async () => {
    const manager = await t.as('asset_manager');
    const bad = { kind: 'view_changed', inApp: false, mail: false, leadDays: 3 } as const;
    expect(await refused(subscribe(manager, bad))).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'inApp' }, { field: 'leadDays' }, { field: 'viewId' }],
    });
    const people = (await manager.call(createSavedView, { body: { resource: 'people', name: 'All people' } })).data;
    expect(await refused(subscribe(manager, { kind: 'stock_low', viewId: people.id }))).toMatchObject({ errors: [{ code: 'other_list' }] });
    expect(await refused(subscribe(manager, { kind: 'stock_low', viewId: newId() }))).toMatchObject({ errors: [{ field: 'viewId' }] });
    expect(await refused(subscribe(await t.as('employee'), { kind: 'stock_low' }))).toMatchObject({ code: 'forbidden' });
    const made = await subscribe(manager, { kind: 'warranty_ending' });
    expect(await refused(subscribe(manager, { kind: 'warranty_ending' }))).toMatchObject({ code: 'conflict' });
    const change = { params: { id: made.id }, ifMatch: `"${made.version}"`, body: { leadDays: 60, timing: 'daily' as const } };
    expect((await manager.call(api.updateSubscription, change)).data).toMatchObject({ leadDays: 60, timing: 'daily', inApp: true });
    expect(await refused(manager.call(api.updateSubscription, change))).toMatchObject({ code: 'stale' });
    expect(await refused(admin.call(api.deleteSubscription, { params: { id: made.id } }))).toMatchObject({ code: 'not_found' });
    await manager.call(api.deleteSubscription, { params: { id: made.id } });
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${made.id} order by at, id`.execute(
      t.db,
    );
    expect(rows.map((r) => r.action)).toEqual(['created', 'changed', 'removed'].map((v) => `notification_subscription.${v}`));
    const zone = { timeZone: 'Mars/Olympus', digestHour: 7, digestWeekday: 1, language: 'de' as const, mailPaused: false };
    expect(await refused(manager.call(api.putPreferences, { body: zone }))).toMatchObject({ errors: [{ field: 'timeZone' }] });
    const saved = (await manager.call(api.putPreferences, { body: { ...zone, timeZone: 'Europe/Berlin' } })).data;
    expect(saved).toMatchObject({ timeZone: 'Europe/Berlin', language: 'de', address: manager.email });
  });
});

describe('a digest goes out', () => {
  const berlin = { timeZone: 'Europe/Berlin', digestHour: 7, digestWeekday: 1 };
  test.each([
    ['at_once', '2026-11-25T00:10:00Z', '2026-11-25T00:10:00.000Z'],
    ['daily', '2026-11-25T05:59:00Z', '2026-11-25T06:00:00.000Z'],
    ['daily', '2026-11-25T06:00:00Z', '2026-11-26T06:00:00.000Z'],
    ['daily', '2026-03-28T12:00:00Z', '2026-03-29T05:00:00.000Z'],
    ['weekly', '2026-11-25T00:10:00Z', '2026-11-30T06:00:00.000Z'],
    ['weekly', '2026-11-30T07:00:00Z', '2026-12-07T06:00:00.000Z'],
  ] as const)('%s, found at %s: at %s', (timing, now, at) => {
    expect(mailTime(timing, berlin, new Date(now)).toISOString()).toBe(at);
  });

  test('at an hour that the clock skips at the next one', () => {
    const skipped = { ...berlin, digestHour: 2 };
    expect(mailTime('daily', skipped, new Date('2026-03-28T12:00:00Z')).toISOString()).toBe('2026-03-29T01:00:00.000Z');
  });
});
