import { bulkKeywordsSchema } from '@muster/api/keywords';
import type { z } from 'zod';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { recordEvents } from '../assets/index.ts';
import type { BulkOperation, Verdict } from '../bulk/index.ts';
import { keyOf } from './keywords.ts';
import { lockAssets } from './store.ts';
import { findKeywords, type KeywordRow, keywordsById, keywordsNamed, keywordsOfAll, putMarks } from './store-keywords.ts';

type Parameters = z.output<typeof bulkKeywordsSchema>;

/** The ids of the keywords that an asset was given and lost, so that undoing is the other way round. */
interface MarksUndo {
  added: string[];
  taken: string[];
}

const words = (of: readonly { name: string }[]): string | null => of.map((one) => one.name).join(', ') || null;

/** Gives keywords to many assets and takes others off. */
export const bulkKeywords: BulkOperation<Parameters> = {
  key: 'keywords',
  label: 'Keywords',
  parameters: bulkKeywordsSchema,
  check: async () => undefined,
  judge: async (db, _actor, ids, { add, take }) => {
    const [now, lost] = [await keywordsOfAll(db, ids), new Set(take.map(keyOf))];
    return ids.map((id): Verdict => {
      const had = now.get(id) ?? [];
      const kept = had.filter((one) => !lost.has(one.key));
      const fresh = add.filter((name) => !had.some((one) => one.key === keyOf(name)));
      if (kept.length === had.length && fresh.length === 0) return { id, verdict: 'unchanged' };
      const after = [...kept, ...fresh.map((name) => ({ key: keyOf(name), name }))].sort((a, b) => (a.key < b.key ? -1 : 1));
      return { id, verdict: 'change', changes: [{ field: 'keyword', from: words(had), to: words(after) }] };
    });
  },
  apply: async (tx, actor, ids, { add, take }, now) => {
    const wanted = new Map(add.map((name) => [keyOf(name), name]));
    const gives = await keywordsNamed(
      tx,
      [...wanted].map(([key, name]) => ({ id: newId(now.getTime()), key, name })),
      now,
    );
    const takes = await findKeywords(tx, take.map(keyOf));
    const marks = (keywords: readonly KeywordRow[], isAdded: boolean) =>
      ids.flatMap((asset) => keywords.map((k) => ({ asset, keyword: k.id, add: isAdded })));
    return change(tx, actor.label, ids, [...marks(gives, true), ...marks(takes, false)], now);
  },
  undo: async (tx, actor, items, now) => {
    const marks = items.flatMap(({ id: asset, undo }) => {
      const { added, taken } = undo as MarksUndo;
      return [...added.map((keyword) => ({ asset, keyword, add: false })), ...taken.map((keyword) => ({ asset, keyword, add: true }))];
    });
    const verdicts = await change(
      tx,
      actor.label,
      items.map((i) => i.id),
      marks,
      now,
    );
    return verdicts.map(({ id, verdict, code, reason }) =>
      verdict === 'blocked' ? { id, verdict, code: code ?? 'merged', reason: reason ?? '' } : { id, verdict },
    );
  },
};

/** Changes the marks of locked assets and tells their timelines. What was merged away since the preview is blocked. */
async function change(
  tx: Tx,
  by: string,
  ids: readonly string[],
  marks: readonly { asset: string; keyword: string; add: boolean }[],
  now: Date,
): Promise<Verdict[]> {
  const locked = await lockAssets(tx, ids);
  const merged = (id: string): boolean => locked.get(id)?.redirected_to !== null;
  const rows = await putMarks(
    tx,
    marks.filter((m) => !merged(m.asset)),
  );
  const names = await namesOf(
    tx,
    rows.map((r) => r.keyword_id),
  );
  const byAsset = Map.groupBy(rows, (row) => row.asset_id);
  const told = [...byAsset].flatMap(([assetId, of]) =>
    [true, false].flatMap((added) => {
      const keywords = of.filter((r) => r.added === added).map((r) => names.get(r.keyword_id) ?? r.keyword_id);
      const kind = added ? 'keywords_added' : 'keywords_taken';
      return keywords.length === 0 ? [] : [{ assetId, at: now, kind, source: 'manual', actor: by, data: { keywords } }];
    }),
  );
  await recordEvents(tx, told);
  return ids.map((id): Verdict => {
    if (merged(id)) return { id, verdict: 'blocked', code: 'merged', reason: 'It was merged into another asset.' };
    const of = byAsset.get(id);
    if (!of) return { id, verdict: 'unchanged' };
    const side = (added: boolean): string[] => of.filter((r) => r.added === added).map((r) => r.keyword_id);
    const undo: MarksUndo = { added: side(true), taken: side(false) };
    return { id, verdict: 'change', undo };
  });
}

async function namesOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  return new Map((await keywordsById(db, [...new Set(ids)])).map((k) => [k.id, k.name]));
}
