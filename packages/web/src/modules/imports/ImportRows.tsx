import { Button, Select } from '@mantine/core';
import { type Import, importActions, importOutcomes, type ImportRow, listImportRows } from '@muster/api/imports';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, keyOf } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { recordPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';

/** What each row does or did, field by field, by kind of row. */
export function ImportRows({ found }: { found: Import }) {
  const [kind, setKind] = useState('all');
  const action = importActions.find((one) => one === kind);
  const outcome = importOutcomes.find((one) => one === kind);
  const query = useInfiniteQuery({
    queryKey: keyOf(listImportRows, { id: found.id, state: found.state, kind }),
    initialPageParam: 0,
    queryFn: async ({ pageParam, signal }) =>
      (
        await call(listImportRows, {
          params: { id: found.id },
          query: { limit: 50, cursor: pageParam, ...(action ? { action } : {}), ...(outcome ? { outcome } : {}) },
          signal,
        })
      ).data,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const { counts } = found;
  const kinds = [...importActions, ...importOutcomes].filter((one) => (counts?.[one] ?? 0) > 0);
  const filter = (
    <Select
      size="xs"
      allowDeselect={false}
      aria-label={t('imports.show')}
      value={kind}
      onChange={(value) => setKind(value ?? 'all')}
      data={[
        { value: 'all', label: `${t('imports.all')} (${number(counts?.rows ?? 0)})` },
        ...kinds.map((value) => ({ value, label: `${t(`imports.${value}`)} (${number(counts?.[value] ?? 0)})` })),
      ]}
    />
  );
  return (
    <>
      <ProblemNotice error={query.error} />
      {query.isSuccess && rows.length === 0 && (
        <EmptyState title={t('imports.none')} action={filter}>
          {t('imports.noneHint')}
        </EmptyState>
      )}
      <SimpleTable
        title={t('imports.rows')}
        actions={filter}
        rows={rows}
        columns={[
          [t('imports.row'), (row) => number(row.no), true],
          [t('imports.does'), (row) => <StateBadge value={row.outcome ?? row.action} />],
          [t('imports.record'), (row) => <Record row={row} resource={found.mapping?.resource} />],
          [t('imports.changes'), (row) => <Changes row={row} />],
        ]}
      />
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('action.showMore')}
        </Button>
      )}
    </>
  );
}

function Record({ row, resource }: { row: ImportRow; resource: string | undefined }) {
  const path = row.record.id === null ? null : recordPath(resource, row.record.id, row.record.label);
  return path ? <AppLink to={path}>{row.record.label}</AppLink> : <>{row.record.label}</>;
}

function Changes({ row }: { row: ImportRow }) {
  return (
    <ul className="plain">
      {row.errors.map((e) => (
        <li key={`${e.field} ${e.code} ${e.message}`}>{e.message}</li>
      ))}
      {row.action !== 'create' || row.errors.length === 0
        ? row.changes.map((c) => (
            <li key={c.field}>
              <strong>{fieldLabel(c.label)}</strong>:{' '}
              {row.action === 'create' ? shown(c.to) : t('imports.from', { from: shown(c.from), to: shown(c.to) })}
            </li>
          ))
        : null}
    </ul>
  );
}

function shown(value: ImportRow['changes'][number]['to']): string {
  if (value === null || value === '') return t('none.nothing');
  if (typeof value === 'object') return value.id === null ? t('imports.newOne', { name: value.label }) : value.label;
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  return String(value);
}
