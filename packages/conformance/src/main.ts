import { snmpSubject } from './snmp.ts';
import { runIdentity } from './identity/run.ts';

/** What can be proven about the pure heart on this machine, without a server: each subject reads its files, prints its score and answers the exit code. */
interface Subject {
  readonly about: string;
  readonly run: (args: string[]) => Promise<number>;
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const subjects: Record<string, Subject> = {
  identity: {
    about: 'which report is about which machine, on a synthetic fleet [--seed 1] [--observations 20000]',
    run: async (args) => await Promise.resolve(runIdentity(args, print)),
  },
  snmp: { about: 'DIR: what recordings of SNMP devices say', run: snmpSubject },
};

const list = Object.entries(subjects)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n');

const [, name = '', ...args] = process.argv.slice(2);
const subject = Object.hasOwn(subjects, name) ? subjects[name] : undefined;
if (subject) process.exitCode = await subject.run(args);
else {
  process.stderr.write(`Usage: npx muster conformance <subject> [...]\n${list}\n`);
  process.exitCode = 2;
}
