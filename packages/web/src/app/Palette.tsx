import { useMantineColorScheme, useComputedColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { closeSpotlight, Spotlight } from '@mantine/spotlight';
import { assetListRoutes } from '@muster/api/assets';
import { personListRoutes } from '@muster/api/people';
import { listViewMenu } from '@muster/api/saved-views';
import { productListRoutes } from '@muster/api/software';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useFollow } from '../ui/AppLink.tsx';
import { viewPath } from '../ui/table/list-state.ts';
import { AssetIcon, KeyboardIcon, MoonIcon, PeopleIcon, PlusIcon, ProductIcon, SearchIcon } from '../ui/Icons.tsx';
import { apiQuery } from './api.ts';
import { t } from './messages.ts';
import { navigationFor } from './navigation.ts';
import { useSession } from './Session.tsx';
import { useSignOut } from './sign-out.ts';

interface Command {
  id: string;
  label: string;
  icon: ReactNode;
  run: () => void;
}

const minLetters = 2;
const found = 5;

/** Go anywhere, find anything, run any action: from the keyboard, on every page. */
function Palette({ onKeys }: { onKeys: () => void }) {
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 150);
  const commands = useCommands(onKeys).filter((c) => c.label.toLowerCase().includes(text.trim().toLowerCase()));
  const { can } = useSession();
  const follow = useFollow();
  const asked = q.length >= minLetters;
  const query = { q, limit: found, total: 'none' as const };
  const assets = useQuery({
    ...apiQuery(assetListRoutes.list, { query: { ...query, fields: 'id,name,tag,serial,lastUser,model' } }),
    enabled: asked && can('assets:read'),
    placeholderData: keepPreviousData,
  });
  const products = useQuery({
    ...apiQuery(productListRoutes.list, { query: { ...query, fields: 'id,name,publisher' } }),
    enabled: asked && can('software:read'),
    placeholderData: keepPreviousData,
  });
  const people = useQuery({
    ...apiQuery(personListRoutes.list, { query: { ...query, fields: 'id,name,email' } }),
    enabled: asked && can('people:read'),
    placeholderData: keepPreviousData,
  });
  const views = useQuery({
    ...apiQuery(listViewMenu, { query: { resource: 'assets' } }),
    enabled: can('assets:read'),
  });
  const wantedViews = (views.data?.items ?? []).filter((v) => v.name.toLowerCase().includes(text.trim().toLowerCase())).slice(0, found);
  const go = (to: string) => () => follow(to);
  const groups: [string, ReactNode[]][] = [
    [
      t('nav.assets'),
      asked
        ? (assets.data?.items ?? []).map((a) => (
            <Hit
              key={a.id}
              icon={<AssetIcon />}
              label={a.name ?? a.serial ?? t('none.unnamed')}
              hint={[a.tag, a.serial, a.lastUser, a.model].filter(Boolean).join(' · ')}
              run={go(`/assets/${a.id}`)}
            />
          ))
        : [],
    ],
    [
      t('nav.products'),
      asked
        ? (products.data?.items ?? []).map((p) => (
            <Hit key={p.id} icon={<ProductIcon />} label={p.name ?? ''} hint={p.publisher?.label ?? ''} run={go(`/products/${p.id}`)} />
          ))
        : [],
    ],
    [
      t('nav.people'),
      asked
        ? (people.data?.items ?? []).map((p) => (
            <Hit key={p.id} icon={<PeopleIcon />} label={p.name ?? ''} hint={p.email ?? ''} run={go(`/people/${p.id}`)} />
          ))
        : [],
    ],
    [
      t('view.menu'),
      wantedViews.map((v) => <Hit key={v.id} icon={<AssetIcon />} label={v.name} hint={v.owner.label} run={go(viewPath('/assets', v))} />),
    ],
    [t('palette.actions'), commands.map((c) => <Hit key={c.id} icon={c.icon} label={c.label} hint="" run={c.run} />)],
  ];
  const shown = groups.filter(([, hits]) => hits.length > 0);
  return (
    <Spotlight.Root
      query={text}
      onQueryChange={setText}
      shortcut={null}
      scrollable
      maxHeight={420}
      overlayProps={{ blur: 0, backgroundOpacity: 0.4 }}
      attributes={{ content: { 'aria-label': t('shell.search') } }}
    >
      <Spotlight.Search placeholder={t('palette.placeholder')} aria-label={t('palette.placeholder')} leftSection={<SearchIcon />} />
      <Spotlight.ActionsList>
        {shown.length === 0 && <Spotlight.Empty>{t('palette.nothing')}</Spotlight.Empty>}
        {shown.map(([label, hits]) => (
          <Spotlight.ActionsGroup key={label} label={label}>
            {hits}
          </Spotlight.ActionsGroup>
        ))}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function Hit({ icon, label, hint, run }: { icon: ReactNode; label: string; hint: string; run: () => void }) {
  return (
    <Spotlight.Action
      onClick={() => {
        closeSpotlight();
        run();
      }}
    >
      <span className="hit">
        {icon}
        <span className="hit-label">{label}</span>
        <span className="hit-hint">{hint}</span>
      </span>
    </Spotlight.Action>
  );
}

function useCommands(onKeys: () => void): Command[] {
  const { can } = useSession();
  const follow = useFollow();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const pages = navigationFor(can).flatMap((group) =>
    group.entries.map((entry): Command => ({
      id: entry.to,
      label: t('palette.goTo', { page: t(entry.label) }),
      icon: <entry.icon />,
      run: () => follow(entry.to),
    })),
  );
  const create = (permission: Parameters<typeof can>[0], label: string, to: string): Command[] =>
    can(permission) ? [{ id: to, label, icon: <PlusIcon />, run: () => follow(to) }] : [];
  return [
    ...pages,
    ...create('assets:write', t('asset.new'), '/assets/new'),
    ...create('licences:write', t('entitlement.new'), '/entitlements/new'),
    ...create('people:write', t('person.new'), '/people/new'),
    {
      id: 'theme',
      label: isDark ? t('action.light') : t('action.dark'),
      icon: <MoonIcon />,
      run: () => setColorScheme(isDark ? 'light' : 'dark'),
    },
    { id: 'keys', label: t('keys.help'), icon: <KeyboardIcon />, run: onKeys },
    { id: 'sign-out', label: t('action.signOut'), icon: <PeopleIcon />, run: signOut },
  ];
}

// Loaded lazily, which needs a default export.
// oxlint-disable-next-line import/no-default-export
export default Palette;
