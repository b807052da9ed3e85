import type { Permission } from '@muster/api/permissions';
import type { ComponentType, SVGProps } from 'react';
import * as icons from '../ui/Icons.tsx';
import type { MessageKey } from './messages.ts';

export interface NavigationEntry {
  label: MessageKey;
  to: string;
  icon: ComponentType<SVGProps<SVGSVGElement>>;
  /** Shown only to whoever may open it. */
  permission: Permission;
  /** Pressed after `g`. */
  key?: string;
  /** Reached from that page and by the palette: not a line of its own in the sidebar. */
  within?: string;
  /** Shows how many there are, when there are any. */
  count?: 'overdue' | 'tasks';
}
export interface NavigationGroup {
  label: MessageKey | null;
  entries: NavigationEntry[];
}

/** By job, as people think of their work. Only what exists now. */
export const navigation: NavigationGroup[] = [
  {
    label: null,
    entries: [
      { label: 'nav.home', to: '/', icon: icons.HomeIcon, permission: 'self', key: 'h' },
      { label: 'nav.assets', to: '/assets', icon: icons.AssetIcon, permission: 'assets:read', key: 'a' },
      { label: 'nav.models', to: '/models', icon: icons.ProductIcon, permission: 'assets:read', within: '/assets' },
      { label: 'nav.keywords', to: '/keywords', icon: icons.LabelIcon, permission: 'assets:read', within: '/assets' },
      { label: 'nav.components', to: '/components', icon: icons.ColumnsIcon, permission: 'assets:read' },
      { label: 'nav.stock', to: '/stock', icon: icons.ProductIcon, permission: 'assets:read', key: 'k' },
      { label: 'nav.stockLevels', to: '/stock-levels', icon: icons.ProductIcon, permission: 'assets:read', within: '/stock' },
      { label: 'nav.stockHoldings', to: '/stock-holdings', icon: icons.PeopleIcon, permission: 'assets:read', within: '/stock' },
      { label: 'nav.stockMovements', to: '/stock-movements', icon: icons.AuditIcon, permission: 'assets:read', within: '/stock' },
      { label: 'nav.custody', to: '/custody', icon: icons.LinkIcon, permission: 'assets:read', key: 'd' },
      { label: 'nav.overdue', to: '/overdue', icon: icons.ClockIcon, permission: 'assets:read', count: 'overdue' },
      { label: 'nav.reservations', to: '/reservations', icon: icons.ClockIcon, permission: 'assets:read' },
      { label: 'nav.loanPools', to: '/loan-pools', icon: icons.ProductIcon, permission: 'assets:read', within: '/reservations' },
      { label: 'nav.kits', to: '/kits', icon: icons.ProductIcon, permission: 'assets:read' },
      { label: 'nav.handoverDocuments', to: '/handover-documents', icon: icons.ReportIcon, permission: 'people:read' },
      { label: 'nav.labels', to: '/labels', icon: icons.LabelIcon, permission: 'assets:read' },
      { label: 'nav.scan', to: '/scan', icon: icons.ScanIcon, permission: 'assets:read', within: '/labels' },
      { label: 'nav.stickers', to: '/stickers', icon: icons.LabelIcon, permission: 'assets:read', within: '/labels' },
      { label: 'nav.tagSequences', to: '/tag-sequences', icon: icons.LabelIcon, permission: 'assets:read', within: '/labels' },
      { label: 'nav.found', to: '/found', icon: icons.LabelIcon, permission: 'assets:read', within: '/labels' },
    ],
  },
  {
    label: 'nav.software',
    entries: [
      { label: 'nav.products', to: '/products', icon: icons.ProductIcon, permission: 'software:read', key: 'p' },
      { label: 'nav.unrecognised', to: '/unrecognised', icon: icons.UnknownIcon, permission: 'software:read', key: 'u' },
      { label: 'nav.entitlements', to: '/entitlements', icon: icons.LicenceIcon, permission: 'licences:read', key: 'l' },
      { label: 'nav.positions', to: '/positions', icon: icons.PositionIcon, permission: 'licences:read', key: 'o' },
    ],
  },
  {
    label: 'nav.discovery',
    entries: [
      { label: 'nav.sources', to: '/sources', icon: icons.DiscoveryIcon, permission: 'discovery:read', key: 's' },
      { label: 'nav.agents', to: '/agents', icon: icons.AssetIcon, permission: 'discovery:read' },
      { label: 'nav.networks', to: '/networks', icon: icons.DiscoveryIcon, permission: 'discovery:read', key: 'n' },
      { label: 'nav.connectors', to: '/connectors', icon: icons.LinkIcon, permission: 'discovery:read', key: 'c' },
      { label: 'nav.coverage', to: '/coverage', icon: icons.CheckIcon, permission: 'discovery:read', key: 'v' },
      { label: 'nav.unmanaged', to: '/unmanaged', icon: icons.UnknownIcon, permission: 'assets:read' },
      { label: 'nav.reports', to: '/reports', icon: icons.ReportIcon, permission: 'discovery:read', key: 'r' },
      { label: 'nav.credentialSets', to: '/credential-sets', icon: icons.KeyIcon, permission: 'discovery:read', within: '/networks' },
      { label: 'nav.walks', to: '/snmp-walks', icon: icons.LinkIcon, permission: 'discovery:write', within: '/networks' },
    ],
  },
  {
    label: 'nav.identity',
    entries: [
      { label: 'nav.conflicts', to: '/conflicts', icon: icons.WarningIcon, permission: 'discovery:read' },
      { label: 'nav.duplicates', to: '/duplicates', icon: icons.CopyIcon, permission: 'assets:read' },
      { label: 'nav.identityRules', to: '/identity-rules', icon: icons.KeyIcon, permission: 'discovery:read' },
      { label: 'nav.authority', to: '/authority', icon: icons.DensityIcon, permission: 'discovery:read' },
      { label: 'nav.staleness', to: '/staleness', icon: icons.ClockIcon, permission: 'assets:read' },
    ],
  },
  {
    label: 'nav.work',
    entries: [
      { label: 'nav.planned', to: '/planned-transitions', icon: icons.ClockIcon, permission: 'assets:read' },
      { label: 'nav.tasks', to: '/tasks', icon: icons.CheckIcon, permission: 'assets:read', key: 't', count: 'tasks' },
      { label: 'nav.notifications', to: '/notifications', icon: icons.BellIcon, permission: 'self', key: 'b' },
      {
        label: 'nav.notificationSettings',
        to: '/notification-settings',
        icon: icons.BellIcon,
        permission: 'self',
        within: '/notifications',
      },
      { label: 'nav.jobs', to: '/jobs', icon: icons.JobIcon, permission: 'jobs:read', key: 'j' },
      { label: 'nav.bulkChanges', to: '/bulk-changes', icon: icons.EditIcon, permission: 'assets:read' },
      { label: 'nav.imports', to: '/imports', icon: icons.ReportIcon, permission: 'imports:read', key: 'i' },
    ],
  },
  {
    label: 'nav.people',
    entries: [
      { label: 'nav.peopleList', to: '/people', icon: icons.PeopleIcon, permission: 'people:read', key: 'e' },
      { label: 'nav.places', to: '/places', icon: icons.PlaceIcon, permission: 'people:read' },
      { label: 'nav.orgUnits', to: '/org-units', icon: icons.ProductIcon, permission: 'people:read' },
      { label: 'nav.teams', to: '/teams', icon: icons.PeopleIcon, permission: 'people:read' },
    ],
  },
  {
    label: 'nav.settings',
    entries: [
      { label: 'nav.lifecycle', to: '/lifecycle', icon: icons.LinkIcon, permission: 'assets:read' },
      { label: 'nav.customFields', to: '/custom-fields', icon: icons.ColumnsIcon, permission: 'settings:read' },
      { label: 'nav.assetClasses', to: '/asset-classes', icon: icons.AssetIcon, permission: 'settings:read' },
      { label: 'nav.mailSettings', to: '/mail-settings', icon: icons.ReportIcon, permission: 'settings:read' },
      { label: 'nav.mails', to: '/mails', icon: icons.ReportIcon, permission: 'settings:read', within: '/mail-settings' },
      { label: 'nav.acceptanceTexts', to: '/acceptance-texts', icon: icons.ReportIcon, permission: 'settings:read' },
      { label: 'nav.users', to: '/users', icon: icons.UserIcon, permission: 'users:read' },
      { label: 'nav.tokens', to: '/tokens', icon: icons.TokenIcon, permission: 'users:read' },
      { label: 'nav.enrolmentKeys', to: '/enrolment-keys', icon: icons.KeyIcon, permission: 'discovery:read' },
      { label: 'nav.auditLog', to: '/audit-log', icon: icons.AuditIcon, permission: 'audit:read' },
      { label: 'nav.myReservations', to: '/my-reservations', icon: icons.ClockIcon, permission: 'self' },
      { label: 'nav.account', to: '/account', icon: icons.SettingsIcon, permission: 'self' },
    ],
  },
];

/** The lines of the sidebar: without the pages that another one leads to. */
export function sidebarFor(can: (permission: Permission) => boolean): NavigationGroup[] {
  return navigationFor(can).map((group) => ({ ...group, entries: group.entries.filter((entry) => !entry.within) }));
}

/** Whether a path is of this line of the sidebar: its own, below it, or of a page that it leads to. */
export function isWithin(path: string, to: string): boolean {
  if (to === '/') return path === '/';
  const own = [to, ...navigation.flatMap((group) => group.entries.filter((entry) => entry.within === to).map((entry) => entry.to))];
  return own.some((one) => path === one || path.startsWith(`${one}/`));
}

/** The groups with only the entries this person may open. */
export function navigationFor(can: (permission: Permission) => boolean): NavigationGroup[] {
  return navigation
    .map((group) => ({ ...group, entries: group.entries.filter((entry) => can(entry.permission)) }))
    .filter((group) => group.entries.length > 0);
}
