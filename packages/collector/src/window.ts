export { isOpen } from '@muster/api/scan-window';
