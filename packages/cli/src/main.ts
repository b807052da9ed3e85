import { ApiProblem } from '@muster/api/client';
import { importCommand } from './commands/import.ts';
import { seedCommand } from './commands/seed.ts';

/** The commands that speak HTTP with a running server; each answers its exit code. */
const commands: Record<string, (args: string[]) => Promise<number>> = { seed: seedCommand, import: importCommand };

const [name = '', ...args] = process.argv.slice(2);
try {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Error(`There is no command ${name}. Commands: ${Object.keys(commands).join(', ')}.`);
  process.exitCode = await command(args);
} catch (error) {
  console.error(sentence(error));
  process.exitCode = 1;
}

function sentence(error: unknown): string {
  if (error instanceof ApiProblem)
    return [error.message, ...(error.errors ?? []).map(({ field, message }) => `  ${field}: ${message}`)].join('\n');
  if (!(error instanceof Error)) return String(error);
  const { code } = (error.cause ?? {}) as { code?: string };
  if (code === 'ECONNREFUSED') return 'No server answers. Start one with "npm start", or set MUSTER_URL.';
  return error.message;
}
