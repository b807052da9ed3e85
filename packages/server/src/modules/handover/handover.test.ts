import { createHash } from 'node:crypto';
import { createAsset, getAssetTimeline } from '@muster/api/assets';
import { checkIn, checkOut } from '@muster/api/custody';
import * as api from '@muster/api/handover';
import { createPerson } from '@muster/api/people';
import { sql } from 'kysely';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

resourceSuite({
  routes: api.acceptanceTextListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (let i = 1; i <= 7; i++)
      await admin.call(api.createAcceptanceText, {
        body: { language: i % 2 ? 'de' : 'en', title: `Text ${i}`, body: `I accept ${i}.`, inForce: i % 3 === 0 },
      });
  },
});

let t: TestApp;
let admin: TestActor;
let count = 0;

async function held(actor: TestActor, assets = 1): Promise<{ person: string; assets: string[] }> {
  const person = (await actor.call(createPerson, { body: { name: `Person ${++count}` } })).data.id;
  const ids: string[] = [];
  for (let i = 0; i < assets; i++)
    ids.push(
      (
        await actor.call(createAsset, {
          body: { class: 'laptop', name: `thing-${++count}`, tag: `T-${count}`, serial: `SERIAL-${count}`, model: 'Latitude' },
        })
      ).data.id,
    );
  await actor.call(checkOut, { body: { assets: ids, holder: { kind: 'person', id: person } } });
  return { person, assets: ids };
}
const make = async (actor: TestActor, person: string, more: { assets?: string[]; language?: 'en' | 'de' } = {}) =>
  (await actor.call(api.createHandoverDocument, { body: { personId: person, language: 'en', ...more } })).data;
const typed = (name = 'Ann Example') => ({ signature: { kind: 'typed' as const, name } });

resourceSuite({
  routes: api.handoverDocumentListRoutes,
  seed: async (app) => {
    const actor = await app.as('administrator');
    for (let i = 1; i <= 8; i++) {
      const { person } = await held(actor, (i % 2) + 1);
      const { id } = await make(actor, person, { language: i % 3 ? 'en' : 'de' });
      if (i % 3 === 0) await actor.call(api.acceptHandover, { params: { id }, body: typed() });
      if (i % 3 === 1) await actor.call(api.declineHandover, { params: { id }, body: {} });
    }
  },
});

beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());

function drawing(stroke = true, width = 300, height = 100): string {
  const png = new PNG({ width, height });
  png.data.fill(255);
  if (stroke) for (let x = 20; x < 200; x++) png.data.fill(0, (50 * width + x) * 4, (50 * width + x) * 4 + 3);
  return PNG.sync.write(png).toString('base64');
}

async function pdfText(actor: TestActor, id: string): Promise<{ text: string; images: number }> {
  const answer = await actor.inject({ method: 'GET', url: `/api/v1/handover-documents/${id}/pdf` });
  expect(answer.statusCode, answer.body).toBe(200);
  expect(answer.headers['content-type']).toBe('application/pdf');
  const loading = getDocument({ data: new Uint8Array(answer.rawPayload), verbosity: 0 });
  const pdf = await loading.promise;
  let text = '';
  for (let i = 1; i <= pdf.numPages; i++) {
    const { items } = await (await pdf.getPage(i)).getTextContent();
    text += items.map((item) => ('str' in item ? item.str : '')).join('');
  }
  await loading.destroy();
  return { text, images: answer.rawPayload.toString('latin1').split('/Subtype /Image').length - 1 };
}

describe('acceptance texts', () => {
  test('a new version takes the place of the old for new documents; what was made keeps its own, to the byte', async () => {
    const { person } = await held(admin);
    const before = await make(admin, person);
    const { data: text } = await admin.call(api.createAcceptanceText, { body: { language: 'en', title: 'Receipt', body: 'Second.' } });
    expect(text).toMatchObject({ textVersion: before.text.textVersion + 1, inForce: true });
    expect(text.sha256).toBe(createHash('sha256').update('Receipt\nSecond.').digest('hex'));
    expect((await admin.call(api.getHandoverDocument, { params: { id: before.id } })).data.text).toEqual(before.text);
    expect((await make(admin, (await held(admin)).person)).text).toMatchObject({ textVersion: text.textVersion, sha256: text.sha256 });
    await expect(sql`update acceptance_texts set body = 'x' where id = ${text.id}`.execute(t.db)).rejects.toThrow(/never changes/);
    const { rows } = await sql<{ id: string }>`select id from acceptance_texts where language = 'en' and text_version = 1`.execute(t.db);
    await admin.call(api.putTextInForce, { params: { id: rows[0]?.id ?? '' } });
    expect((await make(admin, (await held(admin)).person)).text.textVersion).toBe(1);
  });
});

