import { sql } from 'kysely';
import { newId } from '../../platform/ids.ts';
import type { Db } from '../../platform/db/types.ts';
import { inTx } from '../../platform/db/pool.ts';
import { noteProductChanges } from '../software/index.ts';
import { shippedContent } from '../software/content.ts';

/** Makes facts for tests of licences straight in the tables, as ingest and recognition leave them. */
export interface TestOrganisation {
  product: (key: string, name: string, options?: { licensable?: boolean }) => Promise<string>;
  /** A title recognised as the product. */
  title: (productId: string, options?: { edition?: string | null; kind?: string }) => Promise<number>;
  device: (name: string, options?: TestDevice) => Promise<string>;
  install: (assetId: string, evidenceId: number, options?: { user?: string }) => Promise<void>;
  remove: (assetId: string, evidenceId: number) => Promise<void>;
  person: (name: string, login: string) => Promise<string>;
}
export interface TestDevice {
  state?: string;
  sockets?: number | null;
  cores?: number | null;
  threads?: number | null;
  vmSystem?: string | null;
  personId?: string | null;
  lastUser?: string | null;
}

export function testOrganisation(db: Db): TestOrganisation {
  const publisher = newId();
  let made = false;
  return {
    async product(key, name, options = {}) {
      if (!made)
        await sql`insert into publishers (id, key, name) values (${publisher}, ${`test-${publisher.slice(-6)}`}, 'Acme')`.execute(db);
      made = true;
      // A product of the shipped catalogue is there already.
      const { rows } = await sql<{ id: string }>`insert into products (id, key, name, publisher_id, category, licensable, search_text)
        values (${newId()}, ${key}, ${name}, ${publisher}, 'other', ${options.licensable ?? true}, ${name.toLowerCase()}) on conflict (key) do update set licensable = excluded.licensable returning id`.execute(
        db,
      );
      return rows[0]!.id;
    },
    async title(productId, options = {}) {
      const { rows } = await sql<{
        id: number;
      }>`insert into evidence (hash, name, channel) values (decode(${newId().replaceAll('-', '')}, 'hex'), 'Title', 'msi') returning id`.execute(
        db,
      );
      const id = rows[0]!.id;
      // Under the shipped content, or the server that starts beside the test recognises the title again.
      await sql`insert into evidence_recognition (evidence_id, product_id, edition, kind, rule, confidence, ruleset) values (${id}, ${productId}, ${options.edition ?? null}, ${options.kind ?? 'product'}, 'test', 'high', ${shippedContent().hash})
        on conflict (evidence_id) do update set product_id = excluded.product_id, edition = excluded.edition, kind = excluded.kind`.execute(
        db,
      );
      return id;
    },
    async device(name, o = {}) {
      const id = newId();
      await sql`insert into asset_classes (key, label) values ('server', 'Server') on conflict do nothing`.execute(db);
      await sql`insert into assets (id, name, class_key, state, person_id, last_user) values (${id}, ${name}, 'server', ${o.state ?? 'in_use'}, ${o.personId ?? null}, ${o.lastUser ?? null})`.execute(
        db,
      );
      await sql`insert into device_facts (asset_id, observation_id, facts, sockets, cores, threads, vm_system, seen_at)
        values (${id}, ${newId()}, '{}', ${o.sockets ?? null}, ${o.cores ?? null}, ${o.threads ?? null}, ${o.vmSystem === undefined ? 'Physical' : o.vmSystem}, now())`.execute(
        db,
      );
      return id;
    },
    async install(assetId, evidenceId, options = {}) {
      await inTx(db, async (tx) => {
        await sql`insert into installations (asset_id, observation_id, evidence_id, first_seen_at, user_login) values (${assetId}, ${newId()}, ${evidenceId}, now(), ${options.user ?? null})`.execute(
          tx,
        );
        await noteProductChanges(tx, await productOf(tx, evidenceId));
      });
    },
    async remove(assetId, evidenceId) {
      await inTx(db, async (tx) => {
        await sql`update installations set removed_at = now() where asset_id = ${assetId} and evidence_id = ${evidenceId}`.execute(tx);
        await noteProductChanges(tx, await productOf(tx, evidenceId));
      });
    },
    async person(name, login) {
      const id = newId();
      await sql`insert into people (id, name, login) values (${id}, ${name}, ${login})`.execute(db);
      return id;
    },
  };
}

async function productOf(db: Db, evidenceId: number): Promise<string[]> {
  const { rows } = await sql<{ product_id: string }>`select product_id from evidence_recognition where evidence_id = ${evidenceId}`.execute(
    db,
  );
  return rows.map((r) => r.product_id);
}
