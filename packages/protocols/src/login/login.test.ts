import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../envelope/limits.ts';
import type { Json } from '../report.ts';
import { loginCommands, type LoginSystem, systemOfUname } from './commands.ts';
import { reportOfLogin } from './report.ts';

const read = (system: LoginSystem, outputs: Record<string, Json>, method: 'ssh' | 'winrm' = 'ssh') =>
  reportOfLogin(
    {
      method,
      system,
      outputs: Object.entries(outputs).map(([name, text]) => ({
        name,
        text: typeof text === 'string' ? text : JSON.stringify(text),
        ended: 'end',
        code: 0,
      })),
    },
    '10.0.0.5',
    defaultLimits,
  );

/** In the shape of Debian 12 and of RHEL 9, with made-up names and numbers. */
const linux = {
  uname: 'Linux web01 6.1.0-28-amd64 x86_64\n',
  os_release:
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nID=debian\n',
  fqdn: 'web01.example.org\n',
  machine_id: '0f1e2d3c4b5a69788796a5b4c3d2e1f0\n',
  dmi: 'sys_vendor=Dell Inc.\nproduct_name=PowerEdge R640\nproduct_serial=7XK9QW2\nproduct_uuid=4c4c4544-0058-4b10-8039-b7c04f515732\nboard_vendor=Dell Inc.\nboard_name=0H28RR\nboard_serial=.7XK9QW2.CNFCP0098700ABC.\nbios_vendor=Dell Inc.\nbios_version=2.12.2\nbios_date=07/09/2021\nchassis_serial=7XK9QW2\nchassis_type=23\nchassis_asset_tag=\n',
  virtual: 'none\n',
  cpu: 'Architecture:                    x86_64\nCPU(s):                          32\nVendor ID:                       GenuineIntel\nModel name:                      Intel(R) Xeon(R) Silver 4208 CPU @ 2.10GHz\nThread(s) per core:              2\nCore(s) per socket:              8\nSocket(s):                       2\nCPU max MHz:                     3200.0000\n',
  memory: 'MemTotal:       65680012 kB\nMemFree:         1234 kB\n',
  boot: 'btime 1732400000\n',
  addresses: [
    {
      ifname: 'lo',
      link_type: 'loopback',
      address: '00:00:00:00:00:00',
      flags: ['LOOPBACK', 'UP'],
      addr_info: [{ family: 'inet', local: '127.0.0.1' }],
    },
    {
      ifname: 'eno1',
      link_type: 'ether',
      address: 'd0:94:66:01:02:03',
      mtu: 1500,
      flags: ['BROADCAST', 'UP', 'LOWER_UP'],
      addr_info: [
        { family: 'inet', local: '10.20.0.11', prefixlen: 24 },
        { family: 'inet6', local: '2001:db8::11', prefixlen: 64 },
      ],
    },
    { ifname: 'docker0', link_type: 'ether', address: '02:42:11:22:33:44', flags: [], addr_info: [] },
  ],
  disks: {
    blockdevices: [
      {
        name: 'sda',
        type: 'disk',
        size: 479559942144,
        model: 'SSDSC2KB480G8R  ',
        serial: 'PHYF01234567480BGN',
        vendor: 'ATA     ',
        tran: 'sata',
        rev: 'DL63',
      },
      { name: 'sr0', type: 'rom', size: '1073741312', model: 'DVD', serial: null, vendor: null, tran: 'sata', rev: null },
      { name: 'loop0', type: 'disk', size: 4096, model: null, serial: null, vendor: null, tran: null, rev: null },
    ],
  },
  volumes:
    'Filesystem     Type     1024-blocks      Used Available Capacity Mounted on\nudev           devtmpfs    32800000         0  32800000       0% /dev\n/dev/sda2      ext4       459000000  10240000 425000000       3% /\n/dev/sda3      xfs          1048576    524288    524288      50% /srv/two words\n',
  deb: 'ii \tbash\t5.2.15-2+b7\tamd64\t7164\tMatthias Klose <doko@debian.org>\nrc \told-thing\t1.0\tall\t12\tSomebody\nhi \tlinux-image-amd64\t6.1.119-1\tamd64\t13\tDebian Kernel Team\n',
  users:
    'ada      pts/0        2026-11-24 09:12 (10.20.0.99)\nada      pts/1        2026-11-24 09:13 (10.20.0.99)\nbob      tty1         2026-11-24 08:00\n',
  last: 'reboot   system boot  6.1.0-28-amd64   Tue Nov 24 08:00   still running\nada      pts/0        10.20.0.99       Tue Nov 24 09:12   still logged in\n',
  modules:
    'Memory Device\n\tSize: 32 GB\n\tForm Factor: DIMM\n\tLocator: A1\n\tType: DDR4\n\tSpeed: 2933 MT/s\n\tManufacturer: 00AD00B300AD\n\tSerial Number: 12345678\n\nMemory Device\n\tSize: No Module Installed\n\tLocator: A2\n',
};

