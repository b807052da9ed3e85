import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scoreWalks } from './snmp.ts';

const fixtures = fileURLToPath(new URL('../../../../shared/fixtures/snmp', import.meta.url));

/** Serial numbers that the recordings hold, looked up by hand. */
const serials: Record<string, string> = {
  'apc-7902b': '5A1551F39430',
  'apc-8932': '3F503A169043',
  'bdcom-s5612': 'S14012879',
  'brocade-ds-5100b': 'ALM2534F019',
  'cisco-c3560': 'FOC1408Z61U',
  'cisco-n5000': 'SSI183706KP',
  'dcs-3726c': 'A308023010',
  'dlink-des3200': 'R3MD1DB002523',
  'eaton-9px-partial': 'GX13G45099',
  'geist-temperature-sensor': 'TB19020610',
  'h3c-e528-2': '210235A0GKC158000929',
  'h3c-wx6103': '210231A76JX091000041',
  'huawei-gse200m': '2102310NYJ10EB000045',
  'huawei-s5720': '210235956210F7000410',
  'ibm-x3550-m3': '0622254',
  'ingrasys-power-switch': '11120051132123',
  'juniper-mx960-12-3r6-6': 'JN11FCEC5AFA',
  'metel-poe-box': '20181022008795',
  'netapp-fas3270': '940001051000',
  netmanage: '210235A0GKC158000929',
  'paloalto-pa-5000': '0009C100761',
  'ruijie-s5750-24gt12sfp': '9017EHC410215',
};

test.skipIf(!existsSync(fixtures))(
  'recordings of real devices: none crashes, nine of ten are typed, each serial number is found',
  { timeout: 120_000 },
  async () => {
    const scores = await scoreWalks(fixtures);
    expect(scores.length).toBeGreaterThan(0);
    expect(scores.filter((s) => s.failure !== null)).toEqual([]);
    const typed = scores.filter((s) => s.device?.type !== null && s.device !== null);
    expect(typed.length / scores.length).toBeGreaterThanOrEqual(0.9);
    const found = new Map(scores.map((s) => [s.file.replace(/\.snmprec(\.bz2)?$/, ''), s.device?.serial ?? null]));
    expect(Object.fromEntries(Object.keys(serials).map((name) => [name, found.get(name)]))).toEqual(serials);
  },
);
