import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeVendor, fakeVendor, type VendorAnswer, type VendorRequestSeen } from './test-vendor.ts';

interface Recorded {
  token: object;
  managedDevices: { id: string; deviceName: string }[];
  detectedApps: { id: string; displayName: string }[];
  appDevices: Record<string, string[]>;
  entraDevices: object[];
  entraUsers: { id: string; displayName: string }[];
}
export const recordedIntune = (): Recorded =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'intune.json'), 'utf8')) as Recorded;

export interface FakeIntune extends FakeVendor {
  readonly data: Recorded;
  /** Tokens that count; taking one out is its expiry. */
  readonly tokens: Set<string>;
}

/** Microsoft Graph in small pages of two, with its own sign-in. */
export async function fakeIntune(): Promise<FakeIntune> {
  const data = recordedIntune();
  const tokens = new Set<string>();
  let url = '';
  let made = 0;
  const paged = (request: VendorRequestSeen, rows: readonly unknown[]): VendorAnswer => {
    const from = Number(request.query.get('$skiptoken') ?? 0);
    const next = from + 2 < rows.length ? { '@odata.nextLink': `${url}${request.path}?$skiptoken=${from + 2}` } : {};
    return { json: { '@odata.context': `${url}/v1.0/$metadata`, ...next, value: rows.slice(from, from + 2) } };
  };
  const vendor = await fakeVendor((request) => {
    if (request.path === '/contoso/oauth2/v2.0/token') {
      const form = new URLSearchParams(request.body);
      if (form.get('client_secret') !== 'a very secret value')
        return { status: 401, json: { error: 'invalid_client', error_description: `Bad secret ${form.get('client_secret')}` } };
      const token = `token-${++made}`;
      tokens.add(token);
      return { json: { ...data.token, access_token: token } };
    }
    if (!tokens.has(request.headers.authorization?.replace('Bearer ', '') ?? ''))
      return { status: 401, json: { error: { code: 'InvalidAuthenticationToken' } } };
    const graph = '/v1.0/deviceManagement';
    if (request.path === `${graph}/managedDevices`) return paged(request, data.managedDevices);
    if (request.path === `${graph}/detectedApps`) return paged(request, data.detectedApps);
    if (request.path === '/v1.0/devices') return paged(request, data.entraDevices);
    if (request.path === '/v1.0/users') return paged(request, data.entraUsers);
    const app = /^\/v1\.0\/deviceManagement\/detectedApps\/([^/]+)\/managedDevices$/.exec(request.path)?.[1];
    return app === undefined
      ? undefined
      : paged(
          request,
          (data.appDevices[app] ?? []).map((id) => ({ id })),
        );
  });
  url = vendor.url;
  return { ...vendor, data, tokens };
}

export const intuneSettings = (vendor: FakeVendor) => ({
  kind: 'intune' as const,
  name: `Intune ${vendor.url}`,
  everyMinutes: null,
  settings: { tenantId: 'contoso', clientId: '11112222', graphUrl: vendor.url, loginUrl: vendor.url },
  secrets: { clientSecret: 'a very secret value' },
});
