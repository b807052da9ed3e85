import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getAssetNetwork } from '@muster/api/network';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../running-server.ts';
import { CollectorRig, ended, lacking, run, start } from './collector-rig.ts';

/*
 * Two switches of Debian's own: a network namespace each, joined by a pair of virtual ports, with lldpd on them and snmpd that hands out
 * its LLDP-MIB by AgentX. The collector reaches each by a management port, as it would real ones.
 */
const PORT = 1161;
const left = { space: 'muster-left', name: 'lab-left', port: 'swp1', mac: '00:1b:21:0a:00:01', address: '10.231.7.2', here: '10.231.7.1' };
const right = {
  space: 'muster-right',
  name: 'lab-right',
  port: 'swp7',
  mac: '00:1b:21:0b:00:07',
  address: '10.231.7.6',
  here: '10.231.7.5',
};
const both = [left, right];
type Switch = typeof left;

const skipped = lacking('LLDP between two lldpd', ['/usr/sbin/lldpd', '/usr/sbin/snmpd', '/sbin/ip', '/usr/bin/unshare'], true);

describe.skipIf(skipped)('the link of two switches that speak LLDP', () => {
  let rig: CollectorRig;
  const ip = async (...args: string[]): Promise<string> => run('ip', args);
  const removeSpaces = async (): Promise<void> => {
    for (const { space } of both) await ip('netns', 'delete', space).catch(() => undefined);
    for (const { space } of both) await ip('link', 'delete', space).catch(() => undefined);
  };

  beforeAll(async () => {
    rig = await CollectorRig.open();
    await removeSpaces();
    for (const { space } of both) await ip('netns', 'add', space);
    const pair = `link add ${left.port} address ${left.mac} netns ${left.space} type veth peer name ${right.port} address ${right.mac}`;
    await ip(...pair.split(' '), 'netns', right.space);
    for (const one of both) await connect(one);
    for (const one of both) await startDaemons(one);
  });
  afterEach(() => rig.endCollectors());
  afterAll(async () => {
    for (const child of rig?.children ?? []) child.kill('SIGTERM');
    await Promise.all((rig?.children ?? []).map(ended));
    await removeSpaces();
    await rig?.close();
  });

  async function connect({ space, port, address, here }: Switch): Promise<void> {
    await ip('link', 'add', space, 'type', 'veth', 'peer', 'name', 'mgmt', 'netns', space);
    await ip('address', 'add', `${here}/30`, 'dev', space);
    await ip('link', 'set', space, 'up');
    await ip('-n', space, 'address', 'add', `${address}/30`, 'dev', 'mgmt');
    for (const name of ['lo', 'mgmt', port]) await ip('-n', space, 'link', 'set', name, 'up');
  }

  /** `exec` all the way, so that the child is the daemon and ends with its id. */
  async function startDaemons({ space, name }: Switch): Promise<void> {
    const folder = join(rig.folder, space);
    const agentx = join(folder, 'agentx');
    await mkdir(folder);
    await writeFile(
      join(folder, 'snmpd.conf'),
      `agentAddress udp:0.0.0.0:${PORT}\nrocommunity public default\nmaster agentx\nagentXSocket ${agentx}\nsysName ${name}\n`,
    );
    const snmpd = ['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', join(folder, 'snmpd.conf')];
    rig.children.push(start('ip', ['netns', 'exec', space, ...snmpd], { SNMP_PERSISTENT_DIR: join(folder, 'state'), MIBS: '' }));
    await until(
      'snmpd listens for AgentX',
      async () => run('ls', [folder]),
      (names) => names.includes('agentx'),
    );
    // Of its own: the host name, which LLDP tells, and /run, where lldpd wants to be alone.
    const script = `hostname ${name} && mount -t tmpfs none /run && exec /usr/sbin/lldpd -d -u ${folder}/lldpd -x -X ${agentx} -I 'swp*'`;
    rig.children.push(start('ip', ['netns', 'exec', space, 'unshare', '-m', '-u', 'sh', '-c', script]));
  }

  test('stands at both, each with its own port and the other one’s', async () => {
    const credentialIds = [await rig.credential({ kind: 'snmp_v2c', community: 'public' })];
    const assets = new Map<string, string>();
    // lldpd tells of itself when a port comes up; a frame may be lost while the other end is not up yet, so it is scanned until it is there.
    await until(
      'both have heard of each other',
      async () => {
        const { run: scan, text } = await rig.scanned({ ranges: both.map((one) => one.address), credentialIds, snmpPort: PORT });
        expect(scan, text).toMatchObject({ state: 'done', up: 2, walked: 2 });
        const hosts = await Promise.all(both.map((one) => rig.readHost(scan.id, one.address)));
        return hosts.map((host) => /^1\.0\.8802\.1\.1\.2\.1\.4\.1\.1\.9\..*$/m.exec(host.snmp?.rows ?? '')?.[0] ?? null);
      },
      (names) => names.every((name) => name !== null),
    );
    for (const { address, name } of both) {
      const report = await rig.processed(address);
      expect(report).toMatchObject({ state: 'done', asset: { label: name } });
      assets.set(address, report.asset?.id ?? '');
    }
    expect(new Set(assets.values()).size).toBe(2);
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const { data } = await rig.call(getAssetNetwork, { params: { id: assets.get(one.address) ?? '' } });
      expect(data.neighbours.filter((link) => link.current)).toMatchObject([
        {
          protocol: 'lldp',
          source: 'snmp',
          localPortName: one.port,
          chassisId: other.mac,
          portId: other.mac,
          portDescription: other.port,
          systemName: other.name,
          asset: { id: assets.get(other.address), label: other.name },
        },
      ]);
      expect(data.neighbours[0]?.ips).toContain(other.address);
      expect(data.seenOn).toMatchObject([{ asset: { label: other.name }, port: other.port, protocol: 'lldp' }]);
      expect(data.ports.find((port) => port.index === data.neighbours[0]?.localPort)).toMatchObject({
        name: one.port,
        mac: one.mac.replaceAll(':', ''),
      });
    }
  });

  test.skipIf(lacking('ping and ARP', ['/usr/bin/ping'], false))(
    'hosts of the same link answer a ping and stand in the ARP table',
    async () => {
      // No port is knocked at and no credential is there: nothing but the two can show the hosts.
      const { run: scan, text } = await rig.scanned({ ranges: both.map((one) => one.address), ping: true, tcpPorts: [] });
      expect(scan, text).toMatchObject({ state: 'done', total: 2, up: 2, walked: 0 });
      for (const { space, address } of both) {
        const [link] = JSON.parse(await ip('-j', '-n', space, 'link', 'show', 'mgmt')) as [{ address: string }];
        const { probe, snmp } = await rig.readHost(scan.id, address);
        expect(probe).toMatchObject({ by: ['arp', 'icmp'], mac: link.address, openPorts: [] });
        expect(snmp).toBeNull();
      }
      const empty = await rig.scanned({ ranges: ['10.231.7.9'], ping: true, tcpPorts: [] });
      expect(empty.run).toMatchObject({ state: 'done', up: 0, results: 0 });
    },
  );
});
