// `npm start`: installs and builds what is missing, then runs the server in the foreground. Runs on any Node from 20.19 on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildWebIfStale, checkMachine, findNode, follow, installIfNeeded, root, serverFlags } from './runtime.mjs';

checkMachine();
installIfNeeded();
const node = findNode();
buildWebIfStale(node);
const main = join(root, 'packages/server/src/main.ts');
follow([spawn(node, [...serverFlags, main, 'serve', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })]);
