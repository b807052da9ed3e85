import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { AgentFamily } from '../report.ts';
import type { Encoding } from './body.ts';
import { escapeXml, type NetworkJob, optionsOf } from './network-jobs.ts';

/** What an answer says, before it is written in the agent's dialect. */
export type Reply =
  /** Answer to PROLOG: send an inventory now, come back after so many hours, and scan what the jobs name. */
  | { readonly type: 'prolog'; readonly everyHours: number; readonly jobs?: readonly NetworkJob[] }
  /** JSON answer to a first XML contact: speak JSON, ask again at once. */
  | { readonly type: 'pending' }
  /** Answer to CONTACT: what to run. With `network` the agent fetches jobs by a PROLOG of its own. */
  | { readonly type: 'contact'; readonly everyHours: number; readonly network?: boolean }
  /** A report is stored. */
  | { readonly type: 'accepted'; readonly everyHours: number }
  /** No credentials for remote tasks, no task to run. */
  | { readonly type: 'no_credentials' }
  | { readonly type: 'no_task' }
  | { readonly type: 'error'; readonly message: string };

export interface EncodedReply {
  readonly body: Uint8Array;
  readonly contentType: string;
}

export interface ReplyTarget {
  readonly family: AgentFamily;
  readonly dialect: 'json' | 'xml' | 'unknown';
  readonly encoding: Encoding;
  readonly contentType?: string | null | undefined;
}

/**
 * Writes an answer the way the agent can read it. Rules found with unmodified agents: FusionInventory looks for the bytes `78 9c`,
 * so zlib must be level 6; OCS always inflates, so it always gets zlib, with the content type of its own server; GLPI Agent
 * inflates only when the content type starts with `application/x-`. So the request's wrapping and content type are mirrored.
 */
export function encodeReply(reply: Reply, target: ReplyTarget): EncodedReply {
  const json = target.dialect === 'json' || reply.type === 'pending' || reply.type === 'no_credentials' || reply.type === 'no_task';
  const text = json ? JSON.stringify(jsonReply(reply)) : xmlReply(reply, target.family);
  if (target.family === 'ocs') return { body: deflateSync(text, { level: 6 }), contentType: 'application/x-compressed' };
  if (target.encoding === 'plain') return { body: Buffer.from(text), contentType: json ? 'application/json' : 'application/xml' };
  const [wrap, contentType] = wrappers[target.encoding];
  return { body: wrap(text, { level: 6 }), contentType: mirrored(target.contentType, contentType) };
}

const wrappers = {
  zlib: [deflateSync, 'application/x-compress-zlib'],
  gzip: [gzipSync, 'application/x-compress-gzip'],
  deflate: [deflateRawSync, 'application/x-deflate'],
} as const;

/** The request's own content type when it says compressed, for an agent knows how to read what it sends. */
function mirrored(contentType: string | null | undefined, otherwise: string): string {
  return contentType && /^application\/x-[a-z-]{2,40}$/i.test(contentType) ? contentType : otherwise;
}

function jsonReply(reply: Reply): object {
  if (reply.type === 'pending') return { status: 'pending' };
  if (reply.type === 'no_credentials') return { status: 'ok', credentials: [] };
  if (reply.type === 'no_task') return {};
  if (reply.type === 'error') return { status: 'error', message: reply.message };
  const accepted = { status: 'ok', expiration: reply.everyHours };
  if (reply.type !== 'contact') return accepted;
  // The version is what GLPI Agent compares for its features; `disabled` keeps it from asking for tasks that are not offered.
  const inventory = { server: 'glpi', version: '10.0.17' };
  // Tasks of this server make GLPI Agent send a PROLOG without its id, whose XML answer names the jobs.
  const scan = { server: 'glpiinventory', version: '1.4.0' };
  const tasks = reply.network ? { inventory, netdiscovery: scan, netinventory: scan } : { inventory };
  const networkTasks = reply.network ? [] : ['netdiscovery', 'netinventory'];
  return { ...accepted, tasks, disabled: ['collect', 'deploy', 'esx', ...networkTasks, 'wakeonlan'] };
}

function xmlReply(reply: Reply, family: AgentFamily): string {
  const wrap = (inner: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n<REPLY>${inner}</REPLY>\n`;
  if (reply.type === 'error') return wrap(`<ERROR>${escapeXml(reply.message)}</ERROR>`);
  if (reply.type === 'prolog')
    return wrap(`<PROLOG_FREQ>${reply.everyHours}</PROLOG_FREQ><RESPONSE>SEND</RESPONSE>${optionsOf(reply.jobs ?? [])}`);
  return wrap(`<RESPONSE>${family === 'ocs' ? 'NO_ACCOUNT_UPDATE' : 'SEND'}</RESPONSE>`);
}
