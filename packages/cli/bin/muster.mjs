#!/usr/bin/env node
// `npx muster <command>`. Plain JavaScript: it runs on the machine's own Node and hands over to the Node 26 that Muster brings.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkMachine, findNode, follow, root, serverFlags } from '../../../scripts/runtime.mjs';

/** The commands there are: those of the server run where its data is, a scan runs where the network is reached, conformance needs no server, the others speak HTTP with a running one. */
const commands = {
  serve: { main: 'packages/server/src/main.ts', about: 'UI, API, agent endpoints and jobs in one process' },
  worker: { main: 'packages/server/src/main.ts', about: 'jobs only, beside a server on the same database' },
  migrate: { main: 'packages/server/src/main.ts', about: 'brings the database to this version and ends' },
  seed: { main: 'packages/cli/src/main.ts', about: 'plays a demo organisation into a running server' },
  import: { main: 'packages/cli/src/main.ts', about: 'compares a CSV or XLSX file with what is there, applies it, takes it back' },
  scan: { main: 'packages/collector/src/main.ts', about: 'network discovery: does the scans that are due for this collector' },
  conformance: { main: 'packages/conformance/src/main.ts', about: 'scores the rules against worked examples, without a server' },
};

const usage = `Usage: npx muster <command> [--option value ...]
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}
Commands that speak with a running server take MUSTER_URL (http://127.0.0.1:3000) and MUSTER_API_TOKEN.
Options are described in docs/guides/configuration.md, those of a command by: npx muster <command> --help
`;

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || ['help', '--help', '-h'].includes(name)) {
  process.stdout.write(usage);
  process.exit(0);
}
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command) {
  process.stderr.write(`There is no command ${name}.\n${usage}`);
  process.exit(2);
}
checkMachine();
follow([spawn(findNode(), [...serverFlags, join(root, command.main), name, ...rest], { stdio: 'inherit' })]);
