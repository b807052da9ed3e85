import { ActionIcon, Drawer, Kbd, Menu, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks';
import { toggleSpotlight } from '@mantine/spotlight';
import { useIsFetching } from '@tanstack/react-query';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { AppLink, useFollow } from '../ui/AppLink.tsx';
import { CollapseIcon, KeyboardIcon, MenuIcon, MoonIcon, ScanIcon, SearchIcon, SunIcon, UserIcon } from '../ui/Icons.tsx';
import { Brand } from './Brand.tsx';
import { NavigationCount } from './NavigationCount.tsx';
import { t } from './messages.ts';
import { isWithin, navigation, sidebarFor } from './navigation.ts';
import { useSession } from './Session.tsx';
import { useSessionEnded } from './session-state.ts';
import { listenToShortcuts, useShortcuts } from './shortcuts.ts';
import { useSignOut } from './sign-out.ts';
import { NotificationBell } from '../modules/notifications/NotificationBell.tsx';
import { useScanner } from '../modules/labels/use-scanner.ts';

const Palette = lazy(() => import('./Palette.tsx'));
const Keys = lazy(() => import('./Keys.tsx'));
const SessionEnded = lazy(() => import('./SessionEnded.tsx'));

/** The frame of every page: navigation by job at the left, search and account on top, the page in the rest. */
export function Shell() {
  const [narrowOpen, drawer] = useDisclosure(false);
  const [keysOpen, keys] = useDisclosure(false);
  const [collapsed, setCollapsed] = useLocalStorage({ key: 'muster.nav-collapsed', defaultValue: false, getInitialValueInEffect: false });
  const { can } = useSession();
  const [paletteWanted, setPaletteWanted] = useState(false);
  const wantPalette = (): void => {
    setPaletteWanted(true);
    toggleSpotlight();
  };
  const ended = useSessionEnded();
  // For whoever watches the page from outside, such as the browser tests.
  const loading = useIsFetching() > 0;
  const follow = useFollow();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useScanner(can('assets:read'));
  useEffect(listenToShortcuts, []);
  // Here and not in the palette, which may still be on its way when the keys are pressed.
  useHotkeys([['mod+K', () => wantPalette()]], []);
  const entries = navigation.flatMap((group) => group.entries).filter((entry) => entry.key && can(entry.permission));
  useShortcuts([
    { keys: '?', label: t('keys.help'), group: t('keys.everywhere'), run: keys.open },
    ...entries.map((entry) => ({
      keys: `g ${entry.key}`,
      label: t('keys.goTo', { page: t(entry.label) }),
      group: t('keys.goingSomewhere'),
      run: () => follow(entry.to),
    })),
  ]);
  return (
    <div className="shell" data-collapsed={collapsed || undefined}>
      <a className="skip" href="#main">
        {t('shell.skip')}
      </a>
      <Header onMenu={drawer.open} onKeys={keys.open} onSearch={wantPalette} />
      <nav className="sidebar" aria-label={t('shell.navigation')}>
        <NavigationList path={path} collapsed={collapsed} />
        <UnstyledButton
          className="nav-link nav-collapse"
          onClick={() => setCollapsed(!collapsed)}
          aria-label={collapsed ? t('shell.expand') : t('shell.collapse')}
        >
          <CollapseIcon />
          <span className="nav-label">{t('shell.collapse')}</span>
        </UnstyledButton>
      </nav>
      <Drawer
        opened={narrowOpen}
        onClose={drawer.close}
        size={280}
        title={<Brand />}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <nav aria-label={t('shell.navigation')} className="drawer-nav">
          <NavigationList path={path} collapsed={false} onGo={drawer.close} />
        </nav>
      </Drawer>
      <main id="main" className="main" tabIndex={-1} data-loading={loading || undefined}>
        <Outlet />
      </main>
      <Suspense>
        {paletteWanted && <Palette onKeys={keys.open} />}
        {keysOpen && <Keys onClose={keys.close} />}
        {ended && <SessionEnded />}
      </Suspense>
    </div>
  );
}

function Header({ onMenu, onKeys, onSearch }: { onMenu: () => void; onKeys: () => void; onSearch: () => void }) {
  const { user, can } = useSession();
  const signOut = useSignOut();
  const follow = useFollow();
  const isMac = navigator.platform.startsWith('Mac');
  return (
    <header className="header">
      <ActionIcon className="narrow-only" aria-label={t('shell.menu')} size="lg" onClick={onMenu}>
        <MenuIcon />
      </ActionIcon>
      <AppLink to="/" className="brand-link" aria-label={t('shell.toHome')}>
        <Brand />
      </AppLink>
      <UnstyledButton className="search-button" onClick={onSearch}>
        <SearchIcon />
        <span>{t('shell.search')}</span>
        <Kbd size="xs">{isMac ? '⌘' : 'Ctrl'} K</Kbd>
      </UnstyledButton>
      <div className="header-end">
        {can('assets:read') && (
          <Tooltip label={t('scan.title')}>
            <ActionIcon aria-label={t('scan.title')} size="lg" onClick={() => follow('/scan')}>
              <ScanIcon />
            </ActionIcon>
          </Tooltip>
        )}
        <NotificationBell />
        <Tooltip label={t('keys.help')}>
          <ActionIcon className="wide-only" aria-label={t('keys.help')} size="lg" onClick={onKeys}>
            <KeyboardIcon />
          </ActionIcon>
        </Tooltip>
        <ThemeToggle />
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon aria-label={t('shell.account', { name: user.name })} size="lg">
              <UserIcon />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{user.email}</Menu.Label>
            <Menu.Item onClick={() => follow('/account')}>{t('nav.account')}</Menu.Item>
            <Menu.Item onClick={signOut}>{t('action.signOut')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </header>
  );
}

function ThemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const label = isDark ? t('action.light') : t('action.dark');
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} size="lg" onClick={() => setColorScheme(isDark ? 'light' : 'dark')}>
        {isDark ? <SunIcon /> : <MoonIcon />}
      </ActionIcon>
    </Tooltip>
  );
}

function NavigationList({ path, collapsed, onGo }: { path: string; collapsed: boolean; onGo?: () => void }) {
  const { can } = useSession();
  const isHere = (to: string): boolean => isWithin(path, to);
  return (
    <div className="nav-groups">
      {sidebarFor(can).map((group) => (
        <div key={group.label ?? 'top'} className="nav-group">
          {group.label && <p className="nav-head">{t(group.label)}</p>}
          <ul>
            {group.entries.map((entry) => (
              <li key={entry.to}>
                <MaybeTooltip label={t(entry.label)} shown={collapsed}>
                  <AppLink
                    to={entry.to}
                    className="nav-link"
                    aria-current={isHere(entry.to) ? 'page' : undefined}
                    underline="never"
                    aria-label={collapsed ? t(entry.label) : undefined}
                    onClick={onGo}
                  >
                    <entry.icon />
                    <span className="nav-label">{t(entry.label)}</span>
                    {entry.count && <NavigationCount of={entry.count} />}
                  </AppLink>
                </MaybeTooltip>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function MaybeTooltip({ label, shown, children }: { label: string; shown: boolean; children: ReactNode }) {
  return (
    <Tooltip label={label} position="right" disabled={!shown}>
      {children as never}
    </Tooltip>
  );
}
