/** Raw titles as the uninstall registry of Windows machines shows them. `share`: how many of the machines concerned carry it. */
export interface SeedTitle {
  name: string;
  versions: readonly string[];
  publisher: string;
  share: number;
  departments?: readonly string[];
  server?: boolean;
  code?: string;
}

const t = (
  name: string,
  publisher: string,
  share: number,
  versions: string,
  only: Partial<Pick<SeedTitle, 'departments' | 'server' | 'code'>> = {},
): SeedTitle => ({ name, publisher, share, versions: versions.split(' '), ...only });
const MS = 'Microsoft Corporation';
const engineering = { departments: ['engineering', 'it'] };
const design = { departments: ['design'] };
const finance = { departments: ['finance'] };

export const windowsApplications: readonly SeedTitle[] = [
  t('Microsoft 365 Apps for enterprise - en-us', MS, 0.8, '16.0.17328.20184 16.0.17531.20152 16.0.17628.20144'),
  t('Microsoft Office Professional Plus 2019 - en-us', MS, 0.09, '16.0.10410.20026 16.0.10412.20006'),
  t('Microsoft Office LTSC Professional Plus 2021 - en-us', MS, 0.06, '16.0.14332.20706'),
  t('Microsoft Visio LTSC Professional 2021 - en-us', MS, 0.06, '16.0.14332.20706', engineering),
  t('Microsoft Visio Professional 2019 - en-us', MS, 0.05, '16.0.10410.20026'),
  t('Microsoft Project Professional 2021 - en-us', MS, 0.05, '16.0.14332.20706', { departments: ['engineering', 'production'] }),
  t('Microsoft Edge', MS, 1, '125.0.2535.51 124.0.2478.97 126.0.2592.56'),
  t('Microsoft Edge WebView2 Runtime', MS, 0.98, '125.0.2535.51 124.0.2478.97'),
  t('Microsoft OneDrive', MS, 0.9, '24.086.0428.0003 24.101.0519.0010'),
  t('Microsoft Teams classic', MS, 0.25, '1.7.00.13456'),
  t('Microsoft Teams Meeting Add-in for Microsoft Office', MS, 0.7, '1.24.13005 1.24.14501'),
  t('Microsoft Update Health Tools', MS, 0.85, '5.72.0.0'),
  t('Microsoft Visual Studio Code (User)', MS, 0.6, '1.89.1 1.90.0 1.88.1', engineering),
  t('Visual Studio Professional 2022', MS, 0.3, '17.9.6 17.10.1', { departments: ['engineering'] }),
  t('Visual Studio Enterprise 2022', MS, 0.08, '17.10.1', { departments: ['engineering'] }),
  t('Microsoft SQL Server Management Studio - 20.1', MS, 0.25, '20.1.10.0', engineering),
  t('Microsoft Power BI Desktop (x64)', MS, 0.5, '2.128.751.0 2.129.905.0', finance),
  t('Google Chrome', 'Google LLC', 0.75, '125.0.6422.61 125.0.6422.113 124.0.6367.208'),
  t('Mozilla Firefox (x64 en-US)', 'Mozilla', 0.35, '126.0 125.0.3'),
  t('Mozilla Maintenance Service', 'Mozilla', 0.35, '126.0'),
  t('Adobe Acrobat (64-bit)', 'Adobe', 0.6, '24.002.20736 24.002.20759'),
  t('Adobe Acrobat DC (64-bit)', 'Adobe Systems Incorporated', 0.12, '21.007.20099'),
  t('Adobe Acrobat Reader - Deutsch', 'Adobe Systems Incorporated', 0.18, '24.002.20736'),
  t('Adobe Creative Cloud', 'Adobe Inc.', 0.8, '6.2.0.554', design),
  t('Adobe Photoshop 2024', 'Adobe Inc.', 0.7, '25.7.0.504 25.9.0.573', design),
  t('Adobe Illustrator 2024', 'Adobe Inc.', 0.6, '28.4.1', design),
  t('Adobe InDesign 2024', 'Adobe Inc.', 0.5, '19.3', design),
  t('Adobe Premiere Pro 2024', 'Adobe Inc.', 0.25, '24.3.0', design),
  t('AutoCAD 2024 - English', 'Autodesk, Inc.', 0.22, '24.3.61.0', { departments: ['engineering', 'production'] }),
  t('AutoCAD LT 2023 - English', 'Autodesk, Inc.', 0.1, '24.2.58.0', { departments: ['engineering', 'production'] }),
  t('Autodesk Inventor Professional 2024', 'Autodesk', 0.15, '28.20.28300.0000', { departments: ['engineering'] }),
  t('Autodesk Desktop App', 'Autodesk', 0.2, '8.6.0.11', { departments: ['engineering', 'production'] }),
  t('SOLIDWORKS 2024 SP02', 'Dassault Systemes SolidWorks Corp', 0.1, '32.20.0053', { departments: ['engineering'] }),
  t('MATLAB R2024a', 'The MathWorks, Inc.', 0.1, '24.1', { departments: ['engineering'] }),
  t('IntelliJ IDEA 2024.1.2', 'JetBrains s.r.o.', 0.18, '241.17011.79', { departments: ['engineering'] }),
  t('PyCharm 2024.1.1', 'JetBrains s.r.o.', 0.12, '241.15989.155', { departments: ['engineering'] }),
  t('JetBrains Toolbox', 'JetBrains s.r.o.', 0.2, '2.3.1.31116', { departments: ['engineering'] }),
  t('Git', 'The Git Development Community', 0.7, '2.45.1 2.44.0', engineering),
  t('Node.js', 'Node.js Foundation', 0.3, '20.13.1 18.20.3', engineering),
  t('Python 3.12.3 (64-bit)', 'Python Software Foundation', 0.3, '3.12.3150.0', engineering),
  t('Python 3.11.9 Core Interpreter (64-bit)', 'Python Software Foundation', 0.2, '3.11.9150.0', engineering),
  t('Docker Desktop', 'Docker Inc.', 0.3, '4.30.0', { departments: ['engineering'] }),
  t('Postman x86_64 11.1.14', 'Postman', 0.15, '11.1.14', { departments: ['engineering'] }),
  t('Java 8 Update 411 (64-bit)', 'Oracle Corporation', 0.16, '8.0.4110.9'),
  t('Java(TM) SE Development Kit 17.0.11 (64-bit)', 'Oracle Corporation', 0.12, '17.0.11.0', { departments: ['engineering'] }),
  t('Eclipse Temurin JRE with Hotspot 17.0.11+9 (x64)', 'Eclipse Adoptium', 0.12, '17.0.11.9'),
  t('Oracle VM VirtualBox 7.0.18', 'Oracle and/or its affiliates', 0.12, '7.0.18', engineering),
  t('VMware Workstation', 'VMware, Inc.', 0.08, '17.5.2', engineering),
  t('VMware Tools', 'VMware, Inc.', 0, '12.4.0.23259341'),
  t('VMware Horizon Client', 'VMware, Inc.', 0.1, '8.12.1.11411'),
  t('SAP GUI for Windows 8.00  (Patch 6)', 'SAP SE', 0.7, '8.00', { departments: ['finance', 'production', 'sales'] }),
  t('SAP Business Client 7.70', 'SAP SE', 0.3, '7.70.3', finance),
  t('Citrix Workspace 2402', 'Citrix Systems, Inc.', 0.2, '24.2.0.172'),
  t('TeamViewer', 'TeamViewer', 0.2, '15.53.7', { departments: ['it', 'service'] }),
  t('AnyDesk', 'AnyDesk Software GmbH', 0.04, 'ad 8.0.10'),
  t('Zoom Workplace (64-bit)', 'Zoom Video Communications, Inc.', 0.45, '6.0.10.39171 5.17.11.34827'),
  t('Cisco Webex Meetings', 'Cisco Webex LLC', 0.1, '44.5.0'),
  t('Cisco AnyConnect Secure Mobility Client', 'Cisco Systems, Inc.', 0.5, '4.10.08025'),
  t('Cisco Secure Client - AnyConnect VPN', 'Cisco Systems, Inc.', 0.3, '5.1.3.62'),
  t('Slack', 'Slack Technologies Inc.', 0.2, '4.38.125', { departments: ['engineering', 'design', 'it'] }),
  t('7-Zip 24.05 (x64)', 'Igor Pavlov', 0.6, '24.05'),
  t('7-Zip 19.00 (x64)', 'Igor Pavlov', 0.1, '19.00'),
  t('WinRAR 6.24 (64-bit)', 'win.rar GmbH', 0.08, '6.24.0'),
  t('Notepad++ (64-bit x64)', 'Notepad++ Team', 0.4, '8.6.7 8.6.5'),
  t('KeePass Password Safe 2.56', 'Dominik Reichl', 0.2, '2.56'),
  t('PuTTY release 0.81 (64-bit)', 'Simon Tatham', 0.5, '0.81.0.0', engineering),
  t('WinSCP 6.3.3', 'Martin Prikryl', 0.4, '6.3.3', engineering),
  t('FileZilla 3.67.0', 'Tim Kosse', 0.1, '3.67.0', engineering),
  t('VLC media player', 'VideoLAN', 0.35, '3.0.20 3.0.18'),
  t('Greenshot 1.2.10.6', 'Greenshot', 0.2, '1.2.10.6'),
  t('TechSmith Snagit 2024', 'TechSmith Corporation', 0.1, '24.1.3.2170', { departments: ['service', 'design'] }),
  t('PDF24 Creator', 'geek software GmbH', 0.15, '11.17.0'),
  t('IrfanView 4.67 (64-bit)', 'Irfan Skiljan', 0.1, '4.67'),
  t('GIMP 2.10.36', 'The GIMP Team', 0.3, '2.10.36', design),
  t('Inkscape', 'Inkscape', 0.2, '1.3.2', design),
  t('LibreOffice 24.2.3.2', 'The Document Foundation', 0.06, '24.2.3.2'),
  t('DBeaver 24.0.5', 'DBeaver Corp', 0.2, '24.0.5', engineering),
  t('Wireshark 4.2.5 x64', 'The Wireshark developer community, https://www.wireshark.org', 0.25, '4.2.5', { departments: ['it'] }),
  t('Npcap', 'Nmap Project', 0.25, '1.79', { departments: ['it'] }),
  t('GLPI Agent 1.9', "Teclib'", 0.75, '1.9'),
  t('CrowdStrike Windows Sensor', 'CrowdStrike, Inc.', 0.92, '7.14.18408.0 7.13.18308.0'),
  t('CrowdStrike Sensor Platform', 'CrowdStrike, Inc.', 0.92, '7.14.18408.0'),
  t('Lenovo Vantage Service', 'Lenovo Group Ltd.', 0.2, '4.0.52.0'),
  t('Dell Command | Update for Windows Universal', 'Dell, Inc.', 0.4, '5.3.0'),
  t('Dell SupportAssist', 'Dell Inc.', 0.3, '4.0.3.61632'),
  t('HP Client Security Manager', 'HP Inc.', 0.15, '11.1.3'),
  t('Intel(R) Graphics Driver', 'Intel Corporation', 0.5, '31.0.101.5333'),
  t('Intel(R) Wireless Bluetooth(R)', 'Intel Corporation', 0.7, '23.30.0.3'),
  t('Intel(R) Management Engine Components', 'Intel Corporation', 0.7, '2345.5.42.0'),
  t('Intel(R) Chipset Device Software', 'Intel Corporation', 0.7, '10.1.19600.8418'),
  t('Realtek High Definition Audio Driver', 'Realtek Semiconductor Corp.', 0.6, '6.0.9549.1'),
  t('NVIDIA Graphics Driver 552.44', 'NVIDIA Corporation', 0.15, '552.44', engineering),
  t('NVIDIA PhysX System Software 9.23.1019', 'NVIDIA Corporation', 0.15, '9.23.1019', engineering),
  t('Northwind Timesheet Client', 'Northwind Instruments IT', 0.7, '3.2.1 3.1.0'),
  t('Northwind Calibration Suite', 'Northwind Instruments', 0.5, '12.4 12.3', { departments: ['production', 'engineering'] }),
  t('TransMate Label Designer 5', 'TransMate Systems Oy', 0.3, '5.1.0', { departments: ['production'] }),
  t('FleetRoute Dispatcher', 'FleetRoute', 0.2, '9.0.2', { departments: ['service'] }),
  t('ELSTER-Authenticator', 'Steuerverwaltungen des Bundes und der Laender', 0.3, '59.0', finance),
  t('DATEV Basis', 'DATEV eG', 0.3, '14.0', finance),
];

