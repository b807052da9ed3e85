import { ApiProblem } from '@muster/api/client';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { queryClient } from './api.ts';
import { ErrorPage, NotFoundPage } from './ErrorPages.tsx';
import { currentLanguage, switchLanguage } from './messages.ts';
import { SessionProvider, sessionQuery } from './Session.tsx';
import { Shell } from './Shell.tsx';

type Search = Record<string, string | undefined>;

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, errorComponent: ErrorPage });

/** Everything inside needs a session; without one the sign-in page comes first and leads back. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location }) => {
    try {
      const session = await queryClient.ensureQueryData(sessionQuery);
      if (session.user.locale && session.user.locale !== currentLanguage()) await switchLanguage(session.user.locale);
      return { session };
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'not_signed_in') {
        const from = location.href === '/' ? undefined : location.href;
        throw redirect({ href: from ? `/sign-in?return=${encodeURIComponent(from)}` : '/sign-in' });
      }
      throw error;
    }
  },
  component: function Inside() {
    const { session } = inside.useRouteContext();
    return (
      <SessionProvider session={session}>
        <Shell />
      </SessionProvider>
    );
  },
});

const signInRoute = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./EntryPages.tsx'), 'SignInPage'),
});
const setupRoute = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./EntryPages.tsx'), 'SetupPage'),
});

/** What a label's code opens, with or without an account. */
const codeRoute = createRoute({
  getParentRoute: () => root,
  path: '/c/$code',
  component: lazyRouteComponent(() => import('../modules/labels/FoundItemPage.tsx'), 'CodePage'),
});
const acceptRoute = createRoute({
  getParentRoute: () => root,
  path: '/accept/$token',
  component: lazyRouteComponent(() => import('../modules/handover/AcceptPage.tsx'), 'AcceptPage'),
});
const unsubscribeRoute = createRoute({
  getParentRoute: () => root,
  path: '/unsubscribe/$token',
  component: lazyRouteComponent(() => import('../modules/notifications/UnsubscribePage.tsx'), 'UnsubscribePage'),
});
const foundRoute = createRoute({
  getParentRoute: () => root,
  path: '/f/$code',
  component: lazyRouteComponent(() => import('../modules/labels/FoundItemPage.tsx'), 'FoundItemPage'),
});

/** A page of a module, loaded when it is first opened. */
function page<M extends Record<string, unknown>>(path: string, load: () => Promise<M>, component: keyof M & string) {
  return createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load as never, component as never) });
}

const home = () => import('../modules/home/HomePage.tsx');
const assets = () => import('../modules/assets/AssetsPage.tsx');
const asset = () => import('../modules/assets/AssetPage.tsx');
const duplicates = () => import('../modules/assets/DuplicatePages.tsx');
const models = () => import('../modules/assets/ModelPages.tsx');
const keywords = () => import('../modules/attachments/KeywordsPage.tsx');
const assetForm = () => import('../modules/assets/AssetForm.tsx');
const software = () => import('../modules/software/SoftwarePages.tsx');
const evidence = () => import('../modules/software/EvidencePages.tsx');
const unrecognised = () => import('../modules/software/UnrecognisedPage.tsx');
const entitlements = () => import('../modules/licensing/EntitlementPages.tsx');
const positions = () => import('../modules/licensing/PositionPages.tsx');
const discovery = () => import('../modules/discovery/ReportPages.tsx');
const sources = () => import('../modules/discovery/SourcesPage.tsx');
const authority = () => import('../modules/discovery/AuthorityPage.tsx');
const staleness = () => import('../modules/discovery/StalenessPage.tsx');
const connectors = () => import('../modules/integrations/ConnectorPages.tsx');
const coverage = () => import('../modules/integrations/CoveragePages.tsx');
const networks = () => import('../modules/discovery/NetworkPages.tsx');
const credentials = () => import('../modules/discovery/CredentialSetsPage.tsx');
const conflicts = () => import('../modules/discovery/ConflictPages.tsx');
const identityRules = () => import('../modules/discovery/IdentityRulesPage.tsx');
const identityDryRun = () => import('../modules/discovery/IdentityDryRunPage.tsx');
const agents = () => import('../modules/discovery/AgentsPage.tsx');
const unmanaged = () => import('../modules/assets/UnmanagedPages.tsx');
const components = () => import('../modules/assets/ComponentsTab.tsx');
const stock = () => import('../modules/stock/StockPages.tsx');
const walks = () => import('../modules/discovery/WalkPage.tsx');
const labels = () => import('../modules/labels/LabelPages.tsx');
const designer = () => import('../modules/labels/DesignerPage.tsx');
const numbers = () => import('../modules/labels/NumberPages.tsx');
const scanned = () => import('../modules/labels/ScanPage.tsx');
const found = () => import('../modules/labels/FoundPages.tsx');
const lifecycle = () => import('../modules/lifecycle/LifecyclePage.tsx');
const planned = () => import('../modules/lifecycle/PlannedTransitionsPage.tsx');
const imports = () => import('../modules/imports/ImportPages.tsx');
const importPage = () => import('../modules/imports/ImportPage.tsx');
const notifications = () => import('../modules/notifications/NotificationsPage.tsx');
const notificationSettings = () => import('../modules/notifications/NotificationSettingsPage.tsx');
const mail = () => import('../modules/notifications/MailPages.tsx');
const tasks = () => import('../modules/tasks/TaskPages.tsx');
const jobs = () => import('../modules/operations/JobPages.tsx');
const audit = () => import('../modules/operations/AuditPages.tsx');
const bulk = () => import('../modules/bulk/BulkPages.tsx');
const people = () => import('../modules/people/PeoplePages.tsx');
const places = () => import('../modules/places/PlacePages.tsx');
const orgUnits = () => import('../modules/people/OrgUnitPages.tsx');
const custody = () => import('../modules/custody/CustodyPages.tsx');
const reservations = () => import('../modules/reservations/ReservationPages.tsx');
const pools = () => import('../modules/reservations/PoolPages.tsx');
const kits = () => import('../modules/handover/KitPages.tsx');
const handover = () => import('../modules/handover/DocumentPages.tsx');
const acceptanceTexts = () => import('../modules/handover/TextPages.tsx');
const teams = () => import('../modules/people/TeamPages.tsx');
const customFields = () => import('../modules/fields/CustomFieldsPage.tsx');
const assetClasses = () => import('../modules/fields/AssetClassesPage.tsx');
const users = () => import('../modules/access/UserPages.tsx');
const tokens = () => import('../modules/access/TokensPage.tsx');
const account = () => import('../modules/access/AccountPage.tsx');

