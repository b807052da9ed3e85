import { type BulkSelection, createBulkChange } from '@muster/api/bulk-changes';
import { call } from '../../app/api.ts';
import { useFollow } from '../../ui/AppLink.tsx';
import { useChange } from '../../ui/record-change.ts';

/** Asks for the preview and goes to its page, where it is applied. */
export function usePreview(selection: BulkSelection, operation: string) {
  const follow = useFollow();
  return useChange(
    async (parameters: Record<string, unknown>) => (await call(createBulkChange, { body: { selection, operation, parameters } })).data,
    { onDone: (change) => follow(`/bulk-changes/${change.id}`) },
  );
}
