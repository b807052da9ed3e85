import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as api from '@muster/api/attachments';
import { createAsset, getAssetTimeline } from '@muster/api/assets';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { removeUnusedFiles } from './jobs.ts';
import { pdf, png, upload, zip } from './test-files.ts';

const seedAssets = async (t: TestApp, each: (admin: TestActor, id: string, index: number) => Promise<unknown>) => {
  const admin = await t.as('administrator');
  for (const [index, name] of ['alpha', 'beta', 'gamma', 'delta', 'eps', 'zeta', 'eta', 'theta'].entries()) {
    t.setNow(new Date(Date.now() - index * 1000));
    await each(admin, (await admin.call(createAsset, { body: { class: 'laptop', name } })).data.id, index);
  }
  t.setNow(null);
};
resourceSuite({
  routes: api.attachmentListRoutes,
  seed: (t) => seedAssets(t, (admin, id, i) => upload(admin, id, `invoice ${i}.pdf`, i % 2 ? png : pdf(`${i}`))),
});
resourceSuite({
  routes: api.noteListRoutes,
  seed: (t) =>
    seedAssets(t, async (admin, id, i) => {
      const note = (await admin.call(api.addNote, { params: { id }, body: { text: `note number ${i}` } })).data;
      if (i % 3 === 0)
        await admin.call(api.editNote, { params: { id, noteId: note.id }, body: { text: `note anew ${i}` }, ifMatch: `"${note.version}"` });
    }),
});

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp({ env: { MUSTER_MAX_ATTACHMENT_MIB: '1' } });
  admin = await t.as('administrator');
});
afterAll(() => t.close());

/** The port of the server, which listens from the first call on. */
const port = async (): Promise<number> => {
  if (!t.app.server.listening) await t.app.listen({ port: 0, host: '127.0.0.1' });
  const address = t.app.server.address();
  return typeof address === 'object' && address ? address.port : 0;
};

let count = 0;
const asset = async () => (await admin.call(createAsset, { body: { class: 'laptop', name: `asset-${++count}` } })).data.id;
const attached = async (id: string) => (await admin.call(api.getAttached, { params: { id } })).data;
const take = async (id: string, name: string, content: string | Buffer) => {
  const answer = await upload(admin, id, name, content);
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<api.Attachment>();
};
const download = (id: string, attachmentId: string, who: Pick<TestActor, 'inject'> = admin, show = 'false') =>
  who.inject({ method: 'GET', url: `/api/v1/assets/${id}/attachments/${attachmentId}/content`, query: { show } });
const incoming = () => readdirSync(join(t.platform.config.dataDir, 'files', 'incoming'));
const kept = (hash: string) => existsSync(join(t.platform.config.dataDir, 'files', hash.slice(0, 2), hash));
const auditOf = async (id: string) =>
  (await sql<{ action: string }>`select action from audit_log where resource_id = ${id} order by at, id`.execute(t.db)).rows.map(
    (row) => row.action,
  );

