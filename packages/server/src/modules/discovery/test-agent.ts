import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gunzipSync, inflateSync } from 'node:zlib';
import type { TestApp } from '../../testing/index.ts';

/** Requests of unmodified agents as they were recorded, beside the repository. */
export const fixtureRoot = join(import.meta.dirname, '..', '..', '..', '..', '..', '..', 'shared', 'fixtures');
export const haveFixtures = existsSync(join(fixtureRoot, 'agents'));

export interface Recorded {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  /** The body after inflation. */
  readonly text: Buffer;
  readonly magic: string;
}

/** One recorded request: request line and headers, `--RAW n bytes magic hex--`, the body after inflation. */
export function recorded(number: string): Recorded {
  const folder = join(fixtureRoot, 'agents');
  const name = readdirSync(folder).find((file) => file.startsWith(`${number}-`));
  if (name === undefined) throw new Error(`No recorded request ${number}`);
  const raw = readFileSync(join(folder, name));
  const marker = raw.indexOf('--RAW ');
  const [line = '', ...headerLines] = raw.subarray(0, marker).toString('latin1').trim().split('\n');
  const end = raw.indexOf('--\n', marker);
  const [method, path = '/'] = line.split(' ');
  return {
    name,
    method: method === 'GET' ? 'GET' : 'POST',
    path,
    headers: Object.fromEntries(headerLines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()])),
    text: raw.subarray(end + 3),
    magic: /magic ([0-9a-f]*)/.exec(raw.subarray(marker, end).toString('latin1'))?.[1] ?? '',
  };
}

export interface AgentAnswer {
  readonly status: number;
  readonly contentType: string;
  /** First bytes, in hex. */
  readonly magic: string;
  readonly text: string;
  readonly json: Record<string, unknown> | null;
}

/** Sends a recorded request, wrapped as it was, with its own headers. */
export async function replay(t: TestApp, request: Recorded): Promise<AgentAnswer> {
  const { 'content-length': _length, host: _host, connection: _connection, te: _te, 'keep-alive': _keep, ...headers } = request.headers;
  const payload = request.magic === '789c' ? deflateSync(request.text, { level: 6 }) : request.text;
  const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?')) : '';
  return send(t, request.method, query, headers, request.method === 'GET' ? undefined : payload);
}

/** Posts a body to the agent endpoint. */
export async function post(t: TestApp, body: Buffer | string, headers: Record<string, string> = {}): Promise<AgentAnswer> {
  return send(
    t,
    'POST',
    '',
    { 'user-agent': 'GLPI-Agent_v1.12', 'content-type': 'application/x-compress-zlib', ...headers },
    Buffer.from(body),
  );
}

async function send(
  t: TestApp,
  method: 'GET' | 'POST',
  query: string,
  headers: Record<string, string>,
  payload?: Buffer,
): Promise<AgentAnswer> {
  const answer = await t.app.inject({ method, url: `/agent/${t.enrolmentKey}${query}`, headers, ...(payload ? { payload } : {}) });
  const raw = answer.rawPayload;
  const magic = raw.subarray(0, 2).toString('hex');
  const text = (magic === '789c' ? inflateSync(raw) : magic === '1f8b' ? gunzipSync(raw) : raw).toString('utf8');
  return {
    status: answer.statusCode,
    contentType: answer.headers['content-type'] ?? '',
    magic,
    text,
    json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : null,
  };
}

/** An inventory in GLPI's JSON. */
export function inventory(deviceid: string, content: Record<string, unknown>, more: Record<string, unknown> = {}): Buffer {
  return deflateSync(JSON.stringify({ action: 'inventory', deviceid, itemtype: 'Computer', content, ...more }), { level: 6 });
}
