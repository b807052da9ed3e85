import type { ScanWindow } from './scans.ts';

/** Whether scanning is allowed at this moment, by the machine's local time. A window may reach over midnight; equal ends mean always. */
export function isOpen(window: ScanWindow | null, now: Date): boolean {
  if (window === null || window.from === window.until) return true;
  const at = `${String(now.getHours()).padStart(2, '0')}:${String(now.getMinutes()).padStart(2, '0')}`;
  return window.from < window.until ? window.from <= at && at < window.until : at >= window.from || at < window.until;
}
