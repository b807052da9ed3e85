import { isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import { configOptions, type ConfigOption } from './config-options.ts';

export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  /** Most database connections of this process. */
  readonly dbPoolMax: number;
  readonly adminEmail: string | null;
  readonly adminPassword: string | null;
  readonly apiToken: string | null;
  readonly enrolmentKey: string | null;
  readonly secretKey: string | null;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Whether X-Forwarded-* of the peer is believed. */
  readonly trustProxy: boolean;
  /** The largest agent report, inflated, in MiB. */
  readonly maxReportMib: number;
  /** The largest file attached to an asset, in MiB. */
  readonly maxAttachmentMib: number;
  /** The largest file to import, in MiB. */
  readonly maxImportMib: number;
  readonly logLevel: string;
  readonly demo: boolean;
}

/** Everything that is wrong with the configuration, at once, in sentences. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nEvery option is described in docs/guides/configuration.md.`,
    );
    this.problems = problems;
  }
}

export interface ConfigInput {
  env: Record<string, string | undefined>;
  /** Arguments after the command, for example `['--port', '3001', '--demo']`. */
  argv?: readonly string[];
  cwd?: string;
}

/** Reads the configuration; a command-line argument wins over the environment. Throws ConfigError with every problem. */
export function loadConfig(input: ConfigInput): Config {
  const { values, problems } = readArguments(input.argv ?? []);
  const read: Record<string, unknown> = {};
  for (const option of configOptions) {
    const given = values.get(option.name) ?? input.env[option.env];
    const text = given === undefined || given === '' ? option.default : given;
    if (text === null) {
      read[option.name] = null;
      continue;
    }
    const parsed = option.schema.safeParse(text);
    if (parsed.success) read[option.name] = parsed.data;
    else problems.push(explain(option, text, parsed.error));
  }
  if (problems.length === 0 && (read['adminEmail'] === null) !== (read['adminPassword'] === null)) {
    const [there, missing] =
      read['adminEmail'] === null ? ['MUSTER_ADMIN_PASSWORD', 'MUSTER_ADMIN_EMAIL'] : ['MUSTER_ADMIN_EMAIL', 'MUSTER_ADMIN_PASSWORD'];
    problems.push(`${there} is set without ${missing}; set both to create the first administrator, or neither to get a set-up link.`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return finish(read as unknown as Omit<Config, 'baseUrl'> & { baseUrl: string | null }, input.cwd ?? process.cwd());
}

/** Names in the environment that look like options of Muster and are none, with the nearest real one: worth a warning at start. */
export function unknownVariables(env: Record<string, string | undefined>): string[] {
  const known = new Set(configOptions.map((option) => option.env));
  return Object.keys(env)
    .filter((name) => name.startsWith('MUSTER_') && !known.has(name))
    .map((name) => `${name} is not an option of Muster${hint(name, [...known])}`);
}

function finish(read: Omit<Config, 'baseUrl'> & { baseUrl: string | null }, cwd: string): Config {
  const shownHost = ['0.0.0.0', '::', ''].includes(read.host) ? '127.0.0.1' : read.host;
  const bracketed = shownHost.includes(':') ? `[${shownHost}]` : shownHost;
  return {
    ...read,
    dataDir: isAbsolute(read.dataDir) ? read.dataDir : resolve(cwd, read.dataDir),
    baseUrl: (read.baseUrl ?? `http://${bracketed}:${read.port}`).replace(/\/+$/, ''),
  };
}

function readArguments(argv: readonly string[]): { values: Map<string, string>; problems: string[] } {
  const values = new Map<string, string>();
  const problems: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    const [flag, inline] = splitOnce(argument);
    const option = configOptions.find((candidate) => candidate.flag === flag);
    if (!option) {
      problems.push(
        `${flag} is not an argument of this command${hint(
          flag,
          configOptions.flatMap((candidate) => candidate.flag ?? []),
        )}`,
      );
      continue;
    }
    const next = argv[i + 1];
    if (inline !== undefined) values.set(option.name, inline);
    else if (option.kind === 'boolean') values.set(option.name, 'true');
    else if (next === undefined || next.startsWith('--')) problems.push(`${flag} needs a value, for example ${flag} ${option.example}.`);
    else {
      values.set(option.name, next);
      i++;
    }
  }
  return { values, problems };
}

function splitOnce(argument: string): [string, string | undefined] {
  const at = argument.indexOf('=');
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function explain(option: ConfigOption, value: string, error: z.ZodError): string {
  const shown = option.secret ? '(not shown)' : JSON.stringify(value);
  return `${option.env} is ${shown}: ${error.issues.map((issue) => issue.message).join('; ')}. Example: ${option.env}=${option.example}`;
}

/** The nearest known name, when one is near enough to be meant. */
function hint(name: string, known: string[]): string {
  const best = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= 4 ? `. Did you mean ${best.candidate}?` : '.';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