describe('a Linux', () => {
  const report = read('linux', linux);

  test('tells hardware, system and identity', () => {
    expect(report).toMatchObject({
      family: 'ssh',
      kind: 'inventory',
      deviceId: 'linux:0f1e2d3c4b5a69788796a5b4c3d2e1f0',
      partial: false,
      warnings: [],
    });
    expect(report.device).toMatchObject({
      name: 'web01',
      fqdn: 'web01.example.org',
      manufacturer: 'Dell Inc.',
      model: 'PowerEdge R640',
      serial: '7XK9QW2',
      uuid: '4c4c4544-0058-4b10-8039-b7c04f515732',
      assetTag: null,
      chassisType: '23',
      vmSystem: null,
      biosDate: '2021-07-09',
      memoryMb: 64_141,
      lastUser: 'ada',
      users: [{ login: 'ada' }, { login: 'bob' }],
      os: { name: 'Debian GNU/Linux 12 (bookworm)', version: '12 (bookworm)', kernel: '6.1.0-28-amd64', arch: 'x86_64', family: 'linux' },
      cpu: { sockets: 2, cores: 16, threads: 32, speedMhz: 3200, manufacturer: 'GenuineIntel' },
    });
    expect(report.sections['memories']).toMatchObject([{ capacity: 32_768, caption: 'A1', serialnumber: '12345678' }]);
  });

  test('tells interfaces, disks and volumes', () => {
    expect(report.device?.interfaces).toMatchObject([
      { name: 'lo', virtual: true },
      { name: 'eno1', mac: 'd0:94:66:01:02:03', ips: ['10.20.0.11', '2001:db8::11'], up: true, virtual: false },
      { name: 'docker0', virtual: true, up: false },
    ]);
    expect(report.device?.storage).toMatchObject([{ name: 'sda', model: 'SSDSC2KB480G8R', serial: 'PHYF01234567480BGN', sizeMb: 457_344 }]);
    expect(report.device?.volumes).toMatchObject([
      { mount: '/', filesystem: 'ext4', totalMb: 448_242 },
      { mount: '/srv/two words', filesystem: 'xfs', totalMb: 1024, freeMb: 512 },
    ]);
  });

  test('tells what is installed, of dpkg and of rpm', () => {
    expect(report.software).toMatchObject([
      { name: 'bash', version: '5.2.15-2+b7', channel: 'deb', arch: 'amd64' },
      { name: 'linux-image-amd64', channel: 'deb' },
    ]);
    const { deb, ...rest } = linux;
    const rpm =
      'bash\t5.1.8-9.el9\tx86_64\t7738778\tRed Hat, Inc.\t1700000000\ngpg-pubkey\tfd431d51-4ae0493b\t(none)\t0\t(none)\t1700000000\n';
    expect(read('linux', { ...rest, rpm }).software).toMatchObject([
      { name: 'bash', version: '5.1.8-9.el9', channel: 'rpm', publisher: 'Red Hat, Inc.', installedOn: '2023-11-14', sizeKb: 7558 },
    ]);
    expect(deb).toContain('bash');
    // Neither: then nothing is said about software, instead of that there is none.
    expect(read('linux', rest).software).toBeNull();
  });
});

