import { audit } from '../../platform/audit/audit.ts';
import { type Actor, type Platform, systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import { shippedContent } from './content.ts';
import { APPLY_RULE_JOB } from './local-rules.ts';
import { applyRuleByJob, recogniseAll, type RuleReach } from './re-recognise.ts';
import { hasOutdated } from './store-evidence.ts';

const RECOGNISE_JOB = 'software.recognise-again';

export function registerSoftwareJobs(platform: Platform): void {
  platform.jobs.register({ kind: RECOGNISE_JOB, handler: recogniseAll });
  platform.jobs.register<RuleReach>({ kind: APPLY_RULE_JOB, handler: applyRuleByJob });
}

/** Starts recognising all evidence again; one such job waits at a time. */
export async function enqueueRecognition(platform: Platform, tx: Tx, actor: Actor): Promise<string> {
  const jobId = await platform.jobs.enqueue(
    tx,
    RECOGNISE_JOB,
    {},
    { title: 'Recognise all software titles again', actor, singletonKey: 'all' },
  );
  if (actor.kind !== 'system')
    await audit(tx, actor, { action: 'recognition.rerun', resource: 'evidence', summary: 'Started recognising all software titles again' });
  return jobId;
}

/** Starts it when evidence was recognised under other content than the shipped one, for example after an update of the program. */
export async function recogniseOutdated(platform: Platform): Promise<void> {
  if (!(await hasOutdated(platform.db, shippedContent().hash))) return;
  await inTx(platform.db, async (tx) => enqueueRecognition(platform, tx, systemActor));
}
