import {
  type Connector,
  type ConnectorCell,
  type ConnectorCreate,
  connectorKind,
  secretsSchemaOf,
  settingsSchemaOf,
} from '@muster/api/connectors';
import { type FieldError, Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import {
  type CellRow,
  connectorById,
  type ConnectorRow,
  type ConnectorValues,
  insertConnector,
  latestCells,
  nameTaken,
  updateConnectorRow,
} from './store.ts';

/** A listing that was complete is stale after two missed runs; one without a schedule after a week. */
export function staleAfterMs(everyMinutes: number | null): number {
  return everyMinutes === null ? 7 * 86_400_000 : Math.max(2 * everyMinutes * 60_000, 3_600_000);
}

/** The cells of a connector in the order of its scopes, with what became of each listing. */
export function presentCells(connector: ConnectorRow, cells: readonly CellRow[], now: Date): ConnectorCell[] {
  return connectorKind(connector.kind).scopes.map(({ key, label, provides }) => {
    const cell = cells.find((c) => c.connector_id === connector.id && c.scope === key);
    const result = cell?.result ?? 'never';
    const old = cell?.last_ok_at ? now.getTime() - cell.last_ok_at.getTime() > staleAfterMs(connector.every_minutes) : false;
    return {
      scope: key,
      label,
      provides,
      state: result === 'ok' && old ? 'stale' : result,
      missingPermission: cell?.missing_permission ?? null,
      message: cell?.message ?? null,
      rows: cell?.rows ?? 0,
      pages: cell?.pages ?? 0,
      lastAt: cell?.last_at?.toISOString() ?? null,
      lastOkAt: cell?.last_ok_at?.toISOString() ?? null,
      trend: (cell?.trend ?? []) as ConnectorCell['trend'],
      missing: Number(cell?.missing ?? 0),
    };
  });
}

const healthOf = (row: ConnectorRow): Connector['health'] =>
  !row.enabled ? 'paused' : row.last_state === null ? 'never_run' : row.last_state === 'failed' ? 'failing' : row.last_state;

/** One connector with its cells; its credentials stay where they are. */
export async function readConnector(db: Db, id: string, now: Date): Promise<Connector> {
  const row = await mustFind(db, id);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    enabled: row.enabled,
    everyMinutes: row.every_minutes,
    settings: row.settings,
    secretsSet: row.secret_names,
    health: healthOf(row),
    lastRunAt: row.last_run_at?.toISOString() ?? null,
    lastOkAt: row.last_ok_at?.toISOString() ?? null,
    nextRunAt: row.next_run_at?.toISOString() ?? null,
    cells: presentCells(row, await latestCells(db, [row.id]), now),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

export async function mustFind(db: Db, id: string): Promise<ConnectorRow> {
  const row = await connectorById(db, id);
  if (!row) throw new Problem('not_found', 'There is no such connector.');
  return row;
}

/** Adds a connector; a scheduled one runs for the first time at the next minute. */
export async function addConnector(platform: Platform, actor: Actor, input: ConnectorCreate): Promise<Connector> {
  const now = platform.now();
  const id = newId(now.getTime());
  return inTx(platform.db, async (tx) => {
    if (await nameTaken(tx, input.name, null)) throw taken();
    const values: ConnectorValues = {
      name: input.name,
      enabled: input.enabled,
      every_minutes: input.everyMinutes,
      settings: input.settings,
      sealed: platform.secrets.encrypt(JSON.stringify(input.secrets)),
      secret_names: Object.keys(input.secrets),
      next_run_at: input.enabled && input.everyMinutes !== null ? now : null,
    };
    await insertConnector(tx, id, input.kind, values, now).catch(refuseTwin);
    await audit(tx, actor, {
      action: 'connector.created',
      resource: 'connectors',
      resourceId: id,
      summary: `Added the connector ${input.name}`,
      after: shown(input.kind, values),
    });
    return readConnector(tx, id, now);
  });
}

interface ConnectorChange {
  name?: string | undefined;
  enabled?: boolean | undefined;
  everyMinutes?: number | null | undefined;
  settings?: Record<string, string | number | boolean> | undefined;
  secrets?: Record<string, string> | undefined;
}

/** Changes a connector; what is left out stays. Problems `stale`, `not_found`, `validation_failed` with every bad field. */
export async function changeConnector(
  platform: Platform,
  actor: Actor,
  id: string,
  version: number,
  input: ConnectorChange,
): Promise<Connector> {
  const now = platform.now();
  return inTx(platform.db, async (tx) => {
    const row = await mustFind(tx, id);
    if (row.version !== version) throw new Problem('stale');
    const { settings, secrets } = checkedChange(platform, row, input);
    if (input.name !== undefined && (await nameTaken(tx, input.name, id))) throw taken();
    const enabled = input.enabled ?? row.enabled;
    const every = input.everyMinutes === undefined ? row.every_minutes : input.everyMinutes;
    const rescheduled = enabled !== row.enabled || every !== row.every_minutes;
    const values: ConnectorValues = {
      name: input.name ?? row.name,
      enabled,
      every_minutes: every,
      settings,
      sealed: secrets === null ? row.sealed : platform.secrets.encrypt(JSON.stringify(secrets)),
      secret_names: secrets === null ? row.secret_names : Object.keys(secrets),
      next_run_at: !enabled || every === null ? null : rescheduled ? now : row.next_run_at,
    };
    if (!(await updateConnectorRow(tx, id, version, values, now).catch(refuseTwin))) throw new Problem('stale');
    await audit(tx, actor, {
      action: 'connector.changed',
      resource: 'connectors',
      resourceId: id,
      summary: `Changed the connector ${values.name}${secrets === null ? '' : ' and its credentials'}`,
      before: shown(row.kind, row),
      after: shown(row.kind, values),
    });
    return readConnector(tx, id, now);
  });
}

/** The new settings and, when they change, the new credentials, checked together. */
function checkedChange(
  platform: Platform,
  row: ConnectorRow,
  input: ConnectorChange,
): { settings: ConnectorRow['settings']; secrets: Record<string, string> | null } {
  const kind = connectorKind(row.kind);
  const errors: FieldError[] = [];
  const settings = settingsSchemaOf(kind).safeParse({ ...row.settings, ...input.settings });
  if (!settings.success)
    errors.push(...settings.error.issues.map((i) => ({ field: `settings.${i.path.join('.')}`, code: 'invalid', message: i.message })));
  const given = input.secrets ?? {};
  const all = secretsSchemaOf(kind);
  const named = all.partial().safeParse(given);
  if (!named.success)
    errors.push(...named.error.issues.map((i) => ({ field: `secrets.${i.path.join('.')}`, code: 'invalid', message: i.message })));
  // Otherwise whoever may edit a connector could have its credentials sent to a server of their own.
  const moved = Object.entries(kind.settings).filter(
    ([name, field]) => field.target && settings.success && settings.data[name] !== row.settings[name],
  );
  if (moved.length > 0)
    for (const name of row.secret_names)
      if (!(name in given))
        errors.push({ field: `secrets.${name}`, code: 'required', message: 'Enter it again: it would be sent to another address.' });
  if (errors.length > 0 || !settings.success) throw new Problem('validation_failed', undefined, { errors });
  const next = settings.data as ConnectorRow['settings'];
  if (Object.keys(given).length === 0) return { settings: next, secrets: null };
  const complete = row.secret_names.every((name) => name in given);
  const before = complete ? {} : (JSON.parse(platform.secrets.decrypt(row.sealed)) as Record<string, string>);
  return { settings: next, secrets: { ...before, ...given } };
}

/** For the audit log: everything but the credentials. */
const shown = (kind: string, v: ConnectorValues) => ({
  kind,
  name: v.name,
  enabled: v.enabled,
  everyMinutes: v.every_minutes,
  settings: v.settings,
  credentials: v.secret_names,
});

const taken = (): Problem =>
  new Problem('validation_failed', undefined, { errors: [{ field: 'name', code: 'taken', message: 'Another connector has this name.' }] });

function refuseTwin(error: unknown): never {
  if ((error as { code?: unknown }).code === '23505') throw taken();
  throw error;
}
