import { Button, Checkbox, CopyButton, Skeleton } from '@mantine/core';
import { useMediaQuery, useLocalStorage } from '@mantine/hooks';
import type { Resource } from '@muster/api/fields';
import type { Facets } from '@muster/api/listing';
import type { RowSelectionState } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type MouseEvent, type ReactNode } from 'react';
import { t } from '../../app/messages.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { AppLink, useFollow } from '../AppLink.tsx';
import { useWithCustomFields } from '../custom/custom-fields.ts';
import { EmptyState } from '../EmptyState.tsx';
import { recordPath } from '../links.ts';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { Unknown, ValueCell, valueText } from '../ValueCell.tsx';
import { Cards } from './Cards.tsx';
import { rememberColumns, visibleColumns } from './columns.ts';
import { FacetsPanel } from './FacetsPanel.tsx';
import { FilterBar } from './FilterBar.tsx';
import { Grid, type GridProps } from './Grid.tsx';
import type { ListState, ListStateChange } from './list-state.ts';
import { CountLine, Toolbar } from './Toolbar.tsx';
import { queryOf, useFacets, useRows, type AnyRow, type RowOf, type RowSource } from './use-rows.ts';
import { useResourceTable } from './use-table.ts';
import { ViewsMenu } from './ViewsMenu.tsx';

export interface ResourceTableProps<R extends Resource> {
  resource: R;
  source: RowSource;
  state: ListState;
  onState: ListStateChange;
  /** Always applied and not shown in the bar: the rows of one record. */
  fixedFilter?: string;
  /** Where a row opens; the record's own page unless said. */
  open?: (row: RowOf<R>) => string | null;
  /** Cells that need more than their value. */
  cells?: { [K in keyof R['fields']]?: (row: RowOf<R>) => ReactNode };
  /** How fields of text whose values are keys read: in their cells, among the facets and where a filter is completed. */
  words?: { [K in keyof R['fields']]?: (value: string) => string };
  /** Fields needed by `cells` and `open` although they are no visible column. */
  alsoFields?: (keyof R['fields'] & string)[];
  rowActions?: ((row: RowOf<R>) => ReactNode) | undefined;
  /** Shown when there is nothing at all: what would fill the list. */
  empty: ReactNode;
  /** Inside another page: grows to a part of the screen only. */
  embedded?: boolean;
  /** Cells that are edited in place: their fields, and the input of one. */
  editing?: { fields: readonly string[]; editor: (name: string, row: RowOf<R>, onClose: () => void) => ReactNode };
  selectable?: boolean;
  /** What can be done with the selected rows, besides copying them, or with everything that the list finds. */
  selectionActions?: ((rows: RowOf<R>[], clear: () => void, chosen: RowsChosen) => ReactNode) | undefined;
}

/** The rows that were chosen, and the query whose rows they are of. */
export interface RowsChosen {
  ids: string[];
  query: { q?: string | undefined; filter?: string | undefined };
  /** How many the query finds; null when that is not known. */
  total: number | null;
  isEstimate: boolean;
}

/** Every list of the application: one table, driven by the description of its resource and the custom fields defined for it. */
export function ResourceTable<R extends Resource>(props: ResourceTableProps<R>) {
  return <TableOf {...props} resource={useWithCustomFields(props.resource)} />;
}

