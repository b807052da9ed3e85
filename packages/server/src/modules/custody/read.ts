import type { AssetCustody, ConditionPeriod, CustodyPeriod, PersonCustody, PlacementPeriod } from '@muster/api/custody';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { mustBeInstant, scopeCondition } from '../../platform/listing/index.ts';
import { openPeriod, periodAt, type PeriodRow, periodsOfAsset, periodsOfPerson } from './store.ts';
import { conditionAt, type ConditionRow, conditionsOf, placementAt, type PlacementRow, placementsOf } from './store-facts.ts';
import { custodyListing } from './store-listing.ts';

const historyLimit = 100;
const heldLimit = 500;

/**
 * Who has or had an asset, where it is or was, and in which condition; reaching the asset is checked before.
 * @throws Problem validation_failed
 */
export async function readAssetCustody(db: Db, assetId: string, asOf: string | undefined, now: Date): Promise<AssetCustody> {
  const at = asOf === undefined ? now.toISOString() : mustBeInstant(asOf);
  const today = now.toISOString().slice(0, 10);
  const custody = await periodAt(db, assetId, at);
  const placement = await placementAt(db, assetId, at);
  const condition = await conditionAt(db, assetId, at);
  return {
    asOf: at,
    custody: custody ? presentPeriod(custody, today) : null,
    placement: placement ? presentPlacement(placement) : null,
    condition: condition ? presentCondition(condition) : null,
    history: {
      custody: (await periodsOfAsset(db, assetId, historyLimit)).map((row) => presentPeriod(row, today)),
      placements: (await placementsOf(db, assetId, historyLimit)).map(presentPlacement),
      conditions: (await conditionsOf(db, assetId, historyLimit)).map(presentCondition),
    },
  };
}

/** What a person has and had, of the assets that the actor may read; reaching the person is checked before. */
export async function readPersonCustody(db: Db, personId: string, actor: Actor, now: Date): Promise<PersonCustody> {
  const today = now.toISOString().slice(0, 10);
  const scope = scopeCondition(custodyListing, actor, 'assets:read');
  const holds = (await periodsOfPerson(db, personId, { open: true, limit: heldLimit, scope })).map((row) => presentPeriod(row, today));
  const past = await periodsOfPerson(db, personId, { open: false, limit: historyLimit, scope });
  return { holds, overdue: holds.filter((p) => p.overdue).length, past: past.map((row) => presentPeriod(row, today)) };
}

/** The current custody of one asset, or null. */
export async function openCustody(db: Db, assetId: string, now: Date): Promise<CustodyPeriod | null> {
  const row = await openPeriod(db, assetId);
  return row ? presentPeriod(row, now.toISOString().slice(0, 10)) : null;
}

function presentPeriod(row: PeriodRow, today: string): CustodyPeriod {
  return {
    id: row.id,
    asset: { id: row.asset_id, label: row.asset_label },
    holder: { kind: row.holder_kind, id: row.holder_id, label: row.holder_label },
    from: row.from_at.toISOString(),
    to: row.to_at?.toISOString() ?? null,
    dueOn: row.due_on,
    overdue: row.to_at === null && row.due_on !== null && row.due_on < today,
    note: row.note,
    inNote: row.in_note,
    conditionOut: row.condition_out,
    conditionIn: row.condition_in,
    outBy: row.out_by,
    inBy: row.in_by,
  };
}

const presentPlacement = (row: PlacementRow): PlacementPeriod => ({
  id: row.id,
  place: { id: row.place_id, label: row.place_label },
  from: row.from_at.toISOString(),
  to: row.to_at?.toISOString() ?? null,
  source: row.source,
  actor: row.actor,
  note: row.note,
});

const presentCondition = (row: ConditionRow): ConditionPeriod => ({
  id: row.id,
  condition: row.condition,
  from: row.from_at.toISOString(),
  to: row.to_at?.toISOString() ?? null,
  actor: row.actor,
  note: row.note,
});
