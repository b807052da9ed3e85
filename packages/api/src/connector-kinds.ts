import { z } from 'zod';

/** One setting of a kind of connector, described once: the form, the validation and the documentation read this. */
export interface SettingField {
  readonly label: string;
  readonly about?: string;
  readonly type: 'text' | 'url' | 'ldap_url' | 'integer' | 'boolean' | 'choice' | 'mapping' | 'secret';
  readonly optional?: boolean;
  readonly default?: string | number | boolean;
  /** For `choice`. */
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** It says where the credentials are sent: whoever changes it must enter them again. */
  readonly target?: boolean;
  /** For `secret`: the JSON key file of a Google service account. */
  readonly holds?: 'service_account_key';
}

/** One thing a connector lists; with the connector it is a cell of the coverage matrix. */
export interface ConnectorScope {
  readonly key: string;
  readonly label: string;
  readonly provides: 'devices' | 'software' | 'people';
  /** What the vendor must grant to the credentials. */
  readonly permission: string;
  /** The source of its observations; the kind unless said. */
  readonly source?: string;
}

export interface ConnectorKind {
  readonly label: string;
  readonly about: string;
  readonly settings: Readonly<Record<string, SettingField>>;
  /** In the order they are listed: details before the devices they belong to. */
  readonly scopes: readonly ConnectorScope[];
}