export const windowsServerTitles: readonly SeedTitle[] = [
  t('Microsoft SQL Server 2019 (64-bit)', MS, 0.25, '15.0.2000.5'),
  t('Microsoft SQL Server 2022 (64-bit)', MS, 0.15, '16.0.1000.6'),
  t('SQL Server 2019 Database Engine Services', MS, 0.25, '15.0.2000.5'),
  t('Microsoft SQL Server 2019 Setup (English)', MS, 0.25, '15.0.4360.2'),
  t('SQL Server 2019 Shared Management Objects', MS, 0.25, '15.0.2000.5'),
  t('Microsoft SQL Server 2012 Native Client ', MS, 0.4, '11.4.7001.0'),
  t('Microsoft ODBC Driver 17 for SQL Server', MS, 0.4, '17.10.5.1'),
  t('Microsoft OLE DB Driver for SQL Server', MS, 0.3, '18.6.7.0'),
  t('Browser for SQL Server 2019', MS, 0.2, '15.0.2000.5'),
  t('Oracle Database 19c', 'Oracle Corporation', 0.05, '19.0.0.0.0'),
  t('Veeam Agent for Microsoft Windows', 'Veeam Software Group GmbH', 0.5, '6.1.2.134'),
  t('Microsoft Monitoring Agent', MS, 0.4, '10.20.18053.0'),
  t('IIS URL Rewrite Module 2', MS, 0.3, '7.2.1993'),
  t('IBM Db2 Data Server Client', 'IBM', 0.05, '11.5.8.0'),
  t('CrowdStrike Windows Sensor', 'CrowdStrike, Inc.', 0.95, '7.14.18408.0'),
  t('Microsoft Edge', MS, 0.9, '125.0.2535.51'),
  t('7-Zip 24.05 (x64)', 'Igor Pavlov', 0.5, '24.05'),
  t('Notepad++ (64-bit x64)', 'Notepad++ Team', 0.5, '8.6.5'),
  t('SAP HANA Client', 'SAP SE', 0.08, '2.20.22'),
  t('GLPI Agent 1.9', "Teclib'", 0.9, '1.9'),
];

