import type { TagSequence } from '@muster/api/codes';
import { type FieldError, Problem } from '@muster/api/errors';
import { tagOf } from '@muster/core/tags';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { reachableAssets, updateAsset } from '../assets/index.ts';
import {
  insertSequence,
  referencesExist,
  removeSequence,
  sequenceById,
  sequenceFor,
  type SequenceRow,
  type SequenceValues,
  takeNumbers,
  takenTags,
  type Untagged,
  untaggedOf,
  updateSequence,
} from './store-sequences.ts';

type Input = Pick<
  TagSequence,
  'name' | 'classKey' | 'orgUnitId' | 'prefix' | 'suffix' | 'width' | 'nextNumber' | 'checkDigit' | 'automatic'
>;

const formOf = (row: SequenceRow) => ({ prefix: row.prefix, suffix: row.suffix, width: row.width, checkDigit: row.check_digit });

function present(row: SequenceRow): TagSequence {
  return {
    id: row.id,
    name: row.name,
    classKey: row.class_key,
    orgUnitId: row.org_unit_id,
    orgUnit: row.org_unit_id === null ? null : { id: row.org_unit_id, label: row.org_unit ?? '' },
    ...formOf(row),
    nextNumber: Number(row.next_number),
    automatic: row.automatic,
    nextTag: tagOf(formOf(row), Number(row.next_number)),
    version: row.version,
  };
}

async function mustFind(db: Db, id: string): Promise<SequenceRow> {
  const row = await sequenceById(db, id);
  if (!row) throw new Problem('not_found', 'There is no tag sequence with this id.');
  return row;
}

/** A sequence with the tag that comes next. Problem not_found. */
export async function readSequence(db: Db, id: string): Promise<TagSequence> {
  return present(await mustFind(db, id));
}

const columns: Record<keyof Input, keyof SequenceValues> = {
  name: 'name',
  classKey: 'class_key',
  orgUnitId: 'org_unit_id',
  prefix: 'prefix',
  suffix: 'suffix',
  width: 'width',
  nextNumber: 'next_number',
  checkDigit: 'check_digit',
  automatic: 'automatic',
};
const valuesOf = (input: { [K in keyof Input]?: Input[K] | undefined }): Partial<SequenceValues> =>
  Object.fromEntries(Object.entries(input).flatMap(([key, value]) => (value === undefined ? [] : [[columns[key as keyof Input], value]])));

async function check(
  tx: Tx,
  input: { classKey?: string | null | undefined; orgUnitId?: string | null | undefined },
  more: FieldError[],
): Promise<void> {
  const found = await referencesExist(tx, input.classKey ?? null, input.orgUnitId ?? null);
  const errors = [...more];
  if (!found.class_ok) errors.push({ field: 'classKey', code: 'unknown', message: 'There is no asset class with this key.' });
  if (!found.unit_ok) errors.push({ field: 'orgUnitId', code: 'unknown', message: 'There is no org unit with this id.' });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

/** The unique indexes decide what two people write at once. */
async function catchTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const index = error instanceof Error && 'constraint' in error ? error.constraint : null;
    const errors: Record<string, FieldError> = {
      tag_sequences_name: { field: 'name', code: 'taken', message: 'There is a sequence with this name already.' },
      tag_sequences_for: {
        field: 'classKey',
        code: 'taken',
        message: 'There is an automatic sequence for this class and org unit already.',
      },
    };
    const known = typeof index === 'string' ? errors[index] : undefined;
    if (!known) throw error;
    throw new Problem('conflict', known.message, { errors: [known], cause: error });
  }
}

/** Adds a sequence; returns its id. Problems validation_failed, conflict. */
export async function addSequence(tx: Tx, actor: Actor, input: Input, now: Date): Promise<string> {
  await check(tx, input, []);
  const id = newId(now.getTime());
  await catchTaken(() => insertSequence(tx, id, valuesOf(input) as SequenceValues, now));
  await audit(tx, actor, {
    action: 'tag_sequence.created',
    resource: 'tag-sequences',
    resourceId: id,
    summary: `Added the tag sequence “${input.name}”`,
    after: input,
  });
  return id;
}