function TableOf<R extends Resource>(props: ResourceTableProps<R>) {
  const { resource, source, state, onState, fixedFilter, embedded = false, selectable = true } = props;
  const [dense, setDense] = useLocalStorage({ key: 'muster.dense', defaultValue: true, getInitialValueInEffect: false });
  const [selection, setSelection] = useState<RowSelectionState>({});
  const isNarrow = useMediaQuery('(max-width: 47.99em)', undefined, { getInitialValueInEffect: false }) ?? false;
  const [facetsWanted, setFacetsWanted] = useFacetsWanted(embedded || isNarrow);
  const columns = useMemo(() => visibleColumns(resource, state.columns), [resource, state.columns]);
  const sort = state.sort || resource.defaultSort;
  const query = queryOf(state, fixedFilter, resource.defaultSort);
  const fields = useMemo(
    () => [...new Set(['id', resource.titleField, ...columns, ...(props.alsoFields ?? [])])].join(','),
    [resource, columns, props.alsoFields],
  );
  const rows = useRows(source, query, fields);
  const hasFacets = source.facets !== undefined && Object.values(resource.fields).some((f) => f.facet);
  const { q, filter } = query;
  const counted = useFacets(source, { ...(q ? { q } : {}), ...(filter ? { filter } : {}) }, hasFacets && !rows.filterProblem);
  const facets = counted.data && worded(counted.data, props.words);
  const setColumns = (next: string[]): void => {
    rememberColumns(resource, next);
    onState({ columns: next.join(',') }, { replace: true });
  };
  const isEmpty = rows.isSuccess && rows.rows.length === 0;
  const { editable, cell, edit } = useEditing(props, columns);
  const setFilter = useFilterSetter(onState);

  return (
    <div className="resource-table" data-embedded={embedded || undefined} data-dense={dense || undefined}>
      <div className="table-bar">
        <FilterBar
          resource={resource}
          facets={facets}
          value={state.filter}
          onChange={setFilter}
          problem={rows.filterProblem}
          sent={query.filter ?? ''}
        />
        {!embedded && (
          <ViewsMenu
            resource={resource}
            state={state}
            onState={onState}
            columns={columns}
            dense={dense}
            onDense={setDense}
            facetsShown={facetsWanted}
            onFacets={setFacetsWanted}
          />
        )}
        <Toolbar
          resource={resource}
          source={source}
          query={query}
          columns={columns}
          onColumns={setColumns}
          dense={dense}
          onDense={setDense}
          facetsShown={facetsWanted}
          onFacets={hasFacets ? () => setFacetsWanted(!facetsWanted) : null}
        />
      </div>
      <div className="table-count">
        <CountLine resource={resource} total={rows.total} isEstimate={rows.isEstimate} selected={Object.keys(selection).length} />
        <SelectionActions resource={resource} columns={columns} rows={rows.rows} selection={selection} onClear={() => setSelection({})} />
        {props.selectionActions &&
          Object.keys(selection).length > 0 &&
          props.selectionActions(rows.rows.filter((row) => selection[String(row['id'])]) as RowOf<R>[], () => setSelection({}), {
            ids: Object.keys(selection),
            query: { q, filter },
            total: rows.total,
            isEstimate: rows.isEstimate,
          })}
      </div>
      <div className="table-body">
        {hasFacets && facetsWanted && facets && (
          <FacetsPanel resource={resource} facets={facets} text={state.filter} onChange={setFilter} />
        )}
        <div className="table-main">
          {rows.isError && !rows.filterProblem && <ProblemNotice error={rows.error} onRetry={() => void rows.refetch()} />}
          {rows.isPending && !rows.isError && <RowSkeletons />}
          {isEmpty &&
            (state.filter ? (
              <EmptyState
                title={t('table.noMatch')}
                action={
                  <Button variant="default" onClick={() => onState({ filter: '' })}>
                    {t('table.clearFilter')}
                  </Button>
                }
              />
            ) : (
              props.empty
            ))}
          {rows.rows.length > 0 && (
            <RowsView
              resource={resource}
              rows={rows}
              columns={columns}
              sort={sort}
              isNarrow={isNarrow}
              dense={dense}
              cell={cell}
              selection={selection}
              onSelection={setSelection}
              selectable={selectable}
              editable={editable}
              onEdit={edit}
              onSort={(next) => onState({ sort: next === resource.defaultSort ? '' : next })}
              open={(row) => openPath(props, row)}
              rowActions={props.rowActions as ((row: AnyRow) => ReactNode) | undefined}
            />
          )}
        </div>
      </div>
    </div>
  );
}

/** The cell that is edited now, if cells can be. */
function useEditing<R extends Resource>(props: ResourceTableProps<R>, columns: string[]) {
  const [edited, setEdited] = useState<{ id: unknown; name: string } | null>(null);
  const { editing } = props;
  const editable = columns.filter((name) => editing?.fields.includes(name));
  const cell = (name: string, row: AnyRow): ReactNode =>
    edited?.name === name && edited.id === row['id'] && editing
      ? editing.editor(name, row as RowOf<R>, () => setEdited(null))
      : renderCell(props, name, row);
  const edit = editable.length > 0 ? (row: AnyRow, name: string): void => setEdited({ id: row['id'], name }) : undefined;
  return { editable, cell, edit };
}

function worded(facets: Facets, words: Record<string, ((value: string) => string) | undefined> = {}): Facets {
  return {
    ...facets,
    facets: facets.facets.map((facet) => {
      const word = words[facet.field];
      return word ? { ...facet, values: facet.values.map((v) => (v.value === null ? v : { ...v, label: word(v.value) })) } : facet;
    }),
  };
}

/** Open facets are remembered for the wide lists; inside a record or on a phone they would take the room of the rows. */
function useFacetsWanted(isCramped: boolean): [boolean, (wanted: boolean) => void] {
  const [remembered, remember] = useLocalStorage({ key: 'muster.facets', defaultValue: false, getInitialValueInEffect: false });
  const [here, setHere] = useState(false);
  return isCramped ? [here, setHere] : [remembered, remember];
}

function useFilterSetter(onState: ListStateChange): (filter: string, options?: { replace?: boolean }) => void {
  const latest = useRef(onState);
  useEffect(() => {
    latest.current = onState;
  });
  // Stable, so that the bar's typing pause is not restarted by every render.
  return useMemo(() => (filter, options) => latest.current({ filter }, options), []);
}

function openPath<R extends Resource>(props: ResourceTableProps<R>, row: AnyRow): string | null {
  return props.open ? props.open(row as RowOf<R>) : recordPath(props.resource.name, String(row['id']));
}

