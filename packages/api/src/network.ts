import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { defineRoute } from './route.ts';

// Network devices: the parsed walk of one, and what an asset's ports, parts and links are.

const text = z.string().nullable();
const count = z.number().int();

const vlanSchema = z.object({ id: count, name: text, tagged: z.boolean() });
export const networkPortSchema = z.object({
  index: count.meta({ description: 'ifIndex.' }),
  name: text,
  description: text,
  alias: text,
  mac: text,
  ips: z.array(z.string()),
  speedMbps: z.number().nullable(),
  enabled: z.boolean().nullable(),
  up: z.boolean().nullable(),
  trunk: z.boolean().nullable(),
  vlans: z.array(vlanSchema),
  members: z.array(count).meta({ description: 'ifIndex of the ports that this one bundles.' }),
});
export type NetworkPortRow = z.infer<typeof networkPortSchema>;

export const networkComponentSchema = z.object({
  index: count,
  containedIn: count.nullable().meta({ description: 'Index of the component that holds it.' }),
  kind: z.string().meta({ description: 'chassis, stack, module, power_supply, fan, port, access_point, ...' }),
  name: text,
  description: text,
  manufacturer: text,
  model: text,
  serial: text,
  hardware: text,
  firmware: text,
  software: text,
  mac: text.meta({ description: 'Of an access point: of its wired port, or of its radios where only that is told.' }),
  ip: text.meta({ description: 'Of an access point.' }),
  location: text.meta({ description: 'Of an access point, as its controller has it.' }),
  state: z
    .enum(['up', 'down', 'downloading', 'disassociating'])
    .nullable()
    .meta({ description: 'Of an access point, as its controller sees it.' }),
});
export type NetworkComponentRow = z.infer<typeof networkComponentSchema>;

/** Who told of a link: the device on the other end itself, a scanner, or only an address that was learned on the port. */
export const linkProtocols = ['lldp', 'cdp', 'scan', 'learned'] as const;
export const networkNeighbourSchema = z.object({
  localPort: count.nullable().meta({ description: 'ifIndex of the own port.' }),
  localPortName: text,
  protocol: z.enum(linkProtocols),
  chassisId: text,
  portId: text,
  portDescription: text,
  systemName: text,
  systemDescription: text,
  model: text,
  ips: z.array(z.string()),
});
export type NetworkNeighbourRow = z.infer<typeof networkNeighbourSchema>;

const number = z.number().nullable();
const powerSchema = z.object({
  batteryStatus: z.enum(['normal', 'low', 'depleted', 'replace']).nullable(),
  onBattery: z.boolean().nullable(),
  chargePercent: number,
  runtimeMinutes: number,
  loadPercent: number.meta({ description: 'Of the phase with the most load.' }),
  inputVolts: number,
  outputVolts: number,
});
const measureSchema = z.object({
  kind: z.string().meta({ description: 'toner, ink, drum, waste_toner, fuser, ...' }),
  colour: text,
  percent: number.meta({ description: 'What is left; of a waste container, the room that is left. Null when it is not measured.' }),
  state: z.enum(['ok', 'low', 'empty']).nullable().meta({ description: 'What a printer says that does not measure.' }),
  capacity: number.meta({ description: 'When it is full, in `unit`.' }),
  level: number.meta({ description: 'What is left, in `unit`.' }),
  unit: text,
});

export const walkedDeviceSchema = z.object({
  type: text,
  typeReason: text.meta({
    description: 'What told the type: object_id, description, printer_mib, ups_mib, enterprise, host, bridge or routing.',
  }),
  vendor: text,
  model: text,
  serial: text,
  name: text,
  description: text,
  firmware: text,
  location: text,
  contact: text,
  uptimeSeconds: z.number().nullable(),
  objectId: text,
  mac: text,
  ips: z.array(z.string()),
  ports: z.array(networkPortSchema),
  components: z.array(networkComponentSchema),
  neighbours: z.array(networkNeighbourSchema),
  supplies: z.array(measureSchema.extend({ description: z.string() })),
  pageCount: z.number().nullable(),
  ups: powerSchema.nullable(),
  counts: z.object({ forwarding: count, arp: count, software: count }),
});

export const walkAnswerSchema = z.object({
  format: z.enum(['snmprec', 'snmpwalk']),
  rows: count,
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  device: walkedDeviceSchema,
  /** What became of it; null unless it was to be kept. */
  kept: z.object({ observationId: idSchema, outcome: z.string(), asset: refSchema.nullable() }).nullable(),
});
export type WalkAnswer = z.infer<typeof walkAnswerSchema>;

/** Most bytes of an unpacked recording. */
export const mostWalkBytes = 32 * 1024 * 1024;

export const readSnmpWalk = defineRoute({
  method: 'POST',
  path: '/api/v1/discovery/snmp-walks',
  tag: 'Discovery',
  access: 'discovery:write',
  summary: 'Read the recorded SNMP walk of a device',
  description:
    'Takes the output of `snmpwalk` (best with -On) or a recording of snmpsim and answers the device it speaks of. With `keep` it also becomes an observation of the source `snmp`, and an asset, as if a scan had found it. At most 32 MiB unpacked.',
  body: z.object({
    content: z
      .string()
      .min(1)
      .max(8_000_000)
      .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'Must be base64.')
      .meta({ description: 'The file in base64, packed by gzip or as it is.' }),
    keep: z.boolean().default(false),
  }),
  response: walkAnswerSchema,
  errors: ['validation_failed', 'too_large', 'unavailable'],
});

const told = { source: z.string(), seenAt: instantSchema };
export const assetNetworkSchema = z.object({
  ports: z.array(networkPortSchema.extend(told)),
  components: z.array(networkComponentSchema.extend(told)),
  neighbours: z.array(
    networkNeighbourSchema.extend({
      source: z.string(),
      firstSeenAt: instantSchema,
      lastSeenAt: instantSchema,
      current: z.boolean().meta({ description: 'False: the last scan no longer saw it.' }),
      asset: refSchema.nullable().meta({ description: 'The asset with the MAC address of the other end.' }),
    }),
  ),
  /** Ports of other devices that this asset was seen on. */
  seenOn: z.array(
    z.object({
      asset: refSchema,
      port: text,
      protocol: z.enum(linkProtocols),
      source: z.string(),
      firstSeenAt: instantSchema,
      lastSeenAt: instantSchema,
      current: z.boolean(),
    }),
  ),
  /** Of the source that told them last. */
  supplies: z.array(measureSchema.extend({ name: z.string(), ...told })),
  /** The last reading of each day, newest first. */
  pages: z.array(
    z.object({
      day: z.string().meta({ description: 'In UTC.' }),
      total: number.meta({ description: 'Pages in the life of the printer.' }),
      black: number,
      inColour: number,
      duplex: number.meta({ description: 'Sheets printed on both sides.' }),
      scanned: number,
      source: z.string(),
      readAt: instantSchema,
    }),
  ),
  power: powerSchema.extend(told).nullable().meta({ description: 'Battery and lines of a UPS; null for what is none.' }),
});
export type AssetNetwork = z.infer<typeof assetNetworkSchema>;

export const getAssetNetwork = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/network',
  tag: 'inventory',
  access: 'assets:read',
  summary: 'Ports, components, links, supplies, pages and battery of an asset, each with its source and age',
  description: 'At most 5,000 of each; readings of pages for 400 days.',
  params: z.object({ id: idSchema }),
  response: assetNetworkSchema,
  errors: ['not_found'],
});