/** Changes a sequence; its next number may only grow. Problems not_found, stale, validation_failed, conflict. */
export async function changeSequence(
  tx: Tx,
  actor: Actor,
  id: string,
  version: number,
  input: { [K in keyof Input]?: Input[K] | undefined },
  now: Date,
): Promise<void> {
  const before = await mustFind(tx, id);
  const backwards =
    input.nextNumber !== undefined && input.nextNumber < Number(before.next_number)
      ? [
          {
            field: 'nextNumber',
            code: 'backwards',
            message: `The next number is ${before.next_number}; it may only grow, so that no tag is given twice.`,
          },
        ]
      : [];
  await check(tx, input, backwards);
  const written = await catchTaken(() => updateSequence(tx, id, version, valuesOf(input), now));
  if (!written) throw new Problem('stale');
  await audit(tx, actor, {
    action: 'tag_sequence.changed',
    resource: 'tag-sequences',
    resourceId: id,
    summary: `Changed the tag sequence “${input.name ?? before.name}”`,
    before: present(before),
    after: input,
  });
}

/** Removes a sequence; the tags it gave stay. Problem not_found. */
export async function dropSequence(tx: Tx, actor: Actor, id: string): Promise<void> {
  const before = await mustFind(tx, id);
  await removeSequence(tx, id);
  await audit(tx, actor, {
    action: 'tag_sequence.removed',
    resource: 'tag-sequences',
    resourceId: id,
    summary: `Removed the tag sequence “${before.name}”`,
    before: present(before),
  });
}

/** `count` free tags of a sequence. Numbers whose tag an asset has already, entered by hand, are passed over. */
async function freeTags(tx: Tx, sequence: SequenceRow, count: number): Promise<string[]> {
  const tags: string[] = [];
  while (tags.length < count) {
    const wanted = count - tags.length;
    const first = await takeNumbers(tx, sequence.id, wanted);
    const made = Array.from({ length: wanted }, (_, index) => tagOf(formOf(sequence), first + index));
    const taken = await takenTags(tx, made);
    tags.push(...made.filter((tag) => !taken.has(tag.toLowerCase())));
  }
  return tags;
}

/** A free tag for an asset of this class and org unit; null when no automatic sequence applies. */
export async function nextTag(tx: Tx, asset: { classKey: string; orgUnitId: string | null }): Promise<string | null> {
  const sequence = await sequenceFor(tx, asset.classKey, asset.orgUnitId);
  return sequence ? ((await freeTags(tx, sequence, 1))[0] ?? null) : null;
}

type Skipped = { id: string; reason: 'has_tag' | 'no_sequence' | 'merged' | 'not_found' };

/**
 * Gives tags to those of the assets that have none and that the actor may write.
 * @throws Problem not_found when the named sequence is not there.
 */
export async function giveTagsTo(
  tx: Tx,
  actor: Actor,
  assetIds: readonly string[],
  sequenceId: string | undefined,
  now: Date,
): Promise<{ given: { id: string; tag: string }[]; skipped: Skipped[] }> {
  const chosen = sequenceId === undefined ? undefined : await mustFind(tx, sequenceId);
  const ids = [...new Set(assetIds)];
  const mine = await reachableAssets(tx, ids, actor, 'assets:write');
  const assets = (await untaggedOf(tx, ids)).filter((one) => mine.has(one.id));
  const there = new Set(assets.map((one) => one.id));
  const skipped: Skipped[] = ids.filter((id) => !there.has(id)).map((id) => ({ id, reason: 'not_found' }));
  const groups = new Map<string, { sequence: SequenceRow; assets: Untagged[] }>();
  const sequences = new Map<string, SequenceRow | undefined>();
  for (const asset of assets) {
    const kind = `${asset.class_key} ${asset.org_unit_id ?? ''}`;
    if (!sequences.has(kind)) sequences.set(kind, chosen ?? (await sequenceFor(tx, asset.class_key, asset.org_unit_id)));
    const sequence = sequences.get(kind);
    if (asset.redirected_to !== null) skipped.push({ id: asset.id, reason: 'merged' });
    else if (asset.tag !== null) skipped.push({ id: asset.id, reason: 'has_tag' });
    else if (!sequence) skipped.push({ id: asset.id, reason: 'no_sequence' });
    else groups.set(sequence.id, { sequence, assets: [...(groups.get(sequence.id)?.assets ?? []), asset] });
  }
  const given: { id: string; tag: string }[] = [];
  // In the order of their ids, so that two who take from several sequences never wait for each other.
  for (const { sequence, assets: untagged } of [...groups.values()].toSorted((a, b) => (a.sequence.id < b.sequence.id ? -1 : 1))) {
    const tags = await freeTags(tx, sequence, untagged.length);
    for (const [index, asset] of untagged.entries()) {
      const tag = tags[index] as string;
      await updateAsset(tx, actor, asset.id, asset.version, { tag }, now);
      given.push({ id: asset.id, tag });
    }
  }
  return { given, skipped };
}