describe('a document', () => {
  test('covers what is held once; after a return and another check-out a new one is needed', async () => {
    const { person, assets } = await held(admin, 2);
    const first = await make(admin, person);
    expect(first.assets.map((one) => one.id).sort()).toEqual([...assets].sort());
    await expect(make(admin, person)).rejects.toMatchObject({ code: 'conflict' });
    await expect(make(admin, person, { assets: [assets[0]!] })).rejects.toMatchObject({
      errors: [{ field: 'body.assets.0', code: 'covered' }],
    });
    const foreign = (await held(admin)).assets[0]!;
    await expect(make(admin, person, { assets: [foreign] })).rejects.toMatchObject({ errors: [{ code: 'not_held' }] });
    await admin.call(checkIn, { body: { assets } });
    await admin.call(checkOut, { body: { assets, holder: { kind: 'person', id: person } } });
    await expect(admin.call(api.acceptHandover, { params: { id: first.id }, body: typed() })).rejects.toMatchObject({
      code: 'conflict',
      errors: [{ code: 'no_longer_held' }],
    });
    const { data } = await admin.call(api.getPersonHandover, { params: { id: person } });
    expect(data.uncovered.map((one) => one.id).sort()).toEqual([...assets].sort());
    expect(data.languages).toEqual(['en', 'de']);
    const second = await make(admin, person);
    await admin.call(api.acceptHandover, { params: { id: second.id }, body: typed() });
    expect((await admin.call(api.getPersonHandover, { params: { id: person } })).data.uncovered).toEqual([]);
  });

  test('is signed on screen: the PDF carries assets, names, the signature, the version and its hash; audit and timeline tell', async () => {
    const { person, assets } = await held(admin, 2);
    const made = await make(admin, person, { language: 'de' });
    const pending = await pdfText(admin, made.id);
    expect(pending.text).toContain('Noch nicht unterschrieben');
    const body = { signature: { kind: 'drawn' as const, name: 'Grace Hopper', png: drawing() } };
    const { data } = await admin.call(api.acceptHandover, { params: { id: made.id }, body });
    expect(data).toMatchObject({ state: 'accepted', signature: { kind: 'drawn', name: 'Grace Hopper', png: body.signature.png } });
    const { text, images } = await pdfText(admin, made.id);
    const said = [
      made.number,
      made.person.label,
      made.issuedBy,
      'Grace Hopper',
      'Empfangsbestätigung',
      made.text.sha256,
      `Textversion ${made.text.textVersion}`,
    ];
    for (const word of [...said, ...made.assets.flatMap((one) => [one.tag ?? '', one.serial ?? '', 'Latitude'])])
      expect(text).toContain(word);
    expect(images).toBeGreaterThan(pending.images);
    for (const id of assets) {
      const { items } = (await admin.call(getAssetTimeline, { params: { id }, query: {} })).data;
      expect(items.find((one) => one.kind === 'handover_accepted')?.summary).toBe(
        `Grace Hopper accepted the hand-over document ${made.number}.`,
      );
    }
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${made.id} order by at`.execute(t.db);
    expect(rows.map((row) => row.action)).toEqual(['handover_document.issued', 'handover_document.accepted']);
    await expect(admin.call(api.declineHandover, { params: { id: made.id }, body: {} })).rejects.toMatchObject({
      errors: [{ code: 'decided' }],
    });
    await expect(sql`update handover_documents set reason = 'x' where id = ${made.id}`.execute(t.db)).rejects.toThrow(/one decision/);
  });

  test.each([
    ['no PNG', Buffer.from('GIF89a not a picture at all, but long enough').toString('base64'), 'not_png'],
    ['a damaged PNG', Buffer.from(drawing(), 'base64').subarray(0, 60).toString('base64'), 'not_png'],
    ['nothing drawn', drawing(false), 'empty'],
    ['too many pixels', drawing(true, 2001, 60), 'too_large'],
  ])('a drawn signature is refused: %s', async (_what, png, code) => {
    const { id } = await make(admin, (await held(admin)).person);
    const body = { signature: { kind: 'drawn' as const, name: 'Ann', png } };
    await expect(admin.call(api.acceptHandover, { params: { id }, body })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'body.signature.png', code }],
    });
  });

  test('is withdrawn before it is decided: its link ends, and another may take its place', async () => {
    const { person, assets } = await held(admin, 1);
    const { id } = await make(admin, person);
    const { data: link } = await admin.call(api.makeHandoverLink, { params: { id }, body: {} });
    const { data } = await admin.call(api.withdrawHandover, { params: { id }, body: { reason: 'The wrong laptop' } });
    expect(data).toMatchObject({ state: 'withdrawn', reason: 'The wrong laptop', signature: null, link: null });
    const token = new URL(link.url).pathname.replace('/accept/', '');
    await expect(t.anonymous.call(api.readOfferedHandover, { params: { token } })).rejects.toMatchObject({ code: 'link_expired' });
    await expect(admin.call(api.acceptHandover, { params: { id }, body: typed() })).rejects.toMatchObject({
      errors: [{ code: 'decided' }],
    });
    expect((await pdfText(admin, id)).text).toContain('Withdrawn');
    expect((await make(admin, person)).assets.map((one) => one.id)).toEqual(assets);
  });

  test('is not found outside the caller’s reach', async () => {
    const { id } = await make(admin, (await held(admin)).person);
    const other = await t.as('technician', { kind: 'asset_class', key: 'phone' });
    await expect(other.call(api.getHandoverDocument, { params: { id } })).rejects.toMatchObject({ code: 'not_found' });
    await expect(other.call(api.acceptHandover, { params: { id }, body: typed() })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the signed link', () => {
  const link = async (id: string) => {
    const { data } = await admin.call(api.makeHandoverLink, { params: { id }, body: {} });
    return new URL(data.url).pathname.replace('/accept/', '');
  };

  test('shows the document to someone without an account, takes one decision, and is kept only as a hash', async () => {
    const made = await make(admin, (await held(admin)).person);
    const token = await link(made.id);
    const { data } = await t.anonymous.call(api.readOfferedHandover, { params: { token } });
    expect(data).toMatchObject({ number: made.number, state: 'pending', person: made.person.label, text: made.text });
    expect(JSON.stringify(data)).not.toContain(made.person.id);
    const { rows } = await sql<{
      found: boolean;
    }>`select exists (select 1 from handover_links l where l::text like ${`%${token}%`}) as found`.execute(t.db);
    expect(rows[0]?.found).toBe(false);
    const decision = { params: { token }, body: { decision: 'accepted' as const, ...typed('Ann Example') } };
    expect((await t.anonymous.call(api.decideOfferedHandover, decision)).data).toEqual({ state: 'accepted' });
    await expect(t.anonymous.call(api.decideOfferedHandover, decision)).rejects.toMatchObject({ code: 'link_expired' });
    await expect(t.anonymous.call(api.readOfferedHandover, { params: { token } })).rejects.toMatchObject({ code: 'link_expired' });
    const after = (await admin.call(api.getHandoverDocument, { params: { id: made.id } })).data;
    expect(after).toMatchObject({
      state: 'accepted',
      decidedBy: 'the signed link',
      signature: { kind: 'typed', name: 'Ann Example' },
      link: null,
    });
  });

  test('of two decisions at once one counts', async () => {
    const made = await make(admin, (await held(admin)).person);
    const token = await link(made.id);
    const answers = await Promise.allSettled([
      t.anonymous.call(api.decideOfferedHandover, { params: { token }, body: { decision: 'accepted', ...typed() } }),
      t.anonymous.call(api.decideOfferedHandover, { params: { token }, body: { decision: 'declined', reason: 'Not mine' } }),
    ]);
    expect(answers.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  test('ends when it is replaced, when it runs out and for a wrong token', async () => {
    const made = await make(admin, (await held(admin)).person);
    const [first, second] = [await link(made.id), await link(made.id)];
    const read = async (token: string) => t.anonymous.call(api.readOfferedHandover, { params: { token } });
    await expect(read(first)).rejects.toMatchObject({ code: 'link_expired' });
    expect((await read(second)).data.number).toBe(made.number);
    await expect(read('x'.repeat(43))).rejects.toMatchObject({ code: 'link_expired' });
    t.setNow(new Date(Date.now() + 15 * 86_400_000));
    try {
      await expect(read(second)).rejects.toMatchObject({ code: 'link_expired' });
    } finally {
      t.setNow(null);
    }
  });

  test('is limited per address', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 61; i++)
      codes.push((await t.anonymous.inject({ method: 'GET', url: `/api/v1/accept/${'y'.repeat(43)}` })).json<{ code: string }>().code);
    expect(codes.at(-1)).toBe('too_many_requests');
  });
});
