import { Loader, Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { Ref, Resource } from '@muster/api/fields';
import type { ListRoutes } from '@muster/api/resource';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, keyOf } from '../app/api.ts';
import { t } from '../app/messages.ts';
import { useSession } from '../app/Session.tsx';

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'filter'> {
  /** Only records that meet this filter. */
  filter?: string;
  routes: ListRoutes;
  value: Ref | null;
  onChange: (value: Ref | null) => void;
}

/** Picks a record of another resource by searching for it on the server. */
export function RefSelect({ routes, value, onChange, filter, ...rest }: Props) {
  const { can } = useSession();
  const [text, setText] = useState(value?.label ?? '');
  const [q] = useDebouncedValue(text, 200);
  const wanted = q === value?.label ? '' : q.trim();
  const { resource } = routes as { resource: Resource };
  const input = {
    query: {
      ...(wanted ? { q: wanted } : {}),
      ...(filter ? { filter } : {}),
      fields: `id,${resource.titleField}`,
      limit: 20,
      total: 'none' as const,
    },
  };
  const found = useQuery({
    queryKey: [...keyOf(routes.list, input), 'ref'],
    queryFn: async ({ signal }) => (await call(routes.list, { ...input, signal })).data.items as Record<string, unknown>[],
    placeholderData: keepPreviousData,
    enabled: can(routes.permission),
  });
  const options = (found.data ?? []).map((row) => ({ value: String(row['id']), label: String(row[resource.titleField] ?? row['id']) }));
  if (value && !options.some((o) => o.value === value.id)) options.unshift({ value: value.id, label: value.label });
  return (
    <Select
      searchable
      clearable
      // A dialog that starts here must not begin with an open list over its other fields.
      openOnFocus={false}
      nothingFoundMessage={t('ref.nothing')}
      rightSection={found.isFetching ? <Loader size="xs" /> : undefined}
      {...rest}
      data={options}
      filter={({ options: all }) => all}
      value={value?.id ?? null}
      searchValue={text}
      onSearchChange={setText}
      onChange={(id) => {
        const option = options.find((o) => o.value === id);
        onChange(option ? { id: option.value, label: option.label } : null);
      }}
    />
  );
}
