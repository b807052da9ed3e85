/** A process for properties.test.ts: receives, gives out, moves and takes back without end, several at once, until it is killed. */
import { systemActor } from '../../platform/context.ts';
import { inTx, openDb } from '../../platform/db/pool.ts';
import { issue, receive, transfer } from './moves.ts';
import { takeBack } from './returns.ts';

const [url = '', item = '', person = '', from = '', to = ''] = process.argv.slice(2);
const db = openDb(url, { max: 4, applicationName: 'muster-test-clerk' });
const note = null;

async function work(): Promise<void> {
  for (;;) {
    const now = new Date();
    await inTx(db, async (tx) => receive(tx, systemActor, item, { placeId: from, quantity: 2, note }, now));
    const [holding = ''] = await inTx(db, async (tx) =>
      issue(tx, systemActor, item, { placeId: from, quantity: 2, holder: { kind: 'person', id: person }, dueOn: null, note }, now),
    );
    await inTx(db, async (tx) => takeBack(tx, systemActor, holding, { returned: 1, lost: 1, damaged: 0, placeId: to, note }, now));
    await inTx(db, async (tx) => transfer(tx, systemActor, item, { fromPlaceId: to, toPlaceId: from, quantity: 1, note }, now));
    process.stdout.write('round\n');
  }
}

await Promise.all([work(), work(), work(), work()]);
