import { type FieldError, Problem } from '@muster/api/errors';
import type { Kit, KitInput, KitLine, KitProposal } from '@muster/api/kits';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { insertKit, kitById, removeKit, stockFor, unknownClasses, updateKitRow } from './store-kits.ts';

/** A kit. Problem not_found. */
export async function readKit(db: Db, id: string): Promise<Kit> {
  const row = await kitById(db, id);
  if (!row) throw new Problem('not_found', 'There is no kit with this id.');
  return row;
}

async function check(tx: Tx, lines: readonly KitLine[]): Promise<void> {
  const unknown = new Set(
    await unknownClasses(
      tx,
      lines.flatMap((line) => line.class ?? []),
    ),
  );
  const errors = lines.flatMap((line, index): FieldError[] => {
    if (line.class === null && line.model === null)
      return [{ field: `lines.${index}.class`, code: 'required', message: 'Choose a class, a model or both.' }];
    if (line.class !== null && unknown.has(line.class))
      return [{ field: `lines.${index}.class`, code: 'unknown', message: `There is no asset class ${line.class}.` }];
    return [];
  });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

async function catchTakenName<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Error && 'constraint' in error && error.constraint === 'kits_name')) throw error;
    const message = 'There is a kit with this name already.';
    throw new Problem('conflict', message, { errors: [{ field: 'name', code: 'taken', message }], cause: error });
  }
}

/** Adds a kit; returns its id. Problems validation_failed, conflict. */
export async function addKit(tx: Tx, actor: Actor, input: KitInput, now: Date): Promise<string> {
  await check(tx, input.lines);
  const id = newId(now.getTime());
  await catchTakenName(() => insertKit(tx, { id, ...input }, now));
  await audit(tx, actor, {
    action: 'kit.created',
    resource: 'kits',
    resourceId: id,
    summary: `Added the kit “${input.name}”`,
    after: input,
  });
  return id;
}

/** Changes a kit. Problems not_found, stale, validation_failed, conflict. */
export async function changeKit(
  tx: Tx,
  actor: Actor,
  id: string,
  version: number,
  input: { [K in keyof KitInput]?: KitInput[K] | undefined },
  now: Date,
): Promise<void> {
  const before = await readKit(tx, id);
  const after = {
    name: input.name ?? before.name,
    note: input.note === undefined ? before.note : input.note,
    lines: input.lines ?? before.lines,
  };
  await check(tx, after.lines);
  if (!(await catchTakenName(() => updateKitRow(tx, { id, version, ...after }, now)))) throw new Problem('stale');
  await audit(tx, actor, {
    action: 'kit.changed',
    resource: 'kits',
    resourceId: id,
    summary: `Changed the kit “${after.name}”`,
    before,
    after,
  });
}

/** Removes a kit. Problem not_found. */
export async function dropKit(tx: Tx, actor: Actor, id: string): Promise<void> {
  const before = await readKit(tx, id);
  await removeKit(tx, id);
  await audit(tx, actor, {
    action: 'kit.removed',
    resource: 'kits',
    resourceId: id,
    summary: `Removed the kit “${before.name}”`,
    before,
  });
}

const mostOthers = 20;

/**
 * What stock has for each line of a kit. An asset is proposed once; lines with fewer choices take first, so that a line for any laptop
 * leaves the one model that another line wants. The assets of `prefer` come first wherever they fit.
 */
export async function proposalFor(db: Db, actor: Actor, kit: Kit, prefer: readonly string[] = []): Promise<KitProposal> {
  const wanted = kit.lines.reduce((sum, line) => sum + line.count, 0);
  const rows = await stockFor(db, kit.lines, actor, wanted + mostOthers, prefer);
  const choices = kit.lines.map((line, index) => ({ line, index, fitting: rows.filter((row) => row.line === index) }));
  const taken = new Set<string>();
  const proposed = new Map<number, string[]>();
  for (const { line, index, fitting } of choices.toSorted((a, b) => a.fitting.length - b.fitting.length)) {
    const ids = fitting.flatMap((row) => (taken.has(row.id) ? [] : [row.id])).slice(0, line.count);
    for (const id of ids) taken.add(id);
    proposed.set(index, ids);
  }
  const lines = choices.map(({ line, index, fitting }) => {
    const mine = fitting.map(({ line: _line, ...candidate }) => candidate);
    const ids = proposed.get(index) ?? [];
    return {
      line,
      proposed: mine.filter((one) => ids.includes(one.id)),
      others: mine.filter((one) => !taken.has(one.id)).slice(0, mostOthers),
      missing: line.count - ids.length,
    };
  });
  return { complete: lines.every(({ line, missing }) => line.optional || missing === 0), lines };
}
