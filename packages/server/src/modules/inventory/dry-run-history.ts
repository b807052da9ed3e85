import { type IdentityKey, leads, lookupOf, type Observation } from '@muster/core/identity';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { handKeys } from './candidates.ts';
import { Entanglement, idBytes, packId } from './entanglement.ts';
import { isAgent } from './prepare.ts';
import {
  heldObservations,
  openMeetings,
  pageOfObservations,
  peoplesDecisions,
  replayRows,
  type ReplayRow,
  type Unreported,
  unreportedAssets,
} from './store-dry-runs.ts';
import { findByKeys } from './store-identify.ts';

const first = '00000000-0000-0000-0000-000000000000';
const page = 10_000;
const lookUpAtOnce = 500;

/** An asset that a person entered and nothing reports, with the observations it shares a value with. */
interface ByHand {
  asset: Unreported;
  keys: IdentityKey[];
  meets: string[];
}

/** The part of the stored history that rules can change. */
export interface History {
  readonly observations: number;
  readonly byHand: readonly ByHand[];
  readonly entanglement: Entanglement;
  readonly people: Awaited<ReturnType<typeof peoplesDecisions>>;
}

/** An observation as it is replayed, with where it comes from. */
export interface Replayed {
  readonly observation: Observation;
  readonly observationId: string | null;
  readonly assetId: string | null;
}

/** Reads which observations may meet, once, without keeping them. Throws when the signal is aborted. */
export async function readHistory(db: Db, signal: AbortSignal): Promise<History> {
  const ids = await packedIds(db, signal);
  const byHand = await meetingByHand(db, signal);
  const observations = ids.length / idBytes;
  const entanglement = new Entanglement(ids, byHand.length);
  const join = (a: string, b: number | null): void => {
    const number = entanglement.numberOf(a);
    if (number !== null && b !== null) entanglement.join(number, b);
  };
  await inTx(db, async (tx) => {
    const fetch = await openMeetings(tx);
    let place = '';
    let before: number | null = null;
    for (let rows = await fetch(page); rows.length > 0; rows = await fetch(page)) {
      signal.throwIfAborted();
      for (const row of rows) {
        if (row.place === place) join(row.observation_id, before);
        place = row.place;
        before = entanglement.numberOf(row.observation_id) ?? before;
      }
    }
  });
  for (let rows = await heldObservations(db, first, lookUpAtOnce); rows.length > 0;) {
    signal.throwIfAborted();
    const meetings = await meetingsOf(db, rows);
    for (const { id, meets } of meetings) for (const other of meets) join(other, entanglement.numberOf(id));
    rows = await heldObservations(db, rows.at(-1)?.id ?? first, lookUpAtOnce);
  }
  for (const [i, { meets }] of byHand.entries()) for (const other of meets) join(other, observations + i);
  return { observations, byHand, entanglement, people: await peoplesDecisions(db) };
}

async function packedIds(db: Db, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (
    let rows = await pageOfObservations(db, first, page);
    rows.length > 0;
    rows = await pageOfObservations(db, rows.at(-1) ?? first, page)
  ) {
    signal.throwIfAborted();
    chunks.push(Buffer.concat(rows.map(packId)));
  }
  return Buffer.concat(chunks);
}

async function meetingByHand(db: Db, signal: AbortSignal): Promise<ByHand[]> {
  const found: ByHand[] = [];
  for (let rows = await unreportedAssets(db, first, lookUpAtOnce); rows.length > 0;) {
    signal.throwIfAborted();
    const assets = new Map(rows.map((asset) => [asset.id, { asset, keys: handKeys(asset) }]));
    const meetings = await meetingsOf(
      db,
      [...assets].map(([id, { keys }]) => ({ id, keys })),
    );
    for (const { id, meets } of meetings) {
      const one = assets.get(id);
      if (one && meets.length > 0) found.push({ ...one, meets });
    }
    rows = await unreportedAssets(db, rows.at(-1)?.id ?? first, lookUpAtOnce);
  }
  return found;
}