describe('a file', () => {
  test('is kept, listed, downloaded as it was, told on the timeline, and removed with an audit row and in the end its bytes', async () => {
    const id = await asset();
    const file = await take(id, 'Rechnung Ä 1.pdf', pdf('bill'));
    expect(file).toMatchObject({ name: 'Rechnung Ä 1.pdf', kind: 'pdf', bytes: pdf('bill').length });
    expect((await attached(id)).attachments).toEqual([file]);
    const got = await download(id, file.id);
    expect(got.rawPayload).toEqual(pdf('bill'));
    expect(got.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="Rechnung _ 1.pdf"; filename*=UTF-8''Rechnung%20%C3%84%201.pdf`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    await admin.call(api.removeAttachment, { params: { id, attachmentId: file.id } });
    expect((await attached(id)).attachments).toEqual([]);
    expect((await download(id, file.id)).statusCode).toBe(404);
    expect(await auditOf(id)).toEqual(['asset.created', 'attachment.file_attached', 'attachment.file_removed']);
    const events = (await admin.call(getAssetTimeline, { params: { id }, query: {} })).data.items.map((e) => e.summary);
    expect(events).toEqual(expect.arrayContaining(['The file Rechnung Ä 1.pdf was attached.', 'The file Rechnung Ä 1.pdf was removed.']));
    expect(kept(file.sha256)).toBe(true);
    await removeUnusedFiles(t.platform);
    expect(kept(file.sha256)).toBe(false);
  });

  test('that two assets have is kept once, and stays until neither has it', async () => {
    const [one, two] = [await asset(), await asset()];
    const same = pdf('shared');
    const [a, b] = await Promise.all([take(one, 'a.pdf', same), take(two, 'b.pdf', same)]);
    expect(a.sha256).toBe(b.sha256);
    await admin.call(api.removeAttachment, { params: { id: one, attachmentId: a.id } });
    await removeUnusedFiles(t.platform);
    expect((await download(two, b.id)).rawPayload).toEqual(same);
    expect(incoming()).toEqual([]);
  });

  test('is shown in the page only when it is an image', async () => {
    const id = await asset();
    const [image, text] = [await take(id, 'photo.png', png), await take(id, 'list.csv', 'a;b\n1;2\n')];
    expect((await download(id, image.id, admin, 'true')).headers['content-disposition']).toMatch(/^inline/);
    expect((await download(id, text.id, admin, 'true')).headers['content-disposition']).toMatch(/^attachment/);
  });

  test('is out of reach of whoever may not see the asset, and not taken from whoever may not change it', async () => {
    const id = await asset();
    const file = await take(id, 'a.pdf', pdf('secret'));
    const limited = await t.as('technician', { kind: 'asset_class', key: 'printer' });
    expect((await download(id, file.id, limited)).statusCode).toBe(404);
    expect((await upload(limited, id, 'b.pdf', pdf('b'))).statusCode).toBe(404);
    expect((await upload(await t.as('finance'), id, 'b.pdf', pdf('b'))).statusCode).toBe(403);
    expect((await upload(t.anonymous, id, 'b.pdf', pdf('b'))).statusCode).toBe(401);
    const other = await asset();
    expect((await download(other, file.id)).statusCode).toBe(404);
    expect((await attached(id)).attachments).toHaveLength(1);
  });
});

describe('what is hostile', () => {
  const word = ['[Content_Types].xml', 'word/document.xml'];
  test.each<[string, string, string | Buffer]>([
    ['SVG with script', 'logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['SVG called PNG, after a byte order mark', 'logo.png', '\uFEFF  <?xml version="1.0"?><svg onload="alert(1)"/>'],
    ['a web page', 'page.txt', '<!doctype html><script>alert(1)</script>'],
    ['a comment before a web page', 'page.txt', '<!-- --><html></html>'],
    ['an empty file', 'empty.pdf', ''],
    ['a program called PDF', 'bill.pdf', Buffer.from('MZ\u0090\u0000\u0003\u0000', 'latin1')],
    ['the beginning of a PNG alone', 'a.png', png.subarray(0, 8)],
    ['any archive', 'a.zip', zip(['readme.txt'])],
    ['an archive called Word', 'a.docx', zip(['[Content_Types].xml', 'bomb'])],
    ['a bomb in the shape of Word', 'bomb.docx', zip([...word, 'word/media/a', 'word/media/b'], 0xffff_0000)],
    ['a Word file cut off', 'a.docx', zip(word).subarray(0, 60)],
    ['a Word file with macros', 'a.docx', zip([...word, 'word/vbaProject.bin'])],
    ['an old Word file', 'a.doc', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
  ])('is refused: %s', async (_, name, content) => {
    const id = await asset();
    const answer = await upload(admin, id, name, content);
    expect(answer.statusCode, answer.body).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'refused_content', detail: expect.stringMatching(/\.$/) });
    expect((await attached(id)).attachments).toEqual([]);
    expect(incoming()).toEqual([]);
  });

  test.each<[string, string | Buffer, string, api.FileKind]>([
    ['../../etc/passwd', 'root:x:0:0\n', 'passwd.txt', 'text'],
    ['C:\\Users\\me\\..\\bill.PDF', pdf('x'), 'bill.PDF', 'pdf'],
    ['photo.png', pdf('x'), 'photo.png.pdf', 'pdf'],
    ['run.exe', 'echo no\n', 'run.exe.txt', 'text'],
    ['a\u0000b\u202Egpj.\r\nexe', png, 'abgpj.exe.png', 'png'],
    ['..', png, 'file.png', 'png'],
    ['x'.repeat(400), png, `${'x'.repeat(180)}.png`, 'png'],
    ['letter.docx', zip(['[Content_Types].xml', 'word/document.xml']), 'letter.docx', 'docx'],
    ['sheet', zip(['[Content_Types].xml', 'xl/workbook.xml']), 'sheet.xlsx', 'xlsx'],
  ])('in a name is taken off: %j', async (name, content, shown, kind) => {
    const id = await asset();
    expect(await take(id, name, content)).toMatchObject({ name: shown, kind });
  });

  test('in size is cut off: told before anything is read, or while it comes', async () => {
    const id = await asset();
    const told = await upload(admin, id, 'big.txt', Buffer.alloc(1024 * 1024 + 1, 'a'));
    expect([told.statusCode, told.json().detail]).toEqual([413, expect.stringContaining('1 MiB')]);
    // A body of no told length goes on for as long as the server takes it.
    const socket = connect(await port(), '127.0.0.1');
    let sent = 0;
    const got = { answer: '' };
    socket.on('data', (data) => (got.answer += data.toString('latin1'))).on('error', () => undefined);
    socket.write(
      `POST /api/v1/assets/${id}/attachments?name=big.txt HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${t.token}\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'a'), Buffer.from('\r\n')]);
    const more = (): void => {
      while (got.answer === '' && sent < 2 * 1024 ** 3 && !socket.destroyed) {
        sent += 65_536;
        if (!socket.write(chunk)) return void socket.once('drain', more);
      }
    };
    more();
    await expect.poll(() => got.answer, { timeout: 120_000 }).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect(incoming()).toEqual([]);
  });

  test('in type: another content type is refused', async () => {
    const answer = await admin.inject({
      method: 'POST',
      url: `/api/v1/assets/${await asset()}/attachments?name=a.txt`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      payload: '--x--',
    });
    expect(answer.statusCode).toBe(415);
  });

  test('in the connection: an upload that breaks off leaves nothing', async () => {
    const id = await asset();
    const socket = connect(await port(), '127.0.0.1');
    socket.write(
      `POST /api/v1/assets/${id}/attachments?name=a.pdf HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${t.token}\r\ncontent-type: application/octet-stream\r\ncontent-length: 5000\r\n\r\n%PDF-1.4 half`,
    );
    await expect.poll(() => incoming().length, { timeout: 120_000 }).toBe(1);
    socket.destroy();
    await expect.poll(() => incoming().length, { timeout: 120_000 }).toBe(0);
    expect((await attached(id)).attachments).toEqual([]);
  });

  test('in the moment: what ends between the bytes and the row leaves no row, and the bytes go at night', async () => {
    const id = await asset();
    await sql`create function refuse_row() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$`.execute(t.db);
    await sql`create trigger refuse_row after insert on asset_attachments for each row execute function refuse_row()`.execute(t.db);
    const answer = await upload(admin, id, 'a.pdf', pdf('orphan'));
    await sql`drop trigger refuse_row on asset_attachments`.execute(t.db);
    expect(answer.statusCode).toBe(500);
    expect((await attached(id)).attachments).toEqual([]);
    expect(await auditOf(id)).toEqual(['asset.created']);
    expect(await removeUnusedFiles(t.platform)).toMatchObject({ removed: 1 });
    // The same file again is taken.
    const file = await take(id, 'a.pdf', pdf('orphan'));
    expect(kept(file.sha256)).toBe(true);
  });
});

