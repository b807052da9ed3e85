import { sql } from 'kysely';
import type { Actor } from '../context.ts';
import type { Tx } from '../db/types.ts';
import { newId } from '../ids.ts';

export interface AuditEntry {
  /** Verb in the domain's words, for example `entitlement.created`. */
  action: string;
  resource: string;
  resourceId?: string | null;
  /** A sentence for people. */
  summary: string;
  before?: unknown;
  after?: unknown;
}

/** Appends to the audit log inside the transaction of the change itself. The request's id and address come from the actor's call. */
export async function audit(tx: Tx, actor: Actor & { requestId?: string; ip?: string }, entry: AuditEntry): Promise<void> {
  await sql`insert into audit_log (id, actor_kind, actor_id, actor_label, action, resource, resource_id, summary, before, after, request_id, ip)
    values (${newId()}, ${actor.kind}, ${actor.id}, ${actor.label}, ${entry.action}, ${entry.resource}, ${entry.resourceId ?? null}, ${entry.summary},
      ${json(entry.before)}::jsonb, ${json(entry.after)}::jsonb, ${actor.requestId ?? null}, ${actor.ip ?? null})`.execute(tx);
}

const json = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value));
