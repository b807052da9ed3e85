// `npm run dev`: the server, restarted when its files change, and Vite with hot reload in front of it on http://127.0.0.1:5173.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkMachine, findNode, follow, installIfNeeded, root, serverFlags } from './runtime.mjs';

checkMachine();
installIfNeeded();
const node = findNode();
const port = process.env.PORT ?? '3000';
const options = { cwd: root, stdio: 'inherit', env: { ...process.env, PORT: port, MUSTER_DEV_SERVER: `http://127.0.0.1:${port}` } };
process.stdout.write('The web UI with hot reload: http://127.0.0.1:5173\n');
// `--watch` sends SIGTERM before a restart, so PostgreSQL is stopped in order each time.
follow([
  spawn(
    node,
    [...serverFlags, '--watch', '--watch-preserve-output', join(root, 'packages/server/src/main.ts'), 'serve', ...process.argv.slice(2)],
    options,
  ),
  spawn(node, [join(root, 'node_modules/vite/bin/vite.js'), 'packages/web'], options),
]);
