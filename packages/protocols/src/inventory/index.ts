export { isoDate, type SlashOrder } from './dates.ts';
export { decodeReport } from './decode.ts';
export { osFamily } from './device.ts';
export { macOf } from './interfaces.ts';
export { type FoundHost, type ReadDevice, type ScanMessage, scanMessageOf } from './scan-message.ts';
export { type MeasuredFacts, measuredFacts, type PowerFacts } from './measures.ts';
export { isRandomMac, networkFacts, type NetworkFacts, type ScannedDevice, scannedDevices } from './scanned.ts';