const pages = [
  page('/', home, 'HomePage'),
  page('/assets', assets, 'AssetsPage'),
  page('/duplicates', duplicates, 'DuplicatesPage'),
  page('/duplicates/$id', duplicates, 'DuplicatePage'),
  page('/models', models, 'ModelsPage'),
  page('/models/$id', models, 'ModelPage'),
  page('/keywords', keywords, 'KeywordsPage'),
  page('/assets/new', assetForm, 'NewAssetPage'),
  page('/assets/$id', asset, 'AssetPage'),
  page('/unmanaged', unmanaged, 'UnmanagedPage'),
  page('/unmanaged/$id', unmanaged, 'UnmanagedHostPage'),
  page('/products', software, 'ProductsPage'),
  page('/products/$id', software, 'ProductPage'),
  page('/installations', software, 'InstallationsPage'),
  page('/evidence', evidence, 'EvidenceListPage'),
  page('/evidence/$id', evidence, 'EvidencePage'),
  page('/recognition-rules', evidence, 'RulesPage'),
  page('/unrecognised', unrecognised, 'UnrecognisedPage'),
  page('/entitlements', entitlements, 'EntitlementsPage'),
  page('/entitlements/new', entitlements, 'NewEntitlementPage'),
  page('/entitlements/$id', entitlements, 'EntitlementPage'),
  page('/positions', positions, 'PositionsPage'),
  page('/positions/$id', positions, 'PositionPage'),
  page('/reports', discovery, 'ReportsPage'),
  page('/reports/$id', discovery, 'ReportPage'),
  page('/observations', discovery, 'ObservationsPage'),
  page('/sources', sources, 'SourcesPage'),
  page('/connectors', connectors, 'ConnectorsPage'),
  page('/connectors/$id', connectors, 'ConnectorPage'),
  page('/coverage', coverage, 'CoveragePage'),
  page('/coverage/assets', coverage, 'CoveredAssetsPage'),
  page('/snmp-walks', walks, 'WalkPage'),
  page('/enrolment-keys', sources, 'EnrolmentKeysPage'),
  page('/authority', authority, 'AuthorityPage'),
  page('/staleness', staleness, 'StalenessPage'),
  page('/networks', networks, 'NetworksPage'),
  page('/networks/new', networks, 'NewNetworkPage'),
  page('/networks/$id', networks, 'NetworkPage'),
  page('/scan-runs/$id', networks, 'ScanRunPage'),
  page('/credential-sets', credentials, 'CredentialSetsPage'),
  page('/conflicts', conflicts, 'ConflictsPage'),
  page('/conflicts/$id', conflicts, 'ConflictPage'),
  page('/identity-rules', identityRules, 'IdentityRulesPage'),
  page('/identity-rules/$id', identityDryRun, 'IdentityDryRunPage'),
  page('/agents', agents, 'AgentsPage'),
  page('/components', components, 'ComponentsPage'),
  page('/stock', stock, 'StockPage'),
  page('/stock/new', stock, 'NewStockItemPage'),
  page('/stock/$id', stock, 'StockItemPage'),
  page('/stock-levels', stock, 'StockLevelsPage'),
  page('/stock-holdings', stock, 'StockHoldingsPage'),
  page('/stock-movements', stock, 'StockMovementsPage'),
  page('/labels', labels, 'LabelTemplatesPage'),
  page('/labels/new', designer, 'NewLabelPage'),
  page('/labels/$id', designer, 'LabelPage'),
  page('/stickers', numbers, 'StickersPage'),
  page('/tag-sequences', numbers, 'TagSequencesPage'),
  page('/scan', scanned, 'ScanPage'),
  page('/found', found, 'FoundReportsPage'),
  page('/lifecycle', lifecycle, 'LifecyclePage'),
  page('/planned-transitions', planned, 'PlannedTransitionsPage'),
  page('/imports', imports, 'ImportsPage'),
  page('/imports/new', imports, 'NewImportPage'),
  page('/imports/$id', importPage, 'ImportPage'),
  page('/notifications', notifications, 'NotificationsPage'),
  page('/notification-settings', notificationSettings, 'NotificationSettingsPage'),
  page('/mail-settings', mail, 'MailSettingsPage'),
  page('/mails', mail, 'MailsPage'),
  page('/tasks', tasks, 'TasksPage'),
  page('/jobs', jobs, 'JobsPage'),
  page('/jobs/$id', jobs, 'JobPage'),
  page('/bulk-changes', bulk, 'BulkChangesPage'),
  page('/bulk-changes/$id', bulk, 'BulkChangePage'),
  page('/people', people, 'PeoplePage'),
  page('/people/new', people, 'NewPersonPage'),
  page('/people/$id', people, 'PersonPage'),
  page('/places', places, 'PlacesPage'),
  page('/places/new', places, 'NewPlacePage'),
  page('/places/$id', places, 'PlacePage'),
  page('/org-units', orgUnits, 'OrgUnitsPage'),
  page('/org-units/new', orgUnits, 'NewOrgUnitPage'),
  page('/org-units/$id', orgUnits, 'OrgUnitPage'),
  page('/custody', custody, 'CustodyPage'),
  page('/overdue', custody, 'OverduePage'),
  page('/reservations', reservations, 'ReservationsPage'),
  page('/reservations/$id', reservations, 'ReservationPage'),
  page('/my-reservations', reservations, 'MyReservationsPage'),
  page('/loan-pools', pools, 'PoolsPage'),
  page('/loan-pools/new', pools, 'NewPoolPage'),
  page('/loan-pools/$id', pools, 'PoolPage'),
  page('/kits', kits, 'KitsPage'),
  page('/kits/new', kits, 'NewKitPage'),
  page('/kits/$id', kits, 'KitPage'),
  page('/handover-documents', handover, 'HandoverDocumentsPage'),
  page('/handover-documents/$id', handover, 'HandoverDocumentPage'),
  page('/acceptance-texts', acceptanceTexts, 'AcceptanceTextsPage'),
  page('/acceptance-texts/$id', acceptanceTexts, 'AcceptanceTextPage'),
  page('/teams', teams, 'TeamsPage'),
  page('/teams/$id', teams, 'TeamPage'),
  page('/custom-fields', customFields, 'CustomFieldsPage'),
  page('/asset-classes', assetClasses, 'AssetClassesPage'),
  page('/users', users, 'UsersPage'),
  page('/users/$id', users, 'UserPage'),
  page('/tokens', tokens, 'TokensPage'),
  page('/audit-log', audit, 'AuditPage'),
  page('/audit-log/$id', audit, 'AuditEntryPage'),
  page('/account', account, 'AccountPage'),
  // Inside the frame, so that the way on is at hand.
  createRoute({ getParentRoute: () => inside, path: '/$', component: NotFoundPage }),
];

export const router = createRouter({
  routeTree: root.addChildren([signInRoute, setupRoute, codeRoute, foundRoute, acceptRoute, unsubscribeRoute, inside.addChildren(pages)]),
  defaultPreload: false,
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
  // Plain text values: what a person reads in the address is what the list shows.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)) as Search,
  stringifySearch: (search: Search) => {
    const kept = Object.entries(search).filter((entry): entry is [string, string] => Boolean(entry[1]));
    const text = new URLSearchParams(kept).toString();
    return text ? `?${text}` : '';
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