/** Every kind of connector, by its key, which is also the source of its observations. */
export const connectorKinds = {
  intune: {
    label: 'Microsoft Intune and Entra ID',
    about: 'Managed devices with their detected apps, devices registered in Entra ID, and people, by Microsoft Graph.',
    settings: {
      tenantId: { label: 'Tenant id', type: 'text', about: 'The directory (tenant) id of the app registration.', target: true },
      clientId: { label: 'Client id', type: 'text', about: 'The application (client) id of the app registration.' },
      clientSecret: { label: 'Client secret', type: 'secret' },
      graphUrl: { label: 'Graph address', type: 'url', default: 'https://graph.microsoft.com', target: true },
      loginUrl: { label: 'Sign-in address', type: 'url', default: 'https://login.microsoftonline.com', target: true },
    },
    scopes: [
      { key: 'detected_apps', label: 'Detected apps', provides: 'software', permission: 'DeviceManagementManagedDevices.Read.All' },
      { key: 'managed_devices', label: 'Managed devices', provides: 'devices', permission: 'DeviceManagementManagedDevices.Read.All' },
      { key: 'entra_devices', label: 'Entra ID devices', provides: 'devices', permission: 'Device.Read.All', source: 'entra' },
      { key: 'entra_users', label: 'Entra ID users', provides: 'people', permission: 'User.Read.All', source: 'entra' },
    ],
  },
  ldap: {
    label: 'Active Directory or LDAP',
    about: 'People by the directory’s own id, and computer accounts as observations.',
    settings: {
      url: { label: 'Address', type: 'ldap_url', about: 'ldaps://dc1.corp.example, or ldap:// with StartTLS.', target: true },
      startTls: {
        label: 'StartTLS',
        type: 'boolean',
        default: false,
        about: 'Encrypts an ldap:// connection before signing in.',
        target: true,
      },
      directory: { label: 'Directory', type: 'choice', values: ['active_directory', 'openldap'], default: 'active_directory' },
      bindDn: { label: 'Account', type: 'text', about: 'The distinguished name, or user@domain for Active Directory.' },
      password: { label: 'Password', type: 'secret' },
      baseDn: { label: 'Base', type: 'text', about: 'Everything below it is searched, for example dc=corp,dc=example.' },
      peopleFilter: { label: 'Filter for people', type: 'text', optional: true },
      computersFilter: { label: 'Filter for computers', type: 'text', optional: true },
    },
    scopes: [
      { key: 'people', label: 'People', provides: 'people', permission: 'Read access to people below the base' },
      { key: 'computers', label: 'Computers', provides: 'devices', permission: 'Read access to computers below the base' },
    ],
  },
  jamf: {
    label: 'Jamf Pro',
    about: 'Computers with their applications, and mobile devices, by the Jamf Pro API.',
    settings: {
      url: { label: 'Address', type: 'url', about: 'For example https://example.jamfcloud.com', target: true },
      clientId: { label: 'Client id', type: 'text', about: 'Of an API client (Settings, API roles and clients).' },
      clientSecret: { label: 'Client secret', type: 'secret' },
    },
    scopes: [
      { key: 'computers', label: 'Computers', provides: 'devices', permission: 'Read Computers' },
      { key: 'mobile_devices', label: 'Mobile devices', provides: 'devices', permission: 'Read Mobile Devices' },
    ],
  },
  rest: {
    label: 'REST or CSV',
    about: 'Any address that answers JSON or CSV with one row for each device, read by a mapping.',
    settings: {
      url: { label: 'Address', type: 'url', about: 'Without a query.', target: true },
      query: { label: 'Query', type: 'text', optional: true, about: 'What stands behind the question mark.' },
      format: { label: 'Format', type: 'choice', values: ['json', 'csv'], default: 'json' },
      rows: {
        label: 'Path of the rows',
        type: 'text',
        optional: true,
        about: 'For example data.items; empty when the answer is the list.',
      },
      next: { label: 'Path of the next page', type: 'text', optional: true, about: 'Where the answer has a link to the next page.' },
      signIn: { label: 'Sign in', type: 'choice', values: ['none', 'bearer', 'header', 'basic'], default: 'none', target: true },
      signInName: { label: 'Header or user name', type: 'text', optional: true, target: true },
      credential: { label: 'Token or password', type: 'secret', optional: true },
      creates: { label: 'Makes assets', type: 'boolean', default: true, about: 'Otherwise it only adds to assets that are known.' },
      mapping: { label: 'Mapping', type: 'mapping', about: 'A line for each field, for example: serial = hardware.serial' },
    },
    scopes: [{ key: 'devices', label: 'Devices', provides: 'devices', permission: 'Read access to the address' }],
  },
  proxmox: {
    label: 'Proxmox VE',
    about: 'Virtual machines and containers by their UUID, and nodes as observations.',
    settings: {
      url: { label: 'Address', type: 'url', about: 'For example https://pve1.corp.example:8006', target: true },
      tokenId: { label: 'Token id', type: 'text', about: 'user@realm!name' },
      tokenSecret: { label: 'Token secret', type: 'secret' },
    },
    scopes: [
      { key: 'nodes', label: 'Nodes', provides: 'devices', permission: 'Sys.Audit' },
      { key: 'guests', label: 'Guests', provides: 'devices', permission: 'VM.Audit' },
    ],
  },
  kandji: {
    label: 'Kandji',
    about: 'Apple devices with their apps.',
    settings: {
      url: { label: 'Address', type: 'url', about: 'The API URL, for example https://example.api.kandji.io', target: true },
      token: { label: 'API token', type: 'secret' },
    },
    scopes: [
      { key: 'apps', label: 'Apps', provides: 'software', permission: 'Application list' },
      { key: 'devices', label: 'Devices', provides: 'devices', permission: 'Device list' },
    ],
  },
  google: {
    label: 'Google Workspace',
    about: 'ChromeOS devices, mobile devices with their apps, and people, by the Admin SDK Directory API.',
    settings: {
      adminEmail: {
        label: 'Administrator',
        type: 'text',
        about: 'An account that may read devices and users; the service account acts in its name (domain-wide delegation).',
      },
      key: {
        label: 'Key of the service account',
        type: 'secret',
        holds: 'service_account_key',
        about: 'The content of its JSON key file.',
      },
      customerId: { label: 'Customer id', type: 'text', default: 'my_customer', about: 'my_customer is that of the administrator.' },
      apiUrl: { label: 'API address', type: 'url', default: 'https://admin.googleapis.com', target: true },
      tokenUrl: { label: 'Sign-in address', type: 'url', default: 'https://oauth2.googleapis.com', target: true },
    },
    scopes: [
      {
        key: 'chrome_devices',
        label: 'ChromeOS devices',
        provides: 'devices',
        permission: 'https://www.googleapis.com/auth/admin.directory.device.chromeos.readonly',
      },
      {
        key: 'mobile_devices',
        label: 'Mobile devices',
        provides: 'devices',
        permission: 'https://www.googleapis.com/auth/admin.directory.device.mobile.readonly',
      },
      {
        key: 'users',
        label: 'Users',
        provides: 'people',
        permission: 'https://www.googleapis.com/auth/admin.directory.user.readonly',
      },
    ],
  },
  sccm: {
    label: 'Microsoft Configuration Manager',
    about: 'Devices with their installed software, by the administration service (AdminService) of the SMS Provider.',
    settings: {
      url: {
        label: 'Address',
        type: 'url',
        about: 'Of the SMS Provider or the proxy before it, without /AdminService, for example https://cm1.corp.example',
        target: true,
      },
      user: { label: 'User', type: 'text', about: 'DOMAIN\\user or user@domain. It is sent by HTTP Basic.' },
      password: { label: 'Password', type: 'secret' },
    },
    scopes: [
      { key: 'software', label: 'Installed software', provides: 'software', permission: 'Collection: Read Resource' },
      { key: 'devices', label: 'Devices', provides: 'devices', permission: 'Collection: Read' },
    ],
  },
  lansweeper: {
    label: 'Lansweeper',
    about: 'Assets of a Lansweeper site with their software, by its Data API.',
    settings: {
      url: { label: 'Address', type: 'url', default: 'https://api.lansweeper.com', target: true },
      siteId: { label: 'Site id', type: 'text', about: 'The id in the address of the site.' },
      token: { label: 'Token', type: 'secret', about: 'A personal access token (Developer tools, Personal applications).' },
    },
    scopes: [
      { key: 'software', label: 'Software', provides: 'software', permission: 'Access to the site: View assets' },
      { key: 'assets', label: 'Assets', provides: 'devices', permission: 'Access to the site: View assets' },
    ],
  },
  vmware: {
    label: 'VMware vCenter',
    about: 'Virtual machines by their BIOS UUID, and hosts as observations.',
    settings: {
      url: { label: 'Address', type: 'url', about: 'For example https://vcenter.corp.example', target: true },
      user: { label: 'User', type: 'text', about: 'A user with the role Read-only.' },
      password: { label: 'Password', type: 'secret' },
    },
    scopes: [
      { key: 'machines', label: 'Virtual machines', provides: 'devices', permission: 'System.Read on virtual machines' },
      { key: 'hosts', label: 'Hosts', provides: 'devices', permission: 'System.Read on hosts' },
    ],
  },
} as const satisfies Record<string, ConnectorKind>;

