/** Machines people really buy; facts from the makers' data sheets. `oui`: the first half of a MAC of the on-board adapter. */
export interface HardwareModel { manufacturer: string; model: string; chassis: string; kind: 'laptop' | 'desktop' | 'server' | 'mac'; cpu: string; cpuMaker: string; cores: number; threads: number; sockets: number; mhz: number; memoryMb: readonly number[]; oui: string; weight: number }

const client = { sockets: 1, cpuMaker: 'Intel' } as const;
export const hardwareModels: readonly HardwareModel[] = [
  { ...client, manufacturer: 'Dell Inc.', model: 'Latitude 5540', chassis: 'Notebook', kind: 'laptop', cpu: '13th Gen Intel(R) Core(TM) i5-1345U', cores: 10, threads: 12, mhz: 1600, memoryMb: [16384, 32768], oui: 'a0:29:19', weight: 14 },
  { ...client, manufacturer: 'Dell Inc.', model: 'Latitude 7440', chassis: 'Notebook', kind: 'laptop', cpu: '13th Gen Intel(R) Core(TM) i7-1365U', cores: 10, threads: 12, mhz: 1800, memoryMb: [16384, 32768], oui: 'a0:29:19', weight: 8 },
  { ...client, manufacturer: 'Dell Inc.', model: 'Precision 3680', chassis: 'Tower', kind: 'desktop', cpu: 'Intel(R) Core(TM) i7-14700', cores: 20, threads: 28, mhz: 2100, memoryMb: [32768, 65536], oui: '18:db:f2', weight: 5 },
  { ...client, manufacturer: 'Dell Inc.', model: 'OptiPlex 7010', chassis: 'Mini Tower', kind: 'desktop', cpu: '13th Gen Intel(R) Core(TM) i5-13500', cores: 14, threads: 20, mhz: 2500, memoryMb: [16384], oui: '18:db:f2', weight: 8 },
  { ...client, manufacturer: 'HP', model: 'HP EliteBook 840 14 inch G10 Notebook PC', chassis: 'Notebook', kind: 'laptop', cpu: '13th Gen Intel(R) Core(TM) i5-1335U', cores: 10, threads: 12, mhz: 1300, memoryMb: [16384], oui: '3c:52:82', weight: 10 },
  { ...client, manufacturer: 'HP', model: 'HP ZBook Firefly 14 inch G10', chassis: 'Notebook', kind: 'laptop', cpu: '13th Gen Intel(R) Core(TM) i7-1355U', cores: 10, threads: 12, mhz: 1700, memoryMb: [32768], oui: '3c:52:82', weight: 4 },
  { ...client, manufacturer: 'LENOVO', model: 'ThinkPad T14 Gen 4', chassis: 'Notebook', kind: 'laptop', cpu: '13th Gen Intel(R) Core(TM) i5-1345U', cores: 10, threads: 12, mhz: 1600, memoryMb: [16384, 32768], oui: '54:ee:75', weight: 12 },
  { ...client, manufacturer: 'LENOVO', model: 'ThinkCentre M70q Gen 4', chassis: 'Mini PC', kind: 'desktop', cpu: '13th Gen Intel(R) Core(TM) i5-13400T', cores: 10, threads: 16, mhz: 1300, memoryMb: [16384], oui: '54:ee:75', weight: 6 },
  { ...client, manufacturer: 'Apple Inc.', model: 'MacBookPro18,3', chassis: 'Laptop', kind: 'mac', cpu: 'Apple M1 Pro', cpuMaker: 'Apple', cores: 8, threads: 8, mhz: 3200, memoryMb: [16384, 32768], oui: 'a4:83:e7', weight: 6 },
  { ...client, manufacturer: 'Apple Inc.', model: 'Mac14,2', chassis: 'Laptop', kind: 'mac', cpu: 'Apple M2', cpuMaker: 'Apple', cores: 8, threads: 8, mhz: 3490, memoryMb: [16384], oui: 'a4:83:e7', weight: 6 },
  { manufacturer: 'Dell Inc.', model: 'PowerEdge R650', chassis: 'Rack Mount Chassis', kind: 'server', cpu: 'Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz', cpuMaker: 'Intel', cores: 16, threads: 32, sockets: 2, mhz: 2400, memoryMb: [131072, 262144], oui: '18:db:f2', weight: 6 },
  { manufacturer: 'HPE', model: 'ProLiant DL380 Gen10 Plus', chassis: 'Rack Mount Chassis', kind: 'server', cpu: 'Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz', cpuMaker: 'Intel', cores: 28, threads: 56, sockets: 2, mhz: 2000, memoryMb: [262144, 524288], oui: '94:40:c9', weight: 4 },
  { manufacturer: 'LENOVO', model: 'ThinkSystem SR645', chassis: 'Rack Mount Chassis', kind: 'server', cpu: 'AMD EPYC 7313P 16-Core Processor', cpuMaker: 'AMD', cores: 16, threads: 32, sockets: 1, mhz: 3000, memoryMb: [131072], oui: '08:3a:88', weight: 3 },
];

/** What boards without a maker's serial report; a realistic estate has some. */
export const junkSerials = ['To be filled by O.E.M.', 'System Serial Number', 'Default string', '0123456789', 'Not Specified', ''] as const;
