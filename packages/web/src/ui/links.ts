const pages: Record<string, string> = {
  assets: '/assets/',
  people: '/people/',
  places: '/places/',
  'org-units': '/org-units/',
  products: '/products/',
  entitlements: '/entitlements/',
  positions: '/positions/',
  reports: '/reports/',
  'identity-conflicts': '/conflicts/',
  connectors: '/connectors/',
  imports: '/imports/',
  jobs: '/jobs/',
  'stock-items': '/stock/',
  duplicates: '/duplicates/',
  models: '/models/',
  'bulk-changes': '/bulk-changes/',
  teams: '/teams/',
  'loan-pools': '/loan-pools/',
  reservations: '/reservations/',
  kits: '/kits/',
  'handover-documents': '/handover-documents/',
  'acceptance-texts': '/acceptance-texts/',
  'scan-ranges': '/networks/',
  'scan-runs': '/scan-runs/',
  users: '/users/',
  evidence: '/evidence/',
  'audit-log': '/audit-log/',
  'unmanaged-hosts': '/unmanaged/',
  'label-templates': '/labels/',
};
/** Records without a page of their own open the rows that name them. */
const rows: Record<string, (label: string) => string> = {
  publishers: (label) => listPath('/products', `publisher:${quoted(label)}`),
  'enrolment-keys': () => '/enrolment-keys',
};

/** Where the record `id` of a resource is shown; null when it has no page. */
export function recordPath(resource: string | undefined, id: string, label = ''): string | null {
  if (!resource) return null;
  const page = pages[resource];
  if (page) return page + encodeURIComponent(id);
  return rows[resource]?.(label) ?? null;
}

/** A list page with this text in its filter bar. */
export function listPath(page: string, filter: string): string {
  return `${page}?filter=${encodeURIComponent(filter)}`;
}

/** A value as the filter language reads it: in quotes when it is not one plain word. */
export function quoted(value: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(value) && !/^(and|or|not)$/i.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}
