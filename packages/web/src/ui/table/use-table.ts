import type { Resource } from '@muster/api/fields';
import { columnVisibilityFeature, rowSelectionFeature, tableFeatures, useTable, type RowSelectionState } from '@tanstack/react-table';
import { useMemo } from 'react';
import { columnFields } from './columns.ts';
import type { AnyRow } from './use-rows.ts';

const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature });
const rowId = (row: AnyRow): string => String(row['id']);

/** The headless table of a resource: which columns show and which rows are selected. Order and filter are the server's. */
export function useResourceTable(
  resource: Resource,
  data: AnyRow[],
  visible: string[],
  selection: RowSelectionState,
  onSelection: (next: RowSelectionState) => void,
) {
  const columns = useMemo(() => columnFields(resource).map(([name]) => ({ id: name, accessorFn: (row: AnyRow) => row[name] })), [resource]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(columnFields(resource).map(([name]) => [name, visible.includes(name)])),
    [resource, visible],
  );
  return useTable({
    features,
    columns,
    data,
    getRowId: rowId,
    state: { columnVisibility, rowSelection: selection },
    onRowSelectionChange: (updater) => onSelection(typeof updater === 'function' ? updater(selection) : updater),
  });
}
export type ResourceTableModel = ReturnType<typeof useResourceTable>;
