import type { SnmpSecret } from '@muster/api/scans';
import { isIPv6 } from 'node:net';
import snmp, { type Session, type SessionOptions, type User, type Varbind } from 'net-snmp';

export interface SnmpTarget {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly secret: SnmpSecret;
}

/** What became of one request. `ended`: the device says that nothing follows, which SNMPv1 says by an error. */
export type SnmpAnswer =
  | { readonly kind: 'values'; readonly values: Varbind[] }
  | { readonly kind: 'ended' }
  | { readonly kind: 'no_answer' }
  | { readonly kind: 'too_big' }
  | { readonly kind: 'error'; readonly message: string };

export const versionOf = (secret: SnmpSecret): '1' | '2c' | '3' =>
  secret.kind === 'snmp_v1' ? '1' : secret.kind === 'snmp_v2c' ? '2c' : '3';

/** One conversation with one device. Every packet waits for its turn at the gate; nothing is sent again by itself. */
export class SnmpSession {
  readonly #session: Session;
  readonly #turn: () => Promise<void>;
  readonly #bulk: boolean;
  #requests = 0;

  constructor(target: SnmpTarget, turn: () => Promise<void>) {
    this.#turn = turn;
    this.#bulk = target.secret.kind !== 'snmp_v1';
    this.#session = open(target);
    // Bytes that are no SNMP: the request they may belong to runs into its time limit.
    this.#session.on('error', () => undefined);
  }

  get requests(): number {
    return this.#requests;
  }

  /** Asks for what follows an OID, up to `most` values where the version can. */
  async after(oid: string, most: number): Promise<SnmpAnswer> {
    await this.#turn();
    this.#requests++;
    return new Promise((resolve) => {
      const answer = (error: Error | null, values: Varbind[]): void => resolve(error ? failure(error) : answerOf(values));
      try {
        if (this.#bulk && most > 1) this.#session.getBulk([oid], 0, most, (error, columns) => answer(error, (columns ?? []).flat()));
        else this.#session.getNext([oid], (error, values) => answer(error, values ?? []));
      } catch (error) {
        resolve(failure(error as Error));
      }
    });
  }

  close(): void {
    try {
      this.#session.close();
    } catch {
      // Its socket is closed already.
    }
  }
}

const answerOf = (values: Varbind[]): SnmpAnswer => (values.length === 0 ? { kind: 'ended' } : { kind: 'values', values });

/** Error statuses of RFC 3416: noSuchName is SNMPv1's way to say that nothing follows. */
const TOO_BIG = 1;
const NO_SUCH_NAME = 2;

function failure(error: Error & { status?: number }): SnmpAnswer {
  if (error.name === 'RequestTimedOutError') return { kind: 'no_answer' };
  if (error.status === NO_SUCH_NAME) return { kind: 'ended' };
  if (error.status === TOO_BIG) return { kind: 'too_big' };
  return { kind: 'error', message: error.message.slice(0, 200) };
}

function open({ address, port, timeoutMs, secret }: SnmpTarget): Session {
  const options: SessionOptions = {
    port,
    timeout: timeoutMs,
    retries: 0,
    transport: isIPv6(address) ? 'udp6' : 'udp4',
    // Old devices answer ids of more than 31 bits wrongly.
    idBitsSize: 31,
    // The order is checked by the walk itself, which keeps what came before.
    backwardsGetNexts: true,
  };
  if (secret.kind !== 'snmp_v3')
    return snmp.createSession(address, secret.community, {
      ...options,
      version: secret.kind === 'snmp_v1' ? snmp.Version1 : snmp.Version2c,
    });
  return snmp.createV3Session(address, userOf(secret), { ...options, version: snmp.Version3, context: secret.contextName });
}

function userOf(secret: Extract<SnmpSecret, { kind: 'snmp_v3' }>): User {
  const { authProtocol, authPassword, privProtocol, privPassword } = secret;
  const auth = authProtocol !== null && authPassword !== null;
  const priv = auth && privProtocol !== null && privPassword !== null;
  return {
    name: secret.userName,
    level: snmp.SecurityLevel[priv ? 'authPriv' : auth ? 'authNoPriv' : 'noAuthNoPriv'],
    ...(auth ? { authProtocol: snmp.AuthProtocols[authProtocol] ?? 0, authKey: authPassword } : {}),
    ...(priv ? { privProtocol: snmp.PrivProtocols[privProtocol] ?? 0, privKey: privPassword } : {}),
  };
}