/** The observations that share a leading value with each of these. */
async function meetingsOf(
  db: Db,
  rows: readonly { id: string; keys: readonly IdentityKey[] }[],
): Promise<{ id: string; meets: string[] }[]> {
  const id = (k: { kind: string; value: string }): string => `${k.kind} ${k.value}`;
  const lookups = new Map(rows.flatMap((r) => r.keys.filter(leads).map((k) => [id(lookupOf(k)), lookupOf(k)] as const)));
  const hits = Map.groupBy(await findByKeys(db, [...lookups.values()]), (h) => id({ kind: h.asked_kind, value: h.asked }));
  return rows.map((r) => ({
    id: r.id,
    meets: r.keys.filter(leads).flatMap((k) => (hits.get(id(lookupOf(k))) ?? []).map((h) => h.observation_id)),
  }));
}

/** Reads some of the entangled ones; those of a component are in the order in which they were first received. */
export async function readComponents(db: Db, history: History, numbers: readonly number[]): Promise<Replayed[][]> {
  const { entanglement, observations, byHand } = history;
  const rows = await replayRows(
    db,
    numbers.filter((n) => n < observations).map((n) => entanglement.idOf(n)),
  );
  const placed = [
    ...rows.map((row) => ({ number: entanglement.numberOf(row.id) ?? 0, at: row.first_received_at, row, hand: null })),
    ...numbers.flatMap((number) => {
      const hand = byHand[number - observations];
      return hand ? [{ number, at: hand.asset.created_at, row: null, hand }] : [];
    }),
  ];
  const components: (typeof placed)[] = [];
  // Those of a component are beside each other.
  const position = new Map(numbers.map((number, at) => [number, at]));
  for (const one of placed.toSorted((a, b) => (position.get(a.number) ?? 0) - (position.get(b.number) ?? 0))) {
    const last = components.at(-1);
    if (last?.[0] && entanglement.together(last[0].number, one.number)) last.push(one);
    else components.push([one]);
  }
  return components.map((component) => {
    const rowsOfIt = component.flatMap((one) => one.row ?? []);
    const sorted = component.toSorted((a, b) => a.at.getTime() - b.at.getTime() || a.number - b.number);
    return sorted.map(({ row, hand }) => (row ? replayed(row, rowsOfIt, history.people) : replayedByHand(hand)));
  });
}

const nameOf = (r: ReplayRow): string => `${r.source} ${r.native_id}`;

function replayed(row: ReplayRow, component: readonly ReplayRow[], people: History['people']): Replayed {
  const others = row.asset_id === null ? [] : (people.apart.get(row.asset_id) ?? []);
  const mark = row.native_id.lastIndexOf('#');
  const apart = [
    ...(others.length > 0 ? component.filter((r) => r.asset_id !== null && others.includes(r.asset_id)).map(nameOf) : []),
    // It goes on under a name of its own because it was told apart from the machine of that native id.
    ...(mark > 0 ? [`${row.source} ${row.native_id.slice(0, mark)}`] : []),
  ];
  return {
    observationId: row.id,
    assetId: row.asset_id,
    observation: {
      source: row.source,
      nativeId: row.native_id,
      keys: row.keys,
      // What is held may join and never creates.
      partial: row.asset_id === null || !row.full,
      hasAgent: isAgent(row.source),
      at: row.first_received_at.getTime(),
      until: row.last_received_at.getTime(),
      ...(row.asset_id !== null && people.decided.has(row.asset_id) ? { pinnedTo: row.asset_id } : {}),
      ...(apart.length > 0 ? { apart } : {}),
    },
  };
}

/** A report never joins what a person enters by itself; the next report may adopt it. */
function replayedByHand({ asset, keys }: ByHand): Replayed {
  const observation = {
    source: 'manual',
    nativeId: asset.id,
    keys,
    partial: false,
    hasAgent: false,
    byHand: true,
    pinnedTo: `by hand ${asset.id}`,
  };
  return { observation, observationId: null, assetId: asset.id };
}
