import { setTimeout as delay } from 'node:timers/promises';
import type { Json } from '@muster/protocols';
import { Client, type Entry, InsufficientAccessError, InvalidCredentialsError, ResultCodeError, StrongAuthRequiredError } from 'ldapts';
import { type ConnectorContext, type ConnectorSession, type Listed, type Page, VendorError } from '../connector.ts';
import { guidOf, identifiers, section, sections, seen, text } from '../vendor-values.ts';

const PAGE_SIZE = 500;
const TIMEOUT_MS = 60_000;
/** How often one listing begins again before it is given up. */
const RESTARTS = 3;
const BACKOFF_MS = 500;

interface Flavour {
  readonly id: string;
  readonly people: string;
  readonly computers: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

const flavours: Readonly<Record<string, Flavour>> = {
  active_directory: {
    id: 'objectGUID',
    people: '(&(objectCategory=person)(objectClass=user))',
    computers: '(objectClass=computer)',
    attributes: {
      people: ['displayName', 'cn', 'mail', 'sAMAccountName', 'employeeID', 'employeeNumber', 'title', 'userAccountControl'],
      computers: [
        'cn',
        'dNSHostName',
        'operatingSystem',
        'operatingSystemVersion',
        'objectSid',
        'lastLogonTimestamp',
        'pwdLastSet',
        'userAccountControl',
        'location',
        'description',
      ],
    },
  },
  openldap: {
    id: 'entryUUID',
    people: '(objectClass=inetOrgPerson)',
    computers: '(objectClass=device)',
    attributes: {
      people: ['displayName', 'cn', 'mail', 'uid', 'employeeNumber', 'title', 'pwdAccountLockedTime'],
      computers: ['cn', 'serialNumber', 'description', 'l', 'owner'],
    },
  },
};

/** A directory over LDAP: people with the directory's own id, computer accounts as observations. */
export function openLdap(context: ConnectorContext): ConnectorSession {
  const walk = new DirectoryWalk(context);
  return { page: (scope, cursor) => walk.page(scope, cursor), close: () => walk.close() };
}

/**
 * A paged search lives as long as its connection: after a crash, or when the connection broke, the listing begins again. Nothing is taken
 * twice, because each entry counts once in a run. References to other directories are not followed: the credentials would go with them.
 */
class DirectoryWalk {
  readonly #context: ConnectorContext;
  readonly #flavour: Flavour;
  #client: Client | null = null;
  #search: { scope: string; pages: AsyncGenerator<{ searchEntries: Entry[] }> } | null = null;
  #restarts = { scope: '', count: 0 };

  constructor(context: ConnectorContext) {
    this.#context = context;
    this.#flavour = flavours[String(context.settings['directory'])] ?? (flavours['openldap'] as Flavour);
  }