function renderCell<R extends Resource>(props: ResourceTableProps<R>, name: string, row: AnyRow): ReactNode {
  const { resource } = props;
  const field = resource.fields[name];
  if (!field) return null;
  const own = props.cells?.[name];
  if (own) return own(row as RowOf<R>);
  const value = row[name];
  const word = props.words?.[name];
  if (word && typeof value === 'string') return word(value);
  if (name === resource.titleField) {
    const path = openPath(props, row);
    const text = value === null || value === undefined ? null : valueText(field, value);
    if (path)
      return (
        <AppLink to={path} className="row-title">
          {text ?? <Unknown word={t('none.unnamed')} />}
        </AppLink>
      );
  }
  return <ValueCell resource={resource.name} name={name} field={field} value={value} />;
}

interface RowsViewProps extends Omit<GridProps, 'table' | 'virtualizer' | 'active' | 'onActivate' | 'onOpen' | 'total'> {
  rows: ReturnType<typeof useRows>;
  isNarrow: boolean;
  dense: boolean;
  selection: RowSelectionState;
  onSelection: (next: RowSelectionState) => void;
}

function RowsView({ rows, isNarrow, dense, selection, onSelection, ...rest }: RowsViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const follow = useFollow();
  const table = useResourceTable(rest.resource, rows.rows, rest.columns, selection, onSelection);
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLElement>({
    count: rows.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? 168 : dense ? 32 : 40),
    overscan: 12,
    getItemKey: (index) => String(rows.rows[index]?.['id'] ?? index),
  });
  const last = virtualizer.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = rows;
  useEffect(() => {
    if (last >= rows.rows.length - 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, rows.rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const move = (by: number): void => {
    const next = Math.min(rows.rows.length - 1, Math.max(0, active + by));
    setActive(next);
    virtualizer.scrollToIndex(next, { align: 'auto' });
    requestAnimationFrame(() => {
      const element = scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`);
      (element?.tabIndex === -1 && element.tagName === 'TR' ? element : element?.querySelector<HTMLElement>('.card'))?.focus({
        preventScroll: true,
      });
    });
  };
  const activeRow = table.getRowModel().rows[active];
  const onOpen = (row: AnyRow, event?: MouseEvent): void => {
    const path = rest.open?.(row);
    if (path) follow(path, event);
  };
  useShortcuts([
    { keys: 'j', label: t('keys.next'), group: t('keys.lists'), run: () => move(1) },
    { keys: 'k', label: t('keys.previous'), group: t('keys.lists'), run: () => move(-1) },
    { keys: 'x', label: t('keys.select'), group: t('keys.lists'), run: () => activeRow?.toggleSelected() },
    {
      keys: 'e',
      label: t('keys.editCell'),
      group: t('keys.lists'),
      run: () => {
        const [first] = rest.editable ?? [];
        if (activeRow && first !== undefined) rest.onEdit?.(activeRow.original, first);
      },
    },
    { keys: 'o', label: t('keys.open'), group: t('keys.lists'), run: () => activeRow && onOpen(activeRow.original) },
  ]);
  const selectAll = isNarrow && rest.selectable && rows.rows.length > 1 && (
    // The grid has it in its head; cards have no head.
    <Checkbox
      className="cards-select-all"
      size="sm"
      label={t('table.selectLoaded')}
      checked={table.getIsAllRowsSelected()}
      indeterminate={table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected()}
      onChange={table.getToggleAllRowsSelectedHandler()}
    />
  );
  const view: GridProps = { ...rest, table, virtualizer, active, onActivate: setActive, onOpen, total: rows.total };
  return (
    <div
      ref={scroller}
      className="table-scroll"
      data-stale={rows.isPlaceholderData || undefined}
      tabIndex={0}
      role="region"
      aria-label={t('table.rows', { plural: rest.resource.plural })}
      aria-busy={rows.isFetching}
    >
      {selectAll}
      {isNarrow ? <Cards {...view} /> : <Grid {...view} />}
      {isFetchingNextPage && <p className="loading-more">{t('table.loadingMore')}</p>}
      {rows.isFetchNextPageError && <ProblemNotice error={rows.error} onRetry={() => void fetchNextPage()} />}
    </div>
  );
}

function SelectionActions({
  resource,
  columns,
  rows,
  selection,
  onClear,
}: {
  resource: Resource;
  columns: string[];
  rows: AnyRow[];
  selection: RowSelectionState;
  onClear: () => void;
}) {
  if (Object.keys(selection).length === 0) return null;
  const text = [
    columns.join('\t'),
    ...rows
      .filter((row) => selection[String(row['id'])])
      .map((row) => columns.map((name) => valueText(resource.fields[name]!, row[name])).join('\t')),
  ].join('\n');
  return (
    <>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="compact-xs" onClick={copy}>
            {copied ? t('action.copied') : t('table.copySelected')}
          </Button>
        )}
      </CopyButton>
      <Button variant="subtle" size="compact-xs" onClick={onClear}>
        {t('table.clearSelection')}
      </Button>
    </>
  );
}

function RowSkeletons() {
  return (
    <div aria-hidden="true" className="skeletons">
      {Array.from({ length: 12 }, (_, index) => (
        <Skeleton key={index} height={20} radius="sm" />
      ))}
    </div>
  );
}
