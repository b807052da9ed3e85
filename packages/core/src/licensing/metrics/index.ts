export { allocatedRights, allocatedSubscriptions } from './allocated.ts';
export { perDeviceLicences } from './per-device.ts';
export {
  boundedCores,
  boundedSockets,
  type Bounds,
  corePacks,
  windowsServerBase,
  windowsServerCoreLicences,
  type WindowsServerNumbers,
  windowsServerTimes,
  windowsServerVmLicences,
} from './windows-server-core.ts';
