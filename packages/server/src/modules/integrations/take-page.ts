import { type ConnectorKindKey, type ConnectorScope, connectorKind } from '@muster/api/connector-kinds';
import type { Json } from '@muster/protocols';
import { systemActor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { type ConnectorReport, deliverReports } from '../discovery/index.ts';
import { upsertDirectoryPeople } from '../people/index.ts';
import type { Listed, ListedDevice, ListedPerson, ListedTitle } from './connector.ts';
import { addDetails, everComplete, keepOnlyDetails, markMissing, noteItems, titlesOf } from './store-items.ts';
import { sourceOf } from './store.ts';

/** A listing of a run. */
export interface Cell {
  readonly connectorId: string;
  readonly connectorKind: ConnectorKindKey;
  readonly runId: string;
  readonly scope: ConnectorScope;
}
const keyOf = (cell: Cell) => ({ connectorId: cell.connectorId, scope: cell.scope.key, runId: cell.runId });

/** Takes one page in: devices to the inbox, people to their records, titles aside until their devices come. */
export async function takePage(
  tx: Tx,
  cell: Cell,
  items: readonly Listed[],
  now: Date,
): Promise<{ rows: number; devices: number; people: number }> {
  const devices = items.filter((item): item is ListedDevice => item.type === 'device');
  const people = items.filter((item): item is ListedPerson => item.type === 'person');
  const titles = items.filter((item): item is ListedTitle => item.type === 'title');
  await addDetails(
    tx,
    keyOf(cell),
    titles.map((t) => ({ nativeId: t.nativeId, key: t.key, data: t.row })),
  );
  const fresh = await noteItems(tx, keyOf(cell), [...devices.map((d) => d.nativeId), ...people.map((p) => p.directoryId)], now);
  const first = new Map(devices.filter((d) => fresh.has(d.nativeId)).map((d) => [d.nativeId, d]));
  await deliverReports(tx, await reportsOf(tx, cell, [...first.values()]), now);
  const newPeople = new Map(people.filter((p) => fresh.has(p.directoryId)).map((p) => [p.directoryId, p]));
  const source = sourceOf(cell.connectorKind, cell.scope.key);
  await upsertDirectoryPeople(tx, systemActor, [...newPeople.values()], source, now);
  return { rows: first.size + newPeople.size + titles.length, devices: first.size, people: newPeople.size };
}

/**
 * The reports of devices. Titles that are listed apart come from the last complete listing; while there was none the list is left out,
 * so that nothing looks removed because it could not be read.
 */
async function reportsOf(tx: Tx, cell: Cell, devices: readonly ListedDevice[]): Promise<ConnectorReport[]> {
  if (devices.length === 0) return [];
  const source = sourceOf(cell.connectorKind, cell.scope.key);
  const scopes = connectorKind(cell.connectorKind).scopes;
  const software = source === cell.connectorKind ? scopes.find((s) => s.provides === 'software') : undefined;
  const known = software !== undefined && (await everComplete(tx, cell.connectorId, software.key));
  const titles = known
    ? await titlesOf(
        tx,
        cell.connectorId,
        software.key,
        devices.map((d) => d.nativeId),
      )
    : null;
  return devices.map((device) => ({
    source,
    nativeId: device.nativeId,
    itemType: device.itemType,
    partial: device.partial ?? false,
    content: titles === null ? device.sections : { ...device.sections, softwares: (titles.get(device.nativeId) ?? []) as Json[] },
  }));
}

/** The listing was complete: what it did not name is missing, and what it gathered is what counts. Returns how many are missing now. */
export async function endListing(tx: Tx, cell: Cell, now: Date): Promise<number> {
  if (cell.scope.provides === 'software') {
    await keepOnlyDetails(tx, keyOf(cell));
    return 0;
  }
  return markMissing(tx, keyOf(cell), now);
}
