// `npm start`: installs and builds what is missing, then runs the server in the foreground. Runs on any Node from 20.19 on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildWebIfStale, checkMachine, findNode, follow, installIfNeeded, root } from './runtime.mjs';

checkMachine();
installIfNeeded();
const node = findNode();
buildWebIfStale(node);
follow([spawn(node, [join(root, 'packages/server/src/main.ts'), 'serve', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })]);
