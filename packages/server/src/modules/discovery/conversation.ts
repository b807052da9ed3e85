import type { Inspection, Reply } from '@muster/protocols';

/** How often agents should come back, in hours. */
export const EVERY_HOURS = 24;

/** What to answer, and whether the body is stored first. `dialect` overrides the request's own. */
export interface Answer {
  readonly reply: Reply;
  readonly store: boolean;
  readonly dialect?: 'xml' | 'json';
}

/**
 * The answer to a request of an agent. `sendAll` says that the server lacks what the agent believes to have sent: GLPI Agent's JSON has no
 * way to ask for a full inventory, but an XML answer to CONTACT makes it fall back to PROLOG, and an XML answer to that makes it send
 * a complete XML inventory.
 */
export function answerTo(request: Inspection, sendAll: boolean): Answer {
  const all: Answer = { reply: { type: 'prolog', everyHours: EVERY_HOURS }, store: false, dialect: 'xml' };
  if (request.kind === 'prolog') {
    const speaksJson = request.family === 'glpi' && request.agentId !== null;
    return speaksJson && !sendAll ? { reply: { type: 'pending' }, store: false } : all;
  }
  if (request.kind === 'contact') return sendAll ? all : { reply: { type: 'contact', everyHours: EVERY_HOURS }, store: false };
  if (request.kind === 'get_params') return { reply: { type: 'no_credentials' }, store: false };
  const accepted: Answer = { reply: { type: 'accepted', everyHours: EVERY_HOURS }, store: true };
  if (request.kind !== 'unknown' || request.readable) return accepted;
  return { reply: { type: 'error', message: 'The body is neither XML nor JSON that Muster can read.' }, store: true };
}

/** Parts of a GET of GLPI's older task protocol; every task is answered with "nothing to do". */
export const taskActions: ReadonlySet<string> = new Set([
  'getConfig',
  'getJobs',
  'setAnswer',
  'setLog',
  'jobsDone',
  'setStatus',
  'getFilePart',
]);
