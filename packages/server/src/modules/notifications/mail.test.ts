import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { createAsset } from '@muster/api/assets';
import { checkOut } from '@muster/api/custody';
import * as mail from '@muster/api/mail';
import * as api from '@muster/api/notifications';
import { createPerson } from '@muster/api/people';
import { createSavedView } from '@muster/api/saved-views';
import { sql } from 'kysely';
import type { SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { composeMails, textsOf } from './compose.ts';
import { findAll } from './find.ts';
import { backOffMinutes, sendMails } from './send.ts';
import { insertMail } from './store-mail.ts';
import { readable, refusal, testSmtp, type TestSmtp } from './test-smtp.ts';

const keyText = 'the key of this test file only';
const settings = (port: number, more: Partial<mail.MailSettingsBody> = {}): mail.MailSettingsBody => ({
  host: 'localhost',
  port,
  security: 'none',
  userName: null,
  fromAddress: 'assets@example.org',
  fromName: 'Muster',
  remindHolders: false,
  remindDays: 3,
  ...more,
});

resourceSuite({
  routes: mail.mailListRoutes,
  seed: async (t) => {
    await sql`insert into notification_mails (id, address, language, subject, body_text, body_html, state, attempts, next_at, answer, created_at, sent_at)
      select gen_random_uuid(), 'p' || i % 4 || '@example.org', 'en', 'Subject ' || i, 'text', '<p>text</p>',
        (array['sent','failed','queued'])[i % 3 + 1], i % 4, case when i % 3 = 2 then timestamptz '2999-01-01' + make_interval(days => i) end,
        case when i % 2 = 0 then '250 OK ' || i end, timestamptz '2026-01-01' + make_interval(hours => i), case when i % 3 = 0 then timestamptz '2026-01-02' + make_interval(hours => i) end
      from generate_series(1, 9) as i`.execute(t.db);
  },
});

describe('mail', () => {
  let t: TestApp;
  let admin: TestActor;
  let smtp: TestSmtp | null = null;
  beforeAll(async () => {
    t = await testApp({ env: { MUSTER_SECRET_KEY: keyText, MUSTER_BASE_URL: 'https://muster.example.org' } });
    admin = await t.as('administrator');
  });
  afterEach(async () => {
    await smtp?.close();
    smtp = null;
    t.setNow(null);
    await sql`update notification_mails set state = 'failed', next_at = null where state = 'queued'`.execute(t.db);
  });
  afterAll(() => t.close());

  const use = async (options: SMTPServerOptions = {}, more: Partial<mail.MailSettingsBody> = {}): Promise<TestSmtp> => {
    smtp = await testSmtp(options);
    await admin.call(mail.putMailSettings, { body: settings(smtp.port, { password: null, ...more }) });
    return smtp;
  };
  const tryIt = async () => (await admin.call(mail.sendTestMail, { body: { to: 'ada@example.org' } })).data;
  let count = 0;
  const queued = async (address = `person-${++count}@example.org`): Promise<string> => {
    const id = newId();
    const row = { id, user_id: null, address, language: 'en', subject: `Mail ${id}`, body_text: 'text', body_html: '<p>text</p>' };
    await inTx(t.db, (tx) => insertMail(tx, row, [], new Date()));
    return id;
  };
  /** Not through HTTP: a session is over when the clock is set days ahead. */
  const rowOf = async (id: string) =>
    (
      await sql<{ state: string; attempts: number; answer: string | null; next_at: Date | null }>`select state, attempts, answer, next_at
        from notification_mails where id = ${id}`.execute(t.db)
    ).rows[0];

  test('settings keep the password to themselves and to its server; reading and changing them needs the permission', async () => {
    expect((await admin.call(mail.getMailSettings, {})).data).toMatchObject({ configured: false, host: '', port: 587 });
    await admin.call(mail.putMailSettings, { body: settings(25, { userName: 'u', password: 'first-secret-word' }) });
    const { data } = await admin.call(mail.getMailSettings, {});
    expect(data).toMatchObject({ host: 'localhost', hasPassword: true, configured: true });
    expect(JSON.stringify(data)).not.toContain('first-secret-word');
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from mail_settings m, audit_log l
      where m::text like '%first-secret-word%' or l::text like '%first-secret-word%'`.execute(t.db);
    expect(rows[0]?.n).toBe(0);
    await expect(admin.call(mail.putMailSettings, { body: settings(25, { host: 'elsewhere.example.org' }) })).rejects.toMatchObject({
      errors: [{ field: 'password' }],
    });
    await expect((await t.as('asset_manager')).call(mail.getMailSettings, {})).rejects.toMatchObject({ code: 'forbidden' });
    await expect((await t.as('auditor')).call(mail.putMailSettings, { body: settings(25) })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('a test mail arrives and shows the server’s real answer, also when it refuses', async () => {
    const server = await use();
    expect(await tryIt()).toEqual({ sent: true, answer: '250 OK: queued as 42' });
    expect(server.received).toMatchObject([{ from: 'assets@example.org', to: ['ada@example.org'], secure: false }]);
    await server.close();
    await use({ onRcptTo: (_address, _session, callback) => callback(refusal(550, '5.1.1 No such user here')) });
    expect(await tryIt()).toEqual({ sent: false, answer: '550 5.1.1 No such user here' });
    await smtp?.close();
    const nobody = await tryIt();
    expect(nobody.sent).toBe(false);
    expect(nobody.answer).toMatch(/ECONNREFUSED/);
    smtp = null;
  });

  describe('over TLS and with a password', () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-smtp-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const trusted = tls.getCACertificates('default');
    let pem = { key: '', cert: '' };
    beforeAll(() => {
      const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost'];
      execFileSync('openssl', [...how, '-addext', 'subjectAltName=DNS:localhost', '-days', '2', '-keyout', key, '-out', cert], {
        stdio: 'pipe',
      });
      pem = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    });
    afterEach(() => tls.setDefaultCACertificates(trusted));
    afterAll(() => rmSync(folder, { recursive: true }));
    const signIn: SMTPServerOptions = {
      authOptional: false,
      onAuth: (auth, _session, callback) =>
        auth.username === 'muster' && auth.password === 'pässwörd'
          ? callback(null, { user: 'muster' })
          : callback(refusal(535, '5.7.8 Wrong password')),
    };

    test.each([
      ['starttls', { disabledCommands: [] }],
      ['tls', { secure: true }],
    ] as const)('%s: the certificate is checked, then the mail goes out signed in', async (security, options) => {
      const server = await use(
        { ...signIn, ...options, disabledCommands: [], ...pem },
        { security, userName: 'muster', password: 'pässwörd' },
      );
      expect((await tryIt()).answer).toMatch(/self.signed certificate/i);
      tls.setDefaultCACertificates([...trusted, pem.cert]);
      expect(await tryIt()).toEqual({ sent: true, answer: '250 OK: queued as 42' });
      expect(server.received).toMatchObject([{ secure: true, user: 'muster' }]);
      await admin.call(mail.putMailSettings, { body: settings(server.port, { security, userName: 'muster', password: 'wrong' }) });
      expect(await tryIt()).toEqual({ sent: false, answer: '535 5.7.8 Wrong password' });
    });

    test('starttls is not given up for a server that offers none', async () => {
      const server = await use({}, { security: 'starttls', userName: 'muster', password: 'pässwörd' });
      expect((await tryIt()).sent).toBe(false);
      expect(server.received).toEqual([]);
    });
  });

  test('a refused mail has failed with the server’s reason, and is tried again only when someone asks', async () => {
    let refuse = true;
    const server = await use({
      onRcptTo: (_a, _s, callback) => (refuse ? callback(refusal(550, '5.1.1 No such user here')) : callback()),
    });
    const id = await queued();
    await sendMails(t.platform);
    expect(await rowOf(id)).toMatchObject({ state: 'failed', attempts: 1, answer: '550 5.1.1 No such user here', next_at: null });
    await sendMails(t.platform);
    expect(await rowOf(id)).toMatchObject({ attempts: 1 });
    refuse = false;
    await admin.call(mail.retryMail, { params: { id } });
    await sendMails(t.platform);
    expect(await rowOf(id)).toMatchObject({ state: 'sent', answer: '250 OK: queued as 42' });
    await expect(admin.call(mail.retryMail, { params: { id } })).rejects.toMatchObject({ code: 'conflict' });
    expect(server.received).toHaveLength(1);
  });

  test('a greylisted mail waits and goes out later', async () => {
    let seen = 0;
    const server = await use({
      onRcptTo: (_a, _s, callback) => (seen++ === 0 ? callback(refusal(451, '4.7.1 Greylisted, come back later')) : callback()),
    });
    const id = await queued();
    await sendMails(t.platform);
    const waiting = await rowOf(id);
    expect(waiting).toMatchObject({ state: 'queued', attempts: 1, answer: '451 4.7.1 Greylisted, come back later' });
    expect(await sendMails(t.platform)).toEqual({ sent: 0, failed: 0 });
    t.setNow(new Date((waiting?.next_at?.getTime() ?? 0) + 1000));
    await sendMails(t.platform);
    expect(await rowOf(id)).toMatchObject({ state: 'sent', attempts: 2 });
    expect(server.received).toHaveLength(1);
  });

  test('a connection that closes is tried again with growing waits, and then given up with the reason', async () => {
    const closing = createServer((socket: Socket) => socket.end());
    await new Promise<void>((done) => closing.listen(0, '127.0.0.1', () => done()));
    await admin.call(mail.putMailSettings, { body: settings((closing.address() as AddressInfo).port, { password: null }) });
    const id = await queued();
    let now = Date.now() + 1000;
    const waits: number[] = [];
    for (let i = 0; i <= backOffMinutes.length; i++) {
      t.setNow(new Date(now));
      await sendMails(t.platform);
      const row = await rowOf(id);
      if (row?.state !== 'queued') break;
      waits.push(Math.round(((row.next_at?.getTime() ?? 0) - now) / 60_000));
      now = row.next_at?.getTime() ?? 0;
    }
    closing.close();
    expect(waits).toEqual(backOffMinutes);
    const given = await rowOf(id);
    expect(given).toMatchObject({ state: 'failed', attempts: backOffMinutes.length + 1 });
    expect(given?.answer).toMatch(/closed|greeting/i);
  });

  test('two workers send each mail once', async () => {
    const server = await use();
    const ids = await Promise.all(Array.from({ length: 12 }, () => queued()));
    await Promise.all([sendMails(t.platform), sendMails(t.platform), sendMails(t.platform)]);
    expect(server.received.map((m) => m.to[0])).toHaveLength(ids.length);
    expect(new Set(server.received.map((m) => m.to[0])).size).toBe(ids.length);
  });

  test('a mail whose worker was killed goes out by the next one, under the same Message-ID', async () => {
    const begun = Promise.withResolvers<void>();
    const hanging = await testSmtp({ onData: () => begun.resolve() });
    await admin.call(mail.putMailSettings, { body: settings(hanging.port, { password: null }) });
    const id = await queued();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-sender.ts'), t.url, keyText, t.platform.config.dataDir], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise((done) => child.once('exit', done));
    await begun.promise;
    // The row is held: this worker finds nothing to send.
    expect(await sendMails(t.platform)).toEqual({ sent: 0, failed: 0 });
    child.kill('SIGKILL');
    await ended;
    const server = await use();
    for (;;) if ((await sendMails(t.platform)).sent > 0) break;
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.raw).toContain(`Message-ID: <${id}@example.org>`);
    void hanging.close();
  });

  test('what is found goes out as one digest in the user’s language and hour, with a link that stops all mail', async () => {
    const server = await use();
    const manager = await t.as('asset_manager');
    const prefs = { timeZone: 'Europe/Berlin', digestHour: 7, digestWeekday: 1, language: 'de' as const, mailPaused: false };
    await manager.call(api.putPreferences, { body: prefs });
    const view = (await manager.call(createSavedView, { body: { resource: 'assets', name: 'Mine', filter: 'name:*bold*' } })).data;
    await manager.call(api.createSubscription, {
      body: { kind: 'warranty_ending', viewId: view.id, inApp: false, mail: true, timing: 'daily' },
    });
    await t.jobsDone();
    const end = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    for (let i = 0; i < 2; i++) await admin.call(createAsset, { body: { class: 'laptop', name: `<b>bold ${i}</b>`, warrantyEndsOn: end } });
    await findAll(t.platform);
    expect(await composeMails(t.platform)).toBe(0);
    expect((await manager.call(api.countUnread, {})).data.unread).toBe(0);
    t.setNow(new Date(Date.now() + 25 * 3_600_000));
    await composeMails(t.platform);
    await composeMails(t.platform);
    await sendMails(t.platform);
    expect(server.received).toHaveLength(1);
    const [one] = server.received;
    const raw = readable(one?.raw ?? '');
    expect(one?.to).toEqual([manager.email]);
    expect(raw).toContain('2 Benachrichtigungen von Muster');
    expect(raw).toContain(`Die Garantie von <b>bold 0</b> endet am ${end.split('-').toReversed().join('.')}.`);
    expect(raw).toContain('&lt;b&gt;bold 0&lt;/b&gt;');
    expect(raw).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    const token = /unsubscribe\/([\w.-]+)/.exec(raw)?.[1] ?? '';
    expect((await t.anonymous.call(api.readUnsubscribe, { params: { token } })).data).toMatchObject({ stopped: false });
    const posted = await t.anonymous.inject({
      method: 'POST',
      url: `/api/v1/unsubscribe/${token}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'List-Unsubscribe=One-Click',
    });
    expect(posted.statusCode, posted.body).toBe(200);
    t.setNow(null);
    expect((await manager.call(api.getPreferences, {})).data.mailPaused).toBe(true);
    await expect(t.anonymous.call(api.readUnsubscribe, { params: { token: `${token.slice(0, -2)}xx` } })).rejects.toMatchObject({
      code: 'link_expired',
    });
  });

  test('a digest leaves out what the user may no longer see', async () => {
    const server = await use();
    const manager = await t.as('asset_manager');
    const view = (await manager.call(createSavedView, { body: { resource: 'assets', name: 'Secret', filter: 'name:secret*' } })).data;
    await manager.call(api.createSubscription, { body: { kind: 'warranty_ending', viewId: view.id, mail: true, timing: 'at_once' } });
    await t.jobsDone();
    const end = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    await admin.call(createAsset, { body: { class: 'laptop', name: 'secret thing', warrantyEndsOn: end } });
    await findAll(t.platform);
    await sql`delete from role_assignments where user_id = ${manager.userId}`.execute(t.db);
    await composeMails(t.platform);
    await sendMails(t.platform);
    expect(server.received).toEqual([]);
  });

  test('a holder without an account is reminded by mail before the day and when it has passed, until they stop it', async () => {
    const server = await use({}, { remindHolders: true, remindDays: 2 });
    const kim = (await admin.call(createPerson, { body: { name: 'Kim', email: 'kim@example.org' } })).data.id;
    const id = (await admin.call(createAsset, { body: { class: 'laptop', name: 'Loaner' } })).data.id;
    const due = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await admin.call(checkOut, { body: { assets: [id], holder: { kind: 'person', id: kim }, dueOn: due } });
    const round = async (): Promise<void> => {
      await findAll(t.platform);
      await findAll(t.platform);
      await composeMails(t.platform);
      await sendMails(t.platform);
    };
    await round();
    expect(server.received.map((m) => m.to)).toEqual([['kim@example.org']]);
    expect(readable(server.received[0]?.raw ?? '')).toContain(`Loaner is due: Kim is to give it back on ${due}.`);
    const token = /unsubscribe\/([\w.-]+)/.exec(readable(server.received[0]?.raw ?? ''))?.[1] ?? '';
    await t.anonymous.call(api.unsubscribe, { params: { token }, body: { stopped: true } });
    t.setNow(new Date(Date.now() + 4 * 86_400_000));
    await round();
    expect(server.received).toHaveLength(1);
  });

  test('no name makes a header or markup of its own', () => {
    const facts = { label: 'x\r\nBcc: evil@example.org <script>', on: '2026-01-01' };
    const around = { organisation: 'O', baseUrl: 'https://m.example.org', stop: 'token' };
    const said = textsOf([{ kind: 'warranty_ending', subject_type: 'assets', subject_id: 'a', facts }], 'en', around);
    expect(said.subject).not.toMatch(/[\r\n]/);
    expect(said.body_text).not.toMatch(/^Bcc/m);
    expect(said.body_html).not.toContain('<script>');
  });
});