test('a macOS tells hardware, system, interfaces and applications', () => {
  const report = read('darwin', {
    uname: 'Darwin mac-12.local 23.6.0 arm64\n',
    sw_vers: 'ProductName:\t\tmacOS\nProductVersion:\t\t14.6.1\nBuildVersion:\t\t23G93\n',
    computer_name: 'Ada’s MacBook\n',
    platform:
      '+-o J314sAP  <class IOPlatformExpertDevice>\n    {\n      "IOPlatformSerialNumber" = "C02ZZ12ABCDE"\n      "IOPlatformUUID" = "8A3C5D1E-2B4F-5A6C-9D8E-7F0A1B2C3D4E"\n    }\n',
    hardware: {
      SPHardwareDataType: [
        {
          machine_name: 'MacBook Pro',
          machine_model: 'MacBookPro18,3',
          chip_type: 'Apple M1 Pro',
          serial_number: 'C02ZZ12ABCDE',
          platform_UUID: '8A3C5D1E-2B4F-5A6C-9D8E-7F0A1B2C3D4E',
          boot_rom_version: '10151.140.19',
        },
      ],
    },
    sysctl:
      'hw.memsize: 17179869184\nhw.packages: 1\nhw.physicalcpu: 10\nhw.logicalcpu: 10\nmachdep.cpu.brand_string: Apple M1 Pro\nkern.boottime: { sec = 1732400000, usec = 1 } Sat Nov 23\n',
    ifconfig:
      'lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384\n\tinet 127.0.0.1 netmask 0xff000000\nen0: flags=8863<UP,BROADCAST,SMART,RUNNING> mtu 1500\n\tether f4:d4:88:01:02:03\n\tinet6 fe80::1%en0 prefixlen 64\n\tinet 10.20.0.31 netmask 0xffffff00 broadcast 10.20.0.255\n\tstatus: active\nen5: flags=8863<UP> mtu 1500\n\tether ac:de:48:00:11:22\n\tstatus: inactive\n',
    storage: {
      SPNVMeDataType: [
        {
          _items: [
            {
              _name: 'APPLE SSD AP0512R',
              bsd_name: 'disk0',
              device_model: 'APPLE SSD AP0512R',
              device_serial: '0ba012345678',
              size_in_bytes: 500277792768,
            },
          ],
        },
      ],
    },
    volumes:
      'Filesystem   1024-blocks      Used Available Capacity  Mounted on\n/dev/disk3s1s1   482797652   9000000 100000000     9%    /\ndevfs   200 200 0 100% /dev\n',
    applications: {
      SPApplicationsDataType: [
        {
          _name: 'Safari',
          version: '17.6',
          path: '/Applications/Safari.app',
          signed_by: ['Software Signing', 'Apple Code Signing Certification Authority'],
        },
        {
          _name: 'Tool',
          version: '2.1',
          path: '/Applications/Tool.app',
          signed_by: ['Developer ID Application: Example Ltd (AB12CD34EF)'],
        },
      ],
    },
    users: 'ada   console  Nov 24 09:00\n',
  });
  expect(report).toMatchObject({ deviceId: 'darwin:8a3c5d1e-2b4f-5a6c-9d8e-7f0a1b2c3d4e', partial: false, warnings: [] });
  expect(report.device).toMatchObject({
    name: 'Ada’s MacBook',
    serial: 'C02ZZ12ABCDE',
    model: 'MacBookPro18,3',
    memoryMb: 16_384,
    os: { name: 'macOS 14.6.1', version: '14.6.1', family: 'macos', kernel: '23.6.0' },
    cpu: { name: 'Apple M1 Pro', cores: 10 },
    users: [{ login: 'ada' }],
    volumes: [{ mount: '/', totalMb: 471_482 }],
    storage: [{ name: 'disk0', serial: '0ba012345678' }],
  });
  expect(report.device?.interfaces).toMatchObject([
    { name: 'lo0', virtual: true },
    { name: 'en0', mac: 'f4:d4:88:01:02:03', ips: ['10.20.0.31', 'fe80::1'], up: true },
    { name: 'en5', up: false },
  ]);
  expect(report.software).toMatchObject([
    { name: 'Safari', version: '17.6', channel: 'bundle', publisher: null },
    { name: 'Tool', publisher: 'Example Ltd' },
  ]);
});

