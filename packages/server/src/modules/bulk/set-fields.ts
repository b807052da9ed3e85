import { setFieldsSchema } from '@muster/api/bulk-changes';
import type { z } from 'zod';
import { checkFieldValues, type FieldVerdict, judgeFields, type ManualUndo, restoreFields, setFields } from '../assets/index.ts';
import type { BulkOperation, Verdict } from './operations.ts';

const verdictOf = ({ id, verdict, code, reason, changes, undo }: FieldVerdict): Verdict => ({
  id,
  verdict,
  ...(code === undefined ? {} : { code }),
  ...(reason === undefined ? {} : { reason }),
  changes,
  undo,
});

/** Sets values by hand on many assets, or releases them. */
export const setFieldsOperation: BulkOperation<z.infer<typeof setFieldsSchema>> = {
  key: 'set_fields',
  label: 'Edit fields',
  parameters: setFieldsSchema,
  check: (db, _actor, { values }) => checkFieldValues(db, values, 'parameters.values.'),
  judge: async (db, actor, ids, { values }, now) => (await judgeFields(db, actor, ids, values, now)).map(verdictOf),
  apply: async (tx, actor, ids, { values }, now) => (await setFields(tx, actor, ids, values, now)).map(verdictOf),
  undo: async (tx, actor, items, now) =>
    (
      await restoreFields(
        tx,
        actor,
        items.map((i) => ({ id: i.id, undo: i.undo as ManualUndo })),
        now,
      )
    ).map(verdictOf),
};
