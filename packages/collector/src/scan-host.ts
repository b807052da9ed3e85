import type { Login, Probe, ScanCredential, ScanWork, ShownHostKey, SnmpWalk } from '@muster/api/collector';
import type { ScanSecret, SnmpSecret } from '@muster/api/scans';
import { knownKeyOf, type Note } from './login.ts';
import { probeHost } from './probe.ts';
import { SnmpSession, versionOf } from './snmp-session.ts';
import { readBySsh } from './ssh.ts';
import { walkDevice } from './walk.ts';
import { readByWinrm, winrmPort } from './winrm/winrm.ts';

export interface HostFindings {
  readonly probe: Probe;
  readonly snmp: SnmpWalk | null;
  readonly login: Login | null;
  readonly hostKeys: ShownHostKey[];
  /** For the log of the run. */
  readonly notes: Note[];
}

export interface HostOptions {
  readonly work: ScanWork;
  readonly canPing: boolean;
  readonly turn: () => Promise<void>;
  readonly signal: AbortSignal;
}

const SYSTEM = '1.3.6.1.2.1.1';

/** Everything about one address; null when nothing answers there. A machine that a login opens is not walked as well: the login tells more. */
export async function scanHost(address: string, options: HostOptions): Promise<HostFindings | null> {
  const { work } = options;
  const deadline = performance.now() + work.hostSeconds * 1000;
  const [probe, credential] = await Promise.all([
    probeHost(address, {
      tcpPorts: [...new Set([...work.tcpPorts, ...work.credentials.flatMap((one) => loginPort(one.secret) ?? [])])],
      timeoutMs: work.timeoutMs,
      ping: work.ping && options.canPing,
      resolveNames: work.resolveNames,
      turn: options.turn,
    }),
    firstThatOpens(address, options),
  ]);
  const { login, hostKeys, notes } = await logIn(address, probe, options, deadline);
  if (login !== null) return { probe: { ...probe, by: [...probe.by, login.method] }, snmp: null, login, hostKeys, notes };
  if (credential === null) return probe.by.length === 0 ? null : { probe, snmp: null, login, hostKeys, notes };
  const snmp = await readBySnmp(address, credential, options);
  return { probe: { ...probe, by: [...probe.by, 'snmp'] }, snmp, login, hostKeys, notes };
}

const loginPort = (secret: ScanSecret): number | null =>
  secret.kind === 'ssh' ? secret.port : secret.kind === 'winrm' ? winrmPort(secret) : null;

/** Tries the logins in their order, each once, and only where its port is open: wrong passwords may lock an account. */
async function logIn(
  address: string,
  probe: Probe,
  { work, turn, signal }: HostOptions,
  deadline: number,
): Promise<Pick<HostFindings, 'login' | 'hostKeys' | 'notes'>> {
  const hostKeys = new Map<string, ShownHostKey>();
  const notes: Note[] = [];
  for (const credential of work.credentials) {
    const { secret } = credential;
    const port = loginPort(secret);
    if (port === null || !probe.openPorts.includes(port) || signal.aborted) continue;
    await turn();
    const target = { address, credential, timeoutMs: work.timeoutMs, deadline, signal };
    const knownKey = (method: ShownHostKey['method']) => knownKeyOf(work.hostKeys, address, method);
    const answer =
      secret.kind === 'ssh'
        ? await readBySsh({ ...target, secret, knownKey: knownKey('ssh') })
        : secret.kind === 'winrm'
          ? await readByWinrm({ ...target, secret, knownKey: knownKey('winrm') })
          : null;
    if (answer === null) continue;
    if (answer.hostKey) hostKeys.set(answer.hostKey.method, answer.hostKey);
    if (answer.note) notes.push(answer.note);
    if (answer.login) return { login: answer.login, hostKeys: [...hostKeys.values()], notes };
    // Another password would not make the key right.
    if (answer.hostKey?.refused) break;
  }
  return { login: null, hostKeys: [...hostKeys.values()], notes };
}

interface SnmpCredential extends Omit<ScanCredential, 'secret'> {
  readonly secret: SnmpSecret;
}
const isSnmp = (credential: ScanCredential): credential is SnmpCredential =>
  credential.secret.kind !== 'ssh' && credential.secret.kind !== 'winrm';

/** All credentials are asked at once, as most addresses are silent; of those that open the first in order is taken. */
async function firstThatOpens(address: string, options: HostOptions): Promise<SnmpCredential | null> {
  const credentials = options.work.credentials.filter(isSnmp);
  const opened = await Promise.all(
    credentials.map(async (credential) => {
      const session = new SnmpSession(targetOf(address, credential, options), options.turn);
      try {
        // Asked twice, as a packet may be lost and the first one may still be waiting for the address to be resolved.
        for (let attempt = 0; attempt < 2; attempt++) {
          const answer = await session.after(SYSTEM, 1);
          if (answer.kind === 'values' || answer.kind === 'ended') return true;
          if (answer.kind !== 'no_answer') return false;
        }
        return false;
      } finally {
        session.close();
      }
    }),
  );
  return credentials[opened.indexOf(true)] ?? null;
}

const targetOf = (address: string, credential: SnmpCredential, { work }: HostOptions) => ({
  address,
  port: work.snmpPort,
  timeoutMs: work.timeoutMs,
  secret: credential.secret,
});

async function readBySnmp(address: string, credential: SnmpCredential, options: HostOptions): Promise<SnmpWalk> {
  const { work, turn, signal } = options;
  const session = new SnmpSession(targetOf(address, credential, options), turn);
  const startedAt = new Date().toISOString();
  try {
    const walk = await walkDevice(session, { maxRows: work.maxRows, deadline: performance.now() + work.hostSeconds * 1000, signal });
    return {
      credentialId: credential.id,
      version: versionOf(credential.secret),
      port: work.snmpPort,
      startedAt,
      finishedAt: new Date().toISOString(),
      requests: session.requests,
      ...walk,
    };
  } finally {
    session.close();
  }
}
