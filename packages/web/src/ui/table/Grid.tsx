import { Checkbox } from '@mantine/core';
import type { Resource } from '@muster/api/fields';
import type { Virtualizer } from '@tanstack/react-virtual';
import { useRef, type MouseEvent, type ReactNode } from 'react';
import { fieldLabel, t } from '../../app/messages.ts';
import { SortDownIcon, SortUpIcon } from '../Icons.tsx';
import { isFigure } from '../ValueCell.tsx';
import { columnWidth } from './columns.ts';
import type { AnyRow } from './use-rows.ts';
import type { ResourceTableModel } from './use-table.ts';

export interface GridProps {
  resource: Resource;
  table: ResourceTableModel;
  virtualizer: Virtualizer<HTMLDivElement, HTMLElement>;
  columns: string[];
  sort: string;
  onSort: (sort: string) => void;
  active: number;
  onActivate: (index: number) => void;
  cell: (name: string, row: AnyRow) => ReactNode;
  open: ((row: AnyRow) => string | null) | undefined;
  onOpen: (row: AnyRow, event?: MouseEvent) => void;
  total: number | null;
  rowActions: ((row: AnyRow) => ReactNode) | undefined;
  selectable: boolean;
  /** Begins to edit a cell; absent where nothing can be edited. */
  onEdit?: ((row: AnyRow, name: string) => void) | undefined;
  editable?: readonly string[] | undefined;
}

/** How long a press on a cell that can be edited waits for a second one before the record opens. */
const doublePressMs = 250;

/** The wide form: a real table, of which only the rows in view exist. */
export function Grid(props: GridProps) {
  const { resource, table, virtualizer, columns, active, cell, onOpen, open, total, rowActions, selectable } = props;
  const opening = useRef<ReturnType<typeof setTimeout>>(undefined);
  const rows = table.getRowModel().rows;
  const items = virtualizer.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  const width = columns.reduce(
    (sum, name) => sum + columnWidth(resource, name, resource.fields[name]!),
    (selectable ? 40 : 0) + (rowActions ? 132 : 0),
  );
  const span = columns.length + (selectable ? 1 : 0) + (rowActions ? 1 : 0);
  return (
    <table className="grid" style={{ minWidth: width }} aria-rowcount={total ?? -1} aria-label={fieldLabel(resource.plural)}>
      <colgroup>
        {selectable && <col style={{ width: 40 }} />}
        {columns.map((name) => (
          <col key={name} style={{ width: columnWidth(resource, name, resource.fields[name]!) }} />
        ))}
        {rowActions && <col style={{ width: 132 }} />}
      </colgroup>
      <GridHead {...props} />
      <tbody>
        {above > 0 && (
          <tr aria-hidden="true" className="spacer">
            <td colSpan={span} style={{ height: above }} />
          </tr>
        )}
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <tr
              key={row.id}
              ref={virtualizer.measureElement}
              data-index={item.index}
              data-active={item.index === active || undefined}
              data-selected={row.getIsSelected() || undefined}
              data-opens={open?.(row.original) ? true : undefined}
              aria-rowindex={item.index + 2}
              tabIndex={-1}
              onFocus={() => props.onActivate(item.index)}
              onClick={(event) => {
                // A press on a link, button or box is its own; a press elsewhere opens the record.
                if ((event.target as HTMLElement).closest('a, button, input, label')) return;
                if (window.getSelection()?.toString()) return;
                const name = (event.target as HTMLElement).closest('td')?.dataset['editable'];
                if (name === undefined || !props.onEdit) return onOpen(row.original, event);
                // A second press edits the cell, so the first waits for it.
                clearTimeout(opening.current);
                if (event.detail > 1) props.onEdit(row.original, name);
                else opening.current = setTimeout(() => onOpen(row.original, event), doublePressMs);
              }}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && event.target === event.currentTarget) onOpen(row.original);
              }}
            >
              {selectable && (
                <td className="select">
                  <Checkbox
                    size="xs"
                    aria-label={t('table.selectRow')}
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </td>
              )}
              {columns.map((name) => (
                <td
                  key={name}
                  className={isFigure(resource.fields[name]!) ? 'figure' : undefined}
                  data-editable={props.editable?.includes(name) ? name : undefined}
                >
                  {cell(name, row.original)}
                </td>
              ))}
              {rowActions && <td className="row-actions">{rowActions(row.original)}</td>}
            </tr>
          );
        })}
        {below > 0 && (
          <tr aria-hidden="true" className="spacer">
            <td colSpan={span} style={{ height: below }} />
          </tr>
        )}
      </tbody>
    </table>
  );
}

function GridHead({ resource, table, columns, sort, onSort, rowActions, selectable }: GridProps) {
  const descending = sort.startsWith('-');
  const sorted = sort.replace(/^-/, '');
  return (
    <thead>
      <tr>
        {selectable && (
          <th scope="col" className="select">
            <Checkbox
              size="xs"
              aria-label={t('table.selectLoaded')}
              checked={table.getIsAllRowsSelected()}
              indeterminate={table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected()}
              onChange={table.getToggleAllRowsSelectedHandler()}
            />
          </th>
        )}
        {columns.map((name) => {
          const field = resource.fields[name]!;
          const label = fieldLabel(field.label);
          const isSorted = name === sorted;
          return (
            <th
              key={name}
              scope="col"
              className={isFigure(field) ? 'figure' : undefined}
              aria-sort={isSorted ? (descending ? 'descending' : 'ascending') : undefined}
              title={field.about}
            >
              {field.sortable ? (
                <button type="button" onClick={() => onSort(isSorted && !descending ? `-${name}` : name)}>
                  <span>{label}</span>
                  {isSorted && (descending ? <SortDownIcon width={12} height={12} /> : <SortUpIcon width={12} height={12} />)}
                </button>
              ) : (
                <span>{label}</span>
              )}
            </th>
          );
        })}
        {rowActions && (
          <th scope="col" className="row-actions">
            <span className="visually-hidden">{t('table.actions')}</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
