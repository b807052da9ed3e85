// `npm test`: everything CI runs. Ends with the summary of Vitest, and fails when any step before it failed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { root, runSteps, staticSteps, toolEnv } from './steps.ts';

/** Debian packages that the tests under test/agents and test/e2e and of the directory drive, and a file each brings. */
const programs = [
  { name: 'chromium', file: '/usr/bin/chromium' },
  { name: 'fusioninventory-agent', file: '/usr/bin/fusioninventory-agent' },
  { name: 'fusioninventory-agent-task-network', file: '/usr/share/fusioninventory/lib/FusionInventory/Agent/Task/NetDiscovery.pm' },
  { name: 'ocsinventory-agent', file: '/usr/bin/ocsinventory-agent' },
  { name: 'iproute2', file: '/sbin/ip' },
  { name: 'iputils-ping', file: '/usr/bin/ping' },
  { name: 'lldpd', file: '/usr/sbin/lldpd' },
  { name: 'openssh-server', file: '/usr/sbin/sshd' },
  { name: 'slapd', file: '/usr/sbin/slapd' },
  { name: 'snmpd', file: '/usr/sbin/snmpd' },
  { name: 'snmpsim', file: '/usr/bin/snmpsimd' },
];

/** Installs them when it may; otherwise says what to install, and the tests that need them fail with the same advice. */
function installPrograms(): void {
  const missing = programs.filter((program) => !existsSync(program.file)).map((program) => program.name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(
      `For the browser and agent tests install: ${missing.join(' ')}\n  sudo apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
    return;
  }
  console.log(`Installing ${missing.join(', ')} ...`);
  const options = { stdio: 'pipe', encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missing];
  let result = spawnSync('apt-get', install, options);
  if (result.status !== 0) {
    spawnSync('apt-get', ['update', '-q'], options);
    result = spawnSync('apt-get', install, options);
  }
  if (result.status !== 0) console.log(`apt-get could not install them:\n${result.stderr}`);
}

installPrograms();
const failed = [
  ...(await runSteps(staticSteps, 2)),
  ...(await runSteps([{ name: 'build of the web UI', command: 'node', args: ['scripts/build-web.mjs'] }], 1)),
];
if (failed.length > 0) console.log(`\nFAILED before the tests: ${failed.join('; ')}. npm test fails, whatever the tests below say.\n`);
const vitest = spawnSync('vitest', ['run', ...process.argv.slice(2)], { cwd: root, env: toolEnv, stdio: 'inherit' });
process.exitCode = vitest.status === 0 && failed.length === 0 ? 0 : 1;
