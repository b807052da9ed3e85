import type { CustodyAnswer } from '@muster/api/custody';
import { type FieldError, Problem } from '@muster/api/errors';
import type { Ref } from '@muster/api/fields';
import type { HandoverLanguage } from '@muster/api/handover';
import type { Kit, KitLine } from '@muster/api/kits';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { checkOutAssets } from '../custody/index.ts';
import { readPerson } from '../people/index.ts';
import { makeDocument } from './documents.ts';
import { readKit } from './kits.ts';
import { linesFitting } from './store-kits.ts';

export interface GiveKit {
  personId: string;
  assets: string[];
  dueOn: string | null;
  note?: string | undefined;
  mode: 'all' | 'possible';
  preview: boolean;
  document?: HandoverLanguage | undefined;
}

/** Which line each asset stands for: a largest assignment, so that order and overlapping lines do not matter. */
export function assignLines(
  lines: readonly KitLine[],
  assets: readonly string[],
  fitting: readonly { line: number; id: string }[],
): Map<string, number> {
  const places = lines.flatMap((line, index) => Array.from({ length: line.count }, () => ({ index, optional: line.optional })));
  // Places that must be filled come first: an asset takes an optional one only when it is not needed elsewhere.
  const order = places.map((_, place) => place).sort((a, b) => Number(places[a]?.optional) - Number(places[b]?.optional));
  const byPlace = new Map<number, string>();
  const linesOf = (id: string): Set<number> => new Set(fitting.filter((one) => one.id === id).map((one) => one.line));
  const may = new Map(assets.map((id) => [id, linesOf(id)]));
  const settle = (place: number, tried: Set<string>): boolean => {
    for (const id of assets) {
      if (tried.has(id) || !may.get(id)?.has(places[place]?.index ?? -1)) continue;
      tried.add(id);
      const had = [...byPlace].find(([, one]) => one === id)?.[0];
      if (had !== undefined && !settle(had, tried)) continue;
      byPlace.set(place, id);
      return true;
    }
    return false;
  };
  for (const place of order) settle(place, new Set());
  return new Map([...byPlace].map(([place, id]) => [id, places[place]?.index ?? 0]));
}

/** Refuses assets that fit no line, and with `all` a kit that lacks something it must have. */
async function checkFit(db: Db, kit: Kit, input: GiveKit): Promise<void> {
  const ids = [...new Set(input.assets)];
  const lineOf = assignLines(kit.lines, ids, await linesFitting(db, kit.lines, ids));
  const errors: FieldError[] = ids.flatMap((id) =>
    lineOf.has(id)
      ? []
      : [
          {
            field: `body.assets.${input.assets.indexOf(id)}`,
            code: 'does_not_fit',
            message: `It fits no line of “${kit.name}” that is still open.`,
          },
        ],
  );
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  if (input.mode === 'possible') return;
  const given = (index: number): number => [...lineOf.values()].filter((one) => one === index).length;
  const lacking = kit.lines.flatMap((line, index): FieldError[] => {
    const lacks = line.optional ? 0 : line.count - given(index);
    return lacks > 0
      ? [{ field: 'body.assets', code: 'incomplete', message: `${lacks} × ${line.model ?? line.class ?? ''} is not chosen.` }]
      : [];
  });
  if (lacking.length > 0) throw new Problem('conflict', `The kit “${kit.name}” is incomplete. Nothing was changed.`, { errors: lacking });
}

/**
 * Checks the chosen assets of a kit out to a person, and makes the hand-over document, in one transaction.
 * @throws Problem not_found; validation_failed `does_not_fit`; conflict `incomplete` and what a check-out is refused for.
 */
export async function giveKitTo(
  platform: Platform,
  actor: Actor,
  kitId: string,
  input: GiveKit,
): Promise<CustodyAnswer & { document: Ref | null }> {
  const { db } = platform;
  const now = platform.now();
  const kit = await readKit(db, kitId);
  const person = await readPerson(db, input.personId, actor, 'people:read');
  await checkFit(db, kit, input);
  const order = {
    assets: input.assets,
    holder: { kind: 'person' as const, id: person.id },
    dueOn: input.dueOn,
    note: input.note,
    mode: input.mode,
    preview: input.preview,
  };
  // A preview rolls its own transaction back: it must not join one of ours.
  if (input.preview) return { ...(await checkOutAssets(db, actor, order, now)), document: null };
  return inTx(db, async (tx) => {
    const answer = await checkOutAssets(tx, actor, order, now);
    const done = answer.done.map(({ asset }) => asset.id);
    if (done.length === 0) return { ...answer, document: null };
    const document = input.document
      ? await makeDocument(tx, actor, { personId: person.id, assets: done, language: input.document }, now)
      : null;
    await audit(tx, actor, {
      action: 'kit.given',
      resource: 'kits',
      resourceId: kit.id,
      summary: `Gave the kit “${kit.name}” to ${person.name}: ${done.length} assets`,
      after: { person: person.id, assets: done, refused: answer.refused, document: document?.id ?? null },
    });
    return { ...answer, document };
  });
}