export type ConnectorKindKey = keyof typeof connectorKinds;
export const connectorKindKeys = Object.keys(connectorKinds) as [ConnectorKindKey, ...ConnectorKindKey[]];

/** The kind behind a key, without the literal types of its settings. */
export function connectorKind(key: ConnectorKindKey): ConnectorKind {
  return connectorKinds[key];
}

/** Sources of observations that connectors write: each kind, and what one of its scopes calls by another name. */
export const connectorSources: readonly string[] = [
  ...new Set(connectorKindKeys.flatMap((key) => [key as string, ...connectorKind(key).scopes.flatMap((scope) => scope.source ?? [])])),
];

/** Sources that manage devices: whoever is in one of them should have an agent too. */
export const mdmSources: readonly string[] = ['intune', 'jamf', 'kandji', 'google', 'sccm'];

/** What a mapping can fill. */
export const mappedFields: readonly string[] = [
  'id',
  'name',
  'serial',
  'manufacturer',
  'model',
  'uuid',
  'assetTag',
  'mac',
  'ip',
  'domain',
  'user',
  'os',
  'osVersion',
  'memoryMb',
  'chassis',
  'seenAt',
];
export interface MappedField {
  readonly field: string;
  /** The name of a column, or a path as `hardware.serial`. */
  readonly path: string;
}

