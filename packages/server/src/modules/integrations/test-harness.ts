import { type Connector, type ConnectorCreateInput, createConnector, getConnectorRun, runConnector } from '@muster/api/connectors';
import { sql } from 'kysely';
import { systemActor } from '../../platform/context.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';

export interface Harness {
  readonly t: TestApp;
  readonly admin: TestActor;
  /** Adds a connector that runs only by hand. */
  add: (input: Omit<ConnectorCreateInput, 'everyMinutes'>) => Promise<Connector>;
  /** Runs it until its reports are processed; answers the run. */
  run: (connector: Connector) => Promise<RunSeen>;
  /** As a crash leaves it: the job of the latest run is delivered again, one listing half done; answers the run. */
  readonly resume: (connector: Connector, scope: string, cursor: string) => Promise<RunSeen>;
  /** What a source says of a machine that has an asset. */
  asset: (source: string, nativeId: string) => Promise<Record<string, unknown> | undefined>;
  /** Titles that are installed by a source, without the operating system. */
  titles: (source: string, nativeId: string) => Promise<string[]>;
}
export interface RunSeen {
  readonly state: string;
  readonly devices: number;
  readonly people: number;
  readonly cells: Record<string, string | null>;
  readonly missing: Record<string, string | null>;
  readonly rows: Record<string, number>;
  readonly messages: string;
}

/** The whole application, with what tests of connectors ask of it. */
export async function connectorHarness(): Promise<Harness> {
  const t = await testApp();
  const admin = await t.as('administrator');
  const seen = async (connector: Connector, runId: string): Promise<RunSeen> => {
    const detail = (await admin.call(getConnectorRun, { params: { id: connector.id, runId } })).data;
    return {
      state: detail.state,
      devices: detail.devices,
      people: detail.people,
      cells: Object.fromEntries(detail.cells.map((c) => [c.scope, c.state])),
      missing: Object.fromEntries(detail.cells.map((c) => [c.scope, c.missingPermission])),
      rows: Object.fromEntries(detail.cells.map((c) => [c.scope, c.rows])),
      messages: detail.log.map((line) => line.message).join('\n'),
    };
  };
  return {
    t,
    admin,
    add: async (input) => (await admin.call(createConnector, { body: { ...input, everyMinutes: null } })).data,
    run: async (connector) => {
      const { runId } = (await admin.call(runConnector, { params: { id: connector.id } })).data;
      await t.jobsDone(60_000);
      await t.reportsDone();
      return seen(connector, runId);
    },
    resume: async (connector, scope, cursor) => {
      const { rows } = await sql<{
        id: string;
      }>`select id from connector_runs where connector_id = ${connector.id} order by created_at desc limit 1`.execute(t.db);
      const runId = rows[0]?.id ?? '';
      await sql`update connector_runs set state = 'running', finished_at = null where id = ${runId}`.execute(t.db);
      await sql`update connector_cells set result = null, finished_at = null, cursor = ${cursor}, pages = 1 where run_id = ${runId} and scope = ${scope}`.execute(
        t.db,
      );
      await t.db
        .transaction()
        .execute((tx) => t.platform.jobs.enqueue(tx, 'integrations.run', { runId }, { title: 'again', actor: systemActor }));
      await t.jobsDone(60_000);
      await t.reportsDone();
      return seen(connector, runId);
    },
    asset: async (source, nativeId) =>
      (
        await sql<
          Record<string, unknown>
        >`select a.* from assets a join observations o on o.asset_id = a.id where o.source = ${source} and o.native_id = ${nativeId}`.execute(
          t.db,
        )
      ).rows[0],
    titles: async (source, nativeId) =>
      (
        await sql<{
          name: string;
        }>`select e.name from installations i join evidence e on e.id = i.evidence_id join observations o on o.id = i.observation_id
          where o.source = ${source} and o.native_id = ${nativeId} and i.removed_at is null and e.channel <> 'os' order by e.name`.execute(
          t.db,
        )
      ).rows.map((row) => row.name),
  };
}