const redistributableYears: readonly [string, string][] = [
  ['2005', '8.0.61001'],
  ['2008', '9.0.30729.6161'],
  ['2010', '10.0.40219'],
  ['2012', '11.0.61030.0'],
  ['2013', '12.0.40664.0'],
  ['2015-2022', '14.38.33135.0'],
  ['2015-2019', '14.29.30139.0'],
];
/** The runtimes that other installers leave behind. */
export const windowsRuntimes: readonly SeedTitle[] = [
  ...redistributableYears.flatMap(([year, version]) =>
    ['x64', 'x86'].flatMap((arch) => [
      t(`Microsoft Visual C++ ${year} Redistributable (${arch}) - ${version.split('.').slice(0, 3).join('.')}`, MS, 0.75, version),
      t(`Microsoft Visual C++ ${year} ${arch} Minimum Runtime - ${version}`, MS, 0.55, version),
      t(`Microsoft Visual C++ ${year} ${arch} Additional Runtime - ${version}`, MS, 0.55, version),
    ]),
  ),
  ...['6.0.30', '8.0.5', '7.0.19'].flatMap((v) =>
    [
      'Microsoft Windows Desktop Runtime',
      'Microsoft .NET Runtime',
      'Microsoft ASP.NET Core Shared Framework',
      'Microsoft .NET Host',
      'Microsoft .NET Host FX Resolver',
    ].map((n) => t(`${n} - ${v} (x64)`, MS, 0.6, v)),
  ),
];

/** The hotfixes of one machine: its build's share of a common pool. */
export const windowsUpdates: readonly SeedTitle[] = Array.from({ length: 240 }, (_, i) => {
  const kb = 5_002_000 + i * 157;
  const kind = i % 5;
  const name =
    kind === 0
      ? `Update for Windows 11 (KB${kb})`
      : kind === 1
        ? `Security Update for Microsoft Office 2019 (KB${kb}) 64-Bit Edition`
        : kind === 2
          ? `Update for Microsoft Office 2019 (KB${kb}) 64-Bit Edition`
          : kind === 3
            ? `Security Update for Microsoft Windows (KB${kb})`
            : `Hotfix for Microsoft .NET Framework (KB${kb})`;
  return t(name, MS, 0.72, '1');
});