test('a Windows tells hardware, system, adapters and programs, in the JSON of PowerShell', () => {
  const report = read(
    'windows',
    {
      system: {
        Name: 'PC-0042',
        DNSHostName: 'pc-0042',
        Domain: 'corp.example.org',
        PartOfDomain: true,
        Manufacturer: 'LENOVO',
        Model: '20XW0026GE',
        TotalPhysicalMemory: 16886116352,
        UserName: 'CORP\\ada',
      },
      product: { UUID: '4C4C4544-0042-3510-8052-B4C04F4D3232', IdentifyingNumber: 'PF2ABCDE', Vendor: 'LENOVO', Name: '20XW0026GE' },
      bios: { SerialNumber: 'PF2ABCDE', Manufacturer: 'LENOVO', SMBIOSBIOSVersion: 'N32ET75W', ReleaseDate: '2021-12-13 01:00:00' },
      board: { Manufacturer: 'LENOVO', Product: '20XW0026GE', SerialNumber: 'L1HF1AB00CD' },
      enclosure: { ChassisTypes: [10], SMBIOSAssetTag: 'No Asset Tag', SerialNumber: 'PF2ABCDE' },
      os: {
        Caption: 'Microsoft Windows 11 Pro ',
        Version: '10.0.22631',
        BuildNumber: '22631',
        OSArchitecture: '64-bit',
        InstallDate: '2023-05-04 10:11:12',
        LastBootUpTime: '2026-11-24 07:59:00',
      },
      cpu: {
        Name: '11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz ',
        Manufacturer: 'GenuineIntel',
        NumberOfCores: 4,
        NumberOfLogicalProcessors: 8,
        MaxClockSpeed: 2803,
      },
      memory: [
        { Capacity: 8589934592, Speed: 4267, SerialNumber: '00000000 ', DeviceLocator: 'DIMM0' },
        { Capacity: 8589934592, Speed: 4267, SerialNumber: '1A2B3C4D', DeviceLocator: 'DIMM1' },
      ],
      disks: {
        Model: 'SAMSUNG MZVLB512HBJQ',
        SerialNumber: '0025_38B1_1234_5678. ',
        Size: 512105932800,
        InterfaceType: 'SCSI',
        FirmwareRevision: '4L2QEXF7',
      },
      volumes: { DeviceID: 'C:', VolumeName: 'Windows', FileSystem: 'NTFS', Size: 511000000000, FreeSpace: 200000000000 },
      addresses: [
        {
          Description: 'Intel(R) Wi-Fi 6 AX201 160MHz',
          MACAddress: 'D8:F8:83:01:02:03',
          IPAddress: ['10.20.0.42', 'fe80::42'],
          IPEnabled: true,
          DHCPServer: '10.20.0.1',
        },
        { Description: 'WAN Miniport (IP)', MACAddress: 'AA:BB:20:52:41:53', IPAddress: null, IPEnabled: false },
      ],
      software: [
        {
          PSChildName: '{26A24AE4-039D-4CA4-87B4-2F64180431F0}',
          DisplayName: 'Java 8 Update 431',
          DisplayVersion: '8.0.4310.10',
          Publisher: 'Oracle Corporation',
          InstallDate: '20241101',
          EstimatedSize: 120000,
          Wow: true,
        },
        { PSChildName: '7-Zip', DisplayName: '7-Zip 23.01 (x64)', DisplayVersion: '23.01', Publisher: 'Igor Pavlov', Wow: false },
        { PSChildName: 'KB5001', DisplayName: 'Update', ParentKeyName: 'Office16' },
        { PSChildName: 'Hidden', DisplayName: 'Hidden part', SystemComponent: 1 },
      ],
    },
    'winrm',
  );
  expect(report).toMatchObject({ family: 'winrm', deviceId: 'windows:4c4c4544-0042-3510-8052-b4c04f4d3232', partial: false, warnings: [] });
  expect(report.device).toMatchObject({
    name: 'PC-0042',
    domain: 'corp.example.org',
    fqdn: 'pc-0042.corp.example.org',
    serial: 'PF2ABCDE',
    uuid: '4C4C4544-0042-3510-8052-B4C04F4D3232',
    chassisType: '10',
    memoryMb: 16_104,
    lastUser: 'ada',
    os: { name: 'Microsoft Windows 11 Pro', version: '10.0.22631', family: 'windows', installedOn: '2023-05-04 10:11:12' },
    cpu: { sockets: 1, cores: 4, threads: 8, speedMhz: 2803 },
    storage: [{ model: 'SAMSUNG MZVLB512HBJQ', serial: '0025_38B1_1234_5678.', sizeMb: 488_382 }],
    volumes: [{ mount: 'C:', filesystem: 'NTFS' }],
  });
  expect(report.device?.interfaces).toMatchObject([
    { mac: 'd8:f8:83:01:02:03', ips: ['10.20.0.42', 'fe80::42'], virtual: false, up: true },
    { mac: 'aa:bb:20:52:41:53', virtual: true },
  ]);
  expect(report.software).toMatchObject([
    { name: 'Java 8 Update 431', channel: 'msi', code: '{26A24AE4-039D-4CA4-87B4-2F64180431F0}', installedOn: '2024-11-01', arch: 'i586' },
    { name: '7-Zip 23.01 (x64)', channel: 'registry', code: '7-Zip' },
  ]);
});

