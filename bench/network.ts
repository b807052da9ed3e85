import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeReport, defaultLimits, scannedDevices } from '@muster/protocols';

interface Figure {
  work: string;
  target: string;
  measured: string;
}

const BYTES = 20 * 1024 * 1024;
const hex = (n: number): string => (n & 255).toString(16).padStart(2, '0');

/** One port as agents write it: 20 VLANs, ten addresses that were learned. */
function port(n: number): string {
  const vlans = Array.from({ length: 20 }, (_, v) => `<VLAN><NUMBER>${v + 1}</NUMBER><NAME>vlan-${v + 1}</NAME><TAGGED>1</TAGGED></VLAN>`);
  const macs = Array.from({ length: 10 }, (_, m) => `<MAC>3c:07:54:${hex(n)}:${hex(n >> 8)}:${hex(m)}</MAC>`);
  return (
    `<PORT><IFNUMBER>${n}</IFNUMBER><IFDESCR>GigabitEthernet1/0/${n}</IFDESCR><IFNAME>Gi1/0/${n}</IFNAME><IFTYPE>6</IFTYPE><IFSPEED>1000000000</IFSPEED><IFMTU>1500</IFMTU>` +
    `<IFSTATUS>1</IFSTATUS><IFINTERNALSTATUS>1</IFINTERNALSTATUS><IFINOCTETS>${n * 991}</IFINOCTETS><IFOUTOCTETS>${n * 887}</IFOUTOCTETS>` +
    `<MAC>00:1b:21:${hex(n >> 16)}:${hex(n >> 8)}:${hex(n)}</MAC><VLANS>${vlans.join('')}</VLANS><CONNECTIONS><CONNECTION>${macs.join('')}</CONNECTION></CONNECTIONS></PORT>`
  );
}

function largeAnswer(): { xml: string; ports: number } {
  const rows: string[] = [];
  for (let bytes = 0; bytes < BYTES; bytes += rows.at(-1)?.length ?? 0) rows.push(port(rows.length + 1));
  const info = '<INFO><ID>1</ID><TYPE>NETWORKING</TYPE><SERIAL>S1234</SERIAL><MAC>00:1b:54:00:00:01</MAC></INFO>';
  const device = `<DEVICE>${info}<PORTS>${rows.join('')}</PORTS></DEVICE>`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?><REQUEST><CONTENT>${device}</CONTENT><DEVICEID>s-2026-01-01-00-00-00</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
  return { xml, ports: rows.length };
}

/** An SNMP answer of 20 MiB, decoded in a process of its own: processor time of the reading and the most memory of the whole process. */
export async function measureNetwork(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  try {
    const file = join(folder, 'answer.xml');
    const { xml, ports } = largeAnswer();
    await writeFile(file, xml);
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, file]);
    return [
      {
        work: `read an SNMP answer of 20 MiB with ${ports.toLocaleString('en')} ports`,
        target: '< 3 s, < 250 MB',
        measured: stdout.trim(),
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The child process: reads the file that it is given. */
async function decodeOnce(file: string): Promise<void> {
  const body = await readFile(file);
  const idle = process.resourceUsage().maxRSS / 1024;
  const before = process.cpuUsage();
  const report = decodeReport(body, { userAgent: 'FusionInventory-Agent_v2.6-3' }, defaultLimits);
  const [device] = scannedDevices(report);
  const used = process.cpuUsage(before);
  const seconds = (used.user + used.system) / 1e6;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${seconds.toFixed(2)} s of processor time, peak ${Math.round(peak)} MB (${Math.round(idle)} MB of it before), ${device?.device?.interfaces?.length ?? 0} interfaces`,
  );
}

if (process.argv[1] === import.meta.filename) {
  const file = process.argv[2];
  if (file !== undefined) await decodeOnce(file);
  else for (const f of await measureNetwork()) console.log(`${f.work}: ${f.measured} (target ${f.target})`);
}
