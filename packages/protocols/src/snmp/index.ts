export { type AccessPointTable, accessPointTables, mostAccessPoints } from './access-points.ts';
export { deviceFromWalk } from './device.ts';
export { typeOfDescription } from './identify.ts';
export {
  compileKnowledge,
  type DescriptionRow,
  type DeviceRow,
  enterpriseOf,
  type EnterpriseRow,
  type ObjectRow,
  type SnmpKnowledge,
} from './knowledge.ts';
export { OidMap, type SnmpValue } from './oid-map.ts';
export { reportOfDevice } from './report.ts';
export { oidOf, readWalk, type Walk, type WalkLimits, walkLimits, type WalkWarning } from './read-walk.ts';
export {
  type ArpEntry,
  type ComponentKind,
  componentKinds,
  type ComponentState,
  componentStates,
  type ForwardingEntry,
  type HostSoftware,
  type NetworkComponent,
  type NetworkDevice,
  type NetworkDeviceType,
  networkDeviceTypes,
  type NetworkNeighbour,
  type NetworkPort,
  type PortVlan,
  type PageCounts,
  type PrinterSupply,
  type SupplyKind,
  type UpsFacts,
} from './types.ts';