test('an output that did not end makes the report partial, and its section is absent; one that is no JSON is a warning', () => {
  const cut = reportOfLogin(
    {
      method: 'ssh',
      system: 'linux',
      outputs: [
        { name: 'uname', text: linux.uname, ended: 'end', code: 0 },
        { name: 'addresses', text: '[{"ifname":', ended: 'end', code: 0 },
        { name: 'deb', text: linux.deb, ended: 'too_long', code: null },
      ],
    },
    '10.0.0.5',
    defaultLimits,
  );
  expect(cut).toMatchObject({ partial: true, software: null, deviceId: '10.0.0.5', warnings: [{ code: 'bad_json', path: 'addresses' }] });
  expect(cut.device?.interfaces).toBeNull();
});

test('whatever a machine prints, a report comes of it', () => {
  fc.assert(
    fc.property(fc.constantFrom<LoginSystem>('linux', 'darwin', 'windows'), fc.array(fc.string({ unit: 'binary' })), (system, texts) => {
      const outputs = Object.fromEntries(loginCommands[system].map(({ name }, i) => [name, texts[i % Math.max(1, texts.length)] ?? '']));
      const json = Object.fromEntries(loginCommands[system].map(({ name }) => [name, [null, 1, { Name: ['x'], addr_info: [1] }, 'x']]));
      return read(system, outputs).kind === 'inventory' && read(system, json).kind === 'inventory';
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['Linux web01 6.1.0 x86_64', 'linux'],
  ['Darwin mac 23.6.0 arm64', 'darwin'],
  ['FreeBSD fw 14.1 amd64', null],
  ['% Invalid input', null],
  ['', null],
])('uname %j is %s', (text, system) => {
  expect(systemOfUname(text)).toBe(system);
});