/** Reads `field = path` lines; empty ones and those that begin with # say nothing. What is wrong is told for each line. */
export function parseMapping(text: string): { fields: MappedField[]; errors: string[] } {
  const fields: MappedField[] = [];
  const errors: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const [field, path] = [line.slice(0, Math.max(0, at)).trim(), line.slice(at + 1).trim()];
    if (at < 1 || path === '') errors.push(`line ${index + 1}: write field = path`);
    else if (!mappedFields.includes(field))
      errors.push(`line ${index + 1}: there is no field ${field}; there are ${mappedFields.join(', ')}`);
    else if (fields.some((f) => f.field === field)) errors.push(`line ${index + 1}: ${field} stands twice`);
    else fields.push({ field, path });
  }
  if (!fields.some((f) => f.field === 'id')) errors.push('id must be mapped: it tells one device from another');
  return { fields, errors };
}

const mappingSchema = z
  .string()
  .max(10_000)
  .superRefine((text, context) => {
    for (const message of parseMapping(text).errors) context.addIssue({ code: 'custom', message });
  });

const webAddress = (protocols: readonly string[]) =>
  z
    .string()
    .trim()
    .max(500)
    .refine((text) => isAddress(text, protocols), `must be an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`)
    .transform((text) => text.replace(/\/+$/, ''));

function isAddress(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    protocols.includes(url.protocol) &&
    url.hostname !== '' &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  );
}

/** Who a service account is and the key it signs with, out of its JSON key file; null when it is no such file. */
export function parseServiceAccountKey(text: string): { clientEmail: string; privateKey: string; keyId: string | null } | null {
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file !== 'object' || file === null) return null;
    const { client_email: clientEmail, private_key: privateKey, private_key_id: keyId } = file as Record<string, unknown>;
    if (typeof clientEmail !== 'string' || typeof privateKey !== 'string' || !privateKey.includes('PRIVATE KEY')) return null;
    return { clientEmail, privateKey, keyId: typeof keyId === 'string' ? keyId : null };
  } catch {
    return null;
  }
}

const serviceAccountKeySchema = z
  .string()
  .max(8000)
  .refine(
    (text) => parseServiceAccountKey(text) !== null,
    'must be the whole JSON key file of a service account, with client_email and private_key',
  );

function settingSchema(field: SettingField): z.ZodType {
  const base: z.ZodType = {
    text: z.string().trim().min(1, 'must not be empty').max(500),
    url: webAddress(['http:', 'https:']),
    ldap_url: webAddress(['ldap:', 'ldaps:']),
    integer: z
      .number()
      .int()
      .min(field.min ?? 0)
      .max(field.max ?? 1_000_000),
    boolean: z.boolean(),
    choice: z.enum((field.values ?? ['']) as [string, ...string[]]),
    mapping: mappingSchema,
    secret: field.holds === 'service_account_key' ? serviceAccountKeySchema : z.string().min(1, 'must not be empty').max(4000),
  }[field.type];
  if (field.default !== undefined) return base.default(field.default);
  return field.optional ? base.optional() : base;
}

type Shape = Record<string, z.ZodType>;
const shapeOf = (kind: ConnectorKind, secret: boolean): Shape =>
  Object.fromEntries(
    Object.entries(kind.settings)
      .filter(([, field]) => (field.type === 'secret') === secret)
      .map(([name, field]) => [name, settingSchema(field)]),
  );

/** The settings of a kind that are shown; unknown ones are refused. */
export function settingsSchemaOf(kind: ConnectorKind): z.ZodObject<Shape> {
  return z.strictObject(shapeOf(kind, false));
}

/** The credentials of a kind: written, never read back. */
export function secretsSchemaOf(kind: ConnectorKind): z.ZodObject<Shape> {
  return z.strictObject(shapeOf(kind, true));
}