describe('a note', () => {
  test('is written, edited with what it said before kept, guarded against two editors, and removed into the audit log', async () => {
    const id = await asset();
    const note = (await admin.call(api.addNote, { params: { id }, body: { text: '  Screen flickers. ' } })).data;
    expect(note).toMatchObject({
      text: 'Screen flickers.',
      author: expect.stringContaining(admin.email),
      version: 1,
      earlier: [],
      editedAt: null,
    });
    const edit = (text: string, version: number) =>
      admin.call(api.editNote, { params: { id, noteId: note.id }, body: { text }, ifMatch: `"${version}"` });
    const edited = (await edit('Screen was replaced.', 1)).data;
    expect(edited).toMatchObject({
      version: 2,
      editedBy: note.author,
      earlier: [{ text: 'Screen flickers.', by: note.author }],
    });
    await expect(edit('Late.', 1)).rejects.toMatchObject({ code: 'stale' });
    await expect(admin.call(api.addNote, { params: { id }, body: { text: '   ' } })).rejects.toMatchObject({ code: 'validation_failed' });
    expect((await admin.call(getAssetTimeline, { params: { id }, query: {} })).data.items.map((e) => e.summary)).toEqual(
      expect.arrayContaining(['Note: Screen flickers.', 'Note, edited: Screen was replaced.']),
    );
    await admin.call(api.removeNote, { params: { id, noteId: note.id } });
    expect((await attached(id)).notes).toEqual([]);
    expect(await auditOf(id)).toEqual(['asset.created', 'note.note_added', 'note.note_edited', 'note.note_removed']);
    const limited = await t.as('technician', { kind: 'asset_class', key: 'printer' });
    await expect(limited.call(api.addNote, { params: { id }, body: { text: 'x' } })).rejects.toMatchObject({ code: 'not_found' });
  });
});
