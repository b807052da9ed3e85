import { setFieldsSchema } from '@muster/api/bulk-changes';
import type { z } from 'zod';
import { checkSetValues, judgeValues, restoreValues, type SetUndo, setValues, type SetVerdict } from '../assets/index.ts';
import type { BulkOperation, Verdict } from './operations.ts';

const verdictOf = ({ id, verdict, code, reason, changes, undo }: SetVerdict): Verdict => ({
  id,
  verdict,
  ...(code === undefined ? {} : { code }),
  ...(reason === undefined ? {} : { reason }),
  changes,
  undo,
});

/** Sets values by hand on many assets, custom ones among them, or releases them. */
export const setFieldsOperation: BulkOperation<z.infer<typeof setFieldsSchema>> = {
  key: 'set_fields',
  label: 'Edit fields',
  parameters: setFieldsSchema,
  check: (db, actor, { values }) => checkSetValues(db, actor, values, 'parameters.values.'),
  judge: async (db, actor, ids, { values }, now) => (await judgeValues(db, actor, ids, values, now)).map(verdictOf),
  apply: async (tx, actor, ids, { values }, now) => (await setValues(tx, actor, ids, values, now)).map(verdictOf),
  undo: async (tx, actor, items, now) =>
    (
      await restoreValues(
        tx,
        actor,
        items.map((i) => ({ id: i.id, undo: i.undo as SetUndo })),
        now,
      )
    ).map(verdictOf),
};
