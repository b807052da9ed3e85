import type { Inspection, NetworkJob, Reply } from '@muster/protocols';

/** How often agents should come back, in hours. */
export const EVERY_HOURS = 24;

/** How often an agent with open scans should come back, in hours: the least that agents understand. */
const SCANNING_HOURS = 1;

/** Network scans that wait for the agent: whether there are any, and at a PROLOG the jobs themselves. */
export interface ScanWork {
  readonly waits: boolean;
  readonly jobs: readonly NetworkJob[];
}
export const noScans: ScanWork = { waits: false, jobs: [] };

/** What to answer, and whether the body is stored first. `dialect` overrides the request's own. */
export interface Answer {
  readonly reply: Reply;
  readonly store: boolean;
  readonly dialect?: 'xml' | 'json';
}

/**
 * The answer to a request of an agent. `sendAll` says that the server lacks what the agent believes to have sent: GLPI Agent's JSON has no
 * way to ask for a full inventory, but an XML answer to CONTACT makes it fall back to PROLOG, and an XML answer to that makes it send
 * a complete XML inventory. GLPI Agent takes scans only by a second PROLOG without its id, which the answer to CONTACT makes it send.
 */
export function answerTo(request: Inspection, sendAll: boolean, scans: ScanWork = noScans): Answer {
  const everyHours = scans.waits ? SCANNING_HOURS : EVERY_HOURS;
  const all: Answer = {
    reply: { type: 'prolog', everyHours, ...(scans.jobs.length > 0 ? { jobs: scans.jobs } : {}) },
    store: false,
    dialect: 'xml',
  };
  if (request.kind === 'prolog') {
    const speaksJson = request.family === 'glpi' && request.agentId !== null;
    return speaksJson && !sendAll ? { reply: { type: 'pending' }, store: false } : all;
  }
  if (request.kind === 'contact')
    return sendAll ? all : { reply: { type: 'contact', everyHours, ...(scans.waits ? { network: true } : {}) }, store: false };
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