  async page(scope: string, cursor: string | null): Promise<Page> {
    const { signal } = this.#context;
    if (this.#restarts.scope !== scope) this.#restarts = { scope, count: 0 };
    for (;;) {
      try {
        const pages = await this.#pages(scope);
        const result = await pages.next();
        if (result.done) return { items: [], next: null };
        const items = result.value.searchEntries.flatMap(
          (entry) => (scope === 'people' ? this.#person(entry) : this.#computer(entry)) ?? [],
        );
        const left = result.value.searchEntries.length - items.length;
        return {
          items,
          next: String(Number(cursor ?? 0) + 1),
          warnings: left > 0 ? [`${left} entries without an id or a name were left out.`] : [],
        };
      } catch (error) {
        await this.close();
        signal.throwIfAborted();
        const failure = failureOf(error);
        if (failure.result === 'denied' || error instanceof ResultCodeError || this.#restarts.count >= RESTARTS) throw failure;
        await delay(BACKOFF_MS * 2 ** this.#restarts.count++, undefined, { signal });
      }
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    this.#search = null;
    // Whatever was wrong with the connection is known already.
    await client?.unbind().catch(() => undefined);
  }

  async #pages(scope: string): Promise<AsyncGenerator<{ searchEntries: Entry[] }>> {
    if (this.#search?.scope === scope) return this.#search.pages;
    const { settings } = this.#context;
    const client = await this.#connected();
    const kind = scope === 'people' ? 'people' : 'computers';
    const own = settings[`${kind}Filter`];
    const pages = client.searchPaginated(String(settings['baseDn']), {
      scope: 'sub',
      filter: typeof own === 'string' && own !== '' ? own : this.#flavour[kind],
      attributes: [this.#flavour.id, ...(this.#flavour.attributes[kind] ?? [])],
      explicitBufferAttributes: ['objectGUID', 'objectSid'],
      paged: { pageSize: PAGE_SIZE },
    });
    this.#search = { scope, pages };
    return pages;
  }

  async #connected(): Promise<Client> {
    if (this.#client) return this.#client;
    const { settings, secrets } = this.#context;
    const client = new Client({ url: String(settings['url']), timeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS });
    this.#client = client;
    if (settings['startTls'] === true) await client.startTLS({ servername: new URL(String(settings['url'])).hostname });
    await client.bind(String(settings['bindDn']), secrets['password'] ?? '');
    return client;
  }

  #person(entry: Entry): Listed | null {
    const directoryId = idOf(entry[this.#flavour.id]);
    const name = one(entry, 'displayName') ?? one(entry, 'cn');
    if (directoryId === null || name === null) return null;
    return {
      type: 'person',
      directoryId,
      name,
      email: one(entry, 'mail'),
      login: one(entry, 'sAMAccountName') ?? one(entry, 'uid'),
      employeeNumber: one(entry, 'employeeID') ?? one(entry, 'employeeNumber'),
      jobTitle: one(entry, 'title'),
      active: !isDisabled(entry) && one(entry, 'pwdAccountLockedTime') === null,
    };
  }

  #computer(entry: Entry): Listed | null {
    const nativeId = idOf(entry[this.#flavour.id]);
    const name = one(entry, 'cn');
    if (nativeId === null || name === null) return null;
    const fqdn = one(entry, 'dNSHostName');
    const os = one(entry, 'operatingSystem');
    return {
      type: 'device',
      nativeId,
      itemType: 'Computer',
      partial: true,
      sections: sections({
        accesslog: seen(signOfLife(entry)),
        hardware: section({ name, workgroup: domainOf(entry.dn) }),
        bios: section({ ssn: one(entry, 'serialNumber') }),
        operatingsystem: section({ name: os, version: one(entry, 'operatingSystemVersion'), fqdn }),
        identifiers: identifiers({ directory: entry['objectGUID'] === undefined ? [] : [nativeId] }),
        directory: section({
          dn: entry.dn,
          sid: sidOf(entry['objectSid']),
          passwordset: fileTime(one(entry, 'pwdLastSet')),
          description: one(entry, 'description'),
          location: one(entry, 'location') ?? one(entry, 'l'),
          owner: one(entry, 'owner'),
          disabled: isDisabled(entry),
        }),
      }),
    };
  }
}

function failureOf(error: unknown): VendorError {
  if (error instanceof VendorError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InvalidCredentialsError)
    return new VendorError('denied', 'The directory refused the sign-in.', { cause: error, atSignIn: true });
  if (error instanceof StrongAuthRequiredError)
    return new VendorError('denied', 'The directory wants an encrypted connection: use ldaps:// or StartTLS.', {
      cause: error,
      atSignIn: true,
    });
  if (error instanceof InsufficientAccessError) return new VendorError('denied', 'The directory refused the search.', { cause: error });
  if (/time(d )?out/i.test(message)) return new VendorError('timed_out', 'The directory did not answer in time.', { cause: error });
  return new VendorError('failed', `The directory could not be read: ${message.slice(0, 300)}`, { cause: error });
}

/** The first value of an attribute as text. */
function one(entry: Entry, name: string): string | null {
  const value = entry[name];
  const first: Json | Buffer | undefined = Array.isArray(value) ? value[0] : value;
  return Buffer.isBuffer(first) ? text(first.toString('utf8')) : text(first);
}

/** An id that is bytes is a GUID. */
function idOf(value: Entry[string] | undefined): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  if (typeof first === 'string') return text(first)?.toLowerCase() ?? null;
  return first ? guidOf(first) : null;
}

/** A security identifier in words, as `S-1-5-21-…-1817` (MS-DTYP 2.4.2): revision, count, 48-bit authority, then 32-bit parts. */
function sidOf(value: Entry[string] | undefined): string | null {
  const bytes = Array.isArray(value) ? value[0] : value;
  if (!Buffer.isBuffer(bytes) || bytes.length < 8 || bytes.length !== 8 + 4 * bytes.readUInt8(1)) return null;
  const parts = Array.from({ length: bytes.readUInt8(1) }, (_, i) => bytes.readUInt32LE(8 + 4 * i));
  return ['S', bytes.readUInt8(0), bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** A machine signs in, and by itself sets a new password every 30 days: the later of the two. The first is up to two weeks behind. */
function signOfLife(entry: Entry): string | null {
  const times = ['lastLogonTimestamp', 'pwdLastSet'].flatMap((name) => fileTime(one(entry, name)) ?? []);
  return times.toSorted().at(-1) ?? null;
}

/** ACCOUNTDISABLE of userAccountControl. */
const isDisabled = (entry: Entry): boolean => (Number(one(entry, 'userAccountControl') ?? 0) & 2) !== 0;

/** 100 ns since 1601 as an instant. */
function fileTime(value: string | null): string | null {
  if (value === null || !/^\d{15,19}$/.test(value)) return null;
  const ms = Number(BigInt(value) / 10_000n) - 11_644_473_600_000;
  return ms > 0 && ms < 8.64e15 ? new Date(ms).toISOString() : null;
}

/** `corp.example` of `CN=X,DC=corp,DC=example`. */
function domainOf(dn: string): string | null {
  const parts = [...dn.matchAll(/(?:^|,)\s*dc=([^,]+)/gi)].map((m) => m[1]?.trim() ?? '');
  return parts.length === 0 ? null : parts.join('.').toLowerCase();
}
