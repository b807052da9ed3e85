import { createWriteStream, openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { ApiProblem, type Call, createClient, urlOf } from '@muster/api/client';
import type { ProblemDocument } from '@muster/api/errors';
import {
  applyImport,
  getImport,
  type Import,
  importErrors,
  type ImportMappingInput,
  listImportRows,
  planImport,
  undoImport,
  uploadImport,
} from '@muster/api/imports';
import { getJob } from '@muster/api/jobs';

export const importUsage = `muster import FILE [--as KEY] [--mapping FILE.json] [--apply | --apply-all] [--errors FILE.csv] [--url URL]
muster import --undo ID
  Compares a CSV or XLSX file with what is there and shows what each row would do; nothing changes without --apply.
  --as         how to read it: a key that the file's headers fit, for example snipe-it; the best one unless given
  --mapping    a mapping of your own, as the API takes it
  --apply      applies the rows that are neither errors nor conflicts
  --apply-all  applies everything, or nothing when a row is bad
  --errors     writes the bad rows there, with the reason of each
  --undo       takes an import back
  --url        the server; MUSTER_URL or http://127.0.0.1:3000
  MUSTER_API_TOKEN must hold a token that may import.`;

const options = {
  as: { type: 'string' },
  mapping: { type: 'string' },
  apply: { type: 'boolean', default: false },
  'apply-all': { type: 'boolean', default: false },
  errors: { type: 'string' },
  undo: { type: 'string' },
  url: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** The command `muster import`: exit code 1 when rows are bad or were not applied, 2 for wrong arguments. */
export async function importCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (values.help) {
    console.log(importUsage);
    return 0;
  }
  const token = process.env['MUSTER_API_TOKEN'];
  const problems = [
    ...(token ? [] : ['MUSTER_API_TOKEN is not set: give a token that may import.']),
    ...(positionals.length === (values.undo === undefined ? 1 : 0) ? [] : ['Give one file, or --undo with the id of an import.']),
  ];
  if (problems.length > 0 || !token) {
    console.error([...problems, importUsage].join('\n'));
    return 2;
  }
  const baseUrl = (values.url ?? process.env['MUSTER_URL'] ?? 'http://127.0.0.1:3000').replace(/\/$/, '');
  const server: Server = { baseUrl, token, call: createClient({ baseUrl, token }) };
  if (values.undo !== undefined) {
    const undone = await step(
      server,
      values.undo,
      async () => (await server.call(undoImport, { params: { id: values.undo ?? '' } })).data.jobId,
    );
    console.log(`Undone: ${undone.counts?.undone ?? 0} rows, kept because they changed since: ${undone.counts?.kept ?? 0}.`);
    return (undone.counts?.kept ?? 0) > 0 ? 1 : 0;
  }
  const mode = values['apply-all'] ? 'all' : values.apply ? 'good' : null;
  return importFile(server, positionals[0] ?? '', { as: values.as, mapping: values.mapping, errors: values.errors, mode });
}

interface Server {
  baseUrl: string;
  token: string;
  call: Call;
}

async function importFile(
  server: Server,
  path: string,
  wanted: { as: string | undefined; mapping: string | undefined; errors: string | undefined; mode: 'good' | 'all' | null },
): Promise<number> {
  const file = await upload(server, path);
  const { id } = file;
  const mapping = await mappingFor(file, wanted);
  const planned = await step(server, id, async () => (await server.call(planImport, { params: { id }, body: mapping })).data.jobId);
  await show(server, planned);
  let last = planned;
  if (wanted.mode !== null) {
    const mode = wanted.mode;
    last = await step(server, id, async () => (await server.call(applyImport, { params: { id }, body: { mode } })).data.jobId);
    console.log(
      `Applied ${last.counts?.applied ?? 0} rows, ${last.counts?.failed ?? 0} failed. To take it back: muster import --undo ${id}`,
    );
  }
  const bad = (last.counts?.error ?? 0) + (last.counts?.conflict ?? 0) + (last.counts?.failed ?? 0);
  if (bad > 0 && wanted.errors !== undefined) await download(server, id, wanted.errors);
  return bad > 0 ? 1 : 0;
}

/** Sends the file from the disk as it is read. */
async function upload({ baseUrl, token }: Server, path: string): Promise<Import> {
  const answer = await fetch(baseUrl + urlOf(uploadImport, undefined, { name: basename(path) }), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: await openAsBlob(path),
  });
  const body = await answer.json();
  if (!answer.ok) throw new ApiProblem(body as ProblemDocument);
  return body as Import;
}

async function mappingFor(file: Import, wanted: { as: string | undefined; mapping: string | undefined }): Promise<ImportMappingInput> {
  if (wanted.mapping !== undefined) return JSON.parse(await readFile(wanted.mapping, 'utf8')) as ImportMappingInput;
  const keys = file.suggestions.map((s) => s.key);
  const found = wanted.as === undefined ? file.suggestions[0] : file.suggestions.find((s) => s.key === wanted.as);
  if (!found)
    throw new Error(`The headers fit ${keys.length === 0 ? 'nothing that is known' : keys.join(', ')}. Give a mapping with --mapping.`);
  console.log(
    `Read as ${found.label} (${found.kind}): ${found.mapping.columns.map((c) => `${file.headers[c.column] ?? ''} -> ${c.field}`).join(', ')}`,
  );
  return found.mapping;
}

/** Starts a job of an import and waits for its end; answers the import after it. */
async function step({ call }: Server, id: string, start: () => Promise<string>): Promise<Import> {
  const jobId = await start();
  for (;;) {
    const { data: job } = await call(getJob, { params: { id: jobId } });
    if (job.state === 'failed') throw new Error(job.error ?? 'The job failed.');
    if (job.state === 'cancelled') throw new Error('Somebody cancelled the job.');
    if (job.state === 'done') return (await call(getImport, { params: { id } })).data;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

const shownRows = 20;

async function show({ call }: Server, planned: Import): Promise<void> {
  const { counts } = planned;
  if (!counts) return;
  console.log(
    `${counts.rows} rows: ${counts.create} to create, ${counts.update} to update, ${counts.unchanged} unchanged, ${counts.skip} left alone, ${counts.conflict} conflicts, ${counts.error} errors.`,
  );
  for (const action of ['conflict', 'error', 'update', 'create'] as const) {
    const { data } = await call(listImportRows, { params: { id: planned.id }, query: { action, limit: shownRows } });
    for (const row of data.items) {
      const changes = row.changes.map((c) => `${c.label}: ${text(c.from)} -> ${text(c.to)}`);
      console.log(
        `  row ${row.no} ${action} ${row.record.label}: ${(row.errors.length > 0 ? row.errors.map((e) => e.message) : changes).join('; ')}`,
      );
    }
    if (counts[action] > data.items.length) console.log(`  … ${counts[action] - data.items.length} more of ${action}`);
  }
}

const text = (value: unknown): string =>
  value === null ? '(nothing)' : typeof value === 'object' ? (value as { label: string }).label : JSON.stringify(value);

async function download({ baseUrl, token }: Server, id: string, path: string): Promise<void> {
  const answer = await fetch(baseUrl + urlOf(importErrors, { id }, undefined), { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok || !answer.body) throw new ApiProblem((await answer.json()) as ProblemDocument);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(path));
  console.log(`The bad rows are in ${path}.`);
}
