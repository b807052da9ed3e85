/**
 * Licences of one device: max(1, ceil(installs / maxInstallsPerRight)); 0 without an installation.
 * Rounds up per device. `maxInstallsPerRight` null is unlimited. Source: content/metrics/per-device.json.
 */
export function perDeviceLicences(installs: number, maxInstallsPerRight: number | null): number {
  if (installs <= 0) return 0;
  return Math.max(1, maxInstallsPerRight === null ? 0 : Math.ceil(installs / maxInstallsPerRight));
}
