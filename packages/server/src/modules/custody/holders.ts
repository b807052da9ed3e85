import type { Holder } from '@muster/api/custody';
import { Problem } from '@muster/api/errors';
import type { Db } from '../../platform/db/types.ts';
import { findHolder } from './store.ts';

/** A holder that exists and may take something, with its name. */
export interface NamedHolder extends Holder {
  readonly label: string;
}

const words = { person: 'person', team: 'team', place: 'place', asset: 'asset' } as const;

/**
 * The holder that is meant.
 * @throws Problem validation_failed (`holder`): `unknown`; `left` for a person who is no longer active; `gone` for an asset that was merged
 * away, disposed of, lost or stolen.
 */
export async function resolveHolder(db: Db, { kind, id }: Holder): Promise<NamedHolder> {
  const found = await findHolder(db, kind, id);
  const refuse = (code: string, message: string): Problem =>
    new Problem('validation_failed', undefined, { errors: [{ field: 'body.holder', code, message }] });
  if (!found) throw refuse('unknown', `There is no ${words[kind]} with this id.`);
  if (!found.active) throw refuse('left', `${found.label} has left. Choose someone who is there.`);
  if (found.redirected_to) throw refuse('gone', `${found.label} was merged into another asset. Choose that one.`);
  if (found.state && ['disposed', 'lost', 'stolen', 'retired'].includes(found.state))
    throw refuse('gone', `${found.label} is ${found.state}. Nothing can be put into it.`);
  return { kind, id, label: found.label };
}
