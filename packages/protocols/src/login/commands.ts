/** One thing that is asked of a machine after a login. Every line only reads. */
export interface LoginCommand {
  readonly name: string;
  readonly line: string;
}

export type LoginSystem = 'linux' | 'darwin' | 'windows';

/** The first question over SSH: its answer tells the system. */
export const unameCommand: LoginCommand = { name: 'uname', line: 'LC_ALL=C uname -snrm' };

const there = (program: string, line: string): string =>
  `if command -v ${program} >/dev/null 2>&1; then LC_ALL=C ${line}; else exit 127; fi`;

const dmiFiles =
  'sys_vendor product_name product_serial product_uuid board_vendor board_name board_serial bios_vendor bios_version bios_date chassis_serial chassis_type chassis_asset_tag';

/** Linux, the most telling first. What only root may read (serial numbers, memory modules) is left out for other users; nobody is asked for more rights. */
const linux: readonly LoginCommand[] = [
  { name: 'os_release', line: 'cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release' },
  { name: 'fqdn', line: there('hostname', 'hostname -f') },
  { name: 'machine_id', line: 'cat /etc/machine-id' },
  {
    name: 'dmi',
    line: `for f in ${dmiFiles}; do printf '%s=%s\\n' "$f" "$(cat /sys/class/dmi/id/$f 2>/dev/null | head -c 300 | head -n 1)"; done`,
  },
  { name: 'virtual', line: `${there('systemd-detect-virt', 'systemd-detect-virt')} || true` },
  { name: 'cpu', line: there('lscpu', 'lscpu') },
  { name: 'memory', line: 'head -n 60 /proc/meminfo' },
  { name: 'boot', line: 'grep ^btime /proc/stat' },
  { name: 'addresses', line: there('ip', 'ip -j addr') },
  { name: 'disks', line: there('lsblk', 'lsblk -J -b -d -o NAME,TYPE,SIZE,MODEL,SERIAL,VENDOR,TRAN,REV') },
  { name: 'volumes', line: 'LC_ALL=C df -P -k -T 2>/dev/null; true' },
  {
    name: 'deb',
    line: there(
      'dpkg-query',
      `dpkg-query -W -f '\${db:Status-Abbrev}\\t\${Package}\\t\${Version}\\t\${Architecture}\\t\${Installed-Size}\\t\${Maintainer}\\n'`,
    ),
  },
  {
    name: 'rpm',
    line: there('rpm', `rpm -qa --qf '%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SIZE}\\t%{VENDOR}\\t%{INSTALLTIME}\\n'`),
  },
  { name: 'users', line: there('who', 'who') },
  { name: 'last', line: `${there('last', 'last -n 30')} | head -n 30` },
  { name: 'modules', line: there('dmidecode', 'dmidecode -q -t 17 2>/dev/null') },
];

const darwin: readonly LoginCommand[] = [
  { name: 'sw_vers', line: 'sw_vers' },
  { name: 'computer_name', line: 'scutil --get ComputerName' },
  { name: 'fqdn', line: 'hostname -f' },
  { name: 'platform', line: 'ioreg -rd1 -c IOPlatformExpertDevice' },
  { name: 'hardware', line: 'system_profiler -json SPHardwareDataType' },
  { name: 'sysctl', line: 'sysctl hw.memsize hw.packages hw.physicalcpu hw.logicalcpu machdep.cpu.brand_string kern.boottime' },
  { name: 'ifconfig', line: 'ifconfig -a' },
  { name: 'storage', line: 'system_profiler -json SPNVMeDataType SPSerialATADataType' },
  { name: 'volumes', line: 'LC_ALL=C df -P -k 2>/dev/null; true' },
  { name: 'applications', line: 'system_profiler -json SPApplicationsDataType' },
  { name: 'users', line: 'who' },
];

/** The properties of the CIM classes, as one object or a list in JSON; dates in ISO, which PowerShell's own JSON does not write. */
const cim = (className: string, properties: string, filter = ''): string =>
  `Get-CimInstance -ClassName ${className}${filter === '' ? '' : ` -Filter "${filter}"`} | Select-Object ${properties} | ConvertTo-Json -Compress -Depth 3`;
const day = (property: string): string => `@{n='${property}';e={if($_.${property}){$_.${property}.ToString('yyyy-MM-dd HH:mm:ss')}}}`;

const uninstallKeys = [
  'HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*',
  'HKLM:\\Software\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*',
];

/** PowerShell 3 or later. Win32_Product is never asked: it makes Windows check, and repair, every installation. */
const windows: readonly LoginCommand[] = [
  {
    name: 'system',
    line: cim(
      'Win32_ComputerSystem',
      'Name,DNSHostName,Domain,PartOfDomain,Workgroup,Manufacturer,Model,TotalPhysicalMemory,UserName,NumberOfProcessors',
    ),
  },
  { name: 'product', line: cim('Win32_ComputerSystemProduct', 'UUID,IdentifyingNumber,Vendor,Name') },
  { name: 'bios', line: cim('Win32_BIOS', `SerialNumber,Manufacturer,SMBIOSBIOSVersion,${day('ReleaseDate')}`) },
  { name: 'board', line: cim('Win32_BaseBoard', 'Manufacturer,Product,SerialNumber') },
  { name: 'enclosure', line: cim('Win32_SystemEnclosure', 'ChassisTypes,SMBIOSAssetTag,SerialNumber') },
  {
    name: 'os',
    line: cim('Win32_OperatingSystem', `Caption,Version,BuildNumber,OSArchitecture,${day('InstallDate')},${day('LastBootUpTime')}`),
  },
  {
    name: 'cpu',
    line: cim('Win32_Processor', 'Name,Manufacturer,NumberOfCores,NumberOfLogicalProcessors,MaxClockSpeed,SocketDesignation'),
  },
  { name: 'memory', line: cim('Win32_PhysicalMemory', 'Capacity,Speed,SerialNumber,PartNumber,Manufacturer,DeviceLocator') },
  { name: 'disks', line: cim('Win32_DiskDrive', 'Model,SerialNumber,Size,InterfaceType,FirmwareRevision,MediaType') },
  { name: 'volumes', line: cim('Win32_LogicalDisk', 'DeviceID,VolumeName,FileSystem,Size,FreeSpace', 'DriveType=3') },
  {
    name: 'addresses',
    line: cim('Win32_NetworkAdapterConfiguration', 'Description,MACAddress,IPAddress,IPEnabled,DHCPEnabled,DHCPServer,Index').replace(
      ' | Select',
      ' | Where-Object {$_.MACAddress} | Select',
    ),
  },
  {
    name: 'software',
    line: `Get-ItemProperty ${uninstallKeys.map((key) => `'${key}'`).join(',')} -ErrorAction SilentlyContinue | Where-Object {$_.DisplayName} | Select-Object PSChildName,DisplayName,DisplayVersion,Publisher,InstallDate,InstallLocation,EstimatedSize,SystemComponent,ParentKeyName,@{n='Wow';e={$_.PSPath -match 'WOW6432Node'}} | ConvertTo-Json -Compress`,
  },
];

/** What is asked of each system, in this order. */
export const loginCommands: Readonly<Record<LoginSystem, readonly LoginCommand[]>> = { linux, darwin, windows };

/** The system that `uname` names; null when it is none that can be read. */
export function systemOfUname(text: string): 'linux' | 'darwin' | null {
  const name = /^(Linux|Darwin)\s/.exec(text.trim())?.[1];
  return name === 'Linux' ? 'linux' : name === 'Darwin' ? 'darwin' : null;
}
