import { useEffect, useRef, useSyncExternalStore } from 'react';

/** One key or a sequence such as `g a`, what it does, and where it is listed. */
export interface Shortcut {
  keys: string;
  label: string;
  group: string;
  run: (event: KeyboardEvent) => void;
}

let shortcuts: readonly Shortcut[] = [];
const listeners = new Set<() => void>();
let prefix = '';
let prefixTimer: ReturnType<typeof setTimeout> | undefined;
const prefixTimeoutMs = 1200;
/** A scanner types a whole code faster than this between two keys: what a key does waits so long, and is dropped when it was a scan. */
const scanGapMs = 45;
const waiting = new Set<ReturnType<typeof setTimeout>>();

/** The keys of the last moment were a scanner's, nobody's commands. */
export function dropWaitingShortcuts(): void {
  for (const timer of waiting) clearTimeout(timer);
  waiting.clear();
  prefix = '';
}

function runSoon(run: () => void): void {
  const timer = setTimeout(() => {
    waiting.delete(timer);
    run();
  }, scanGapMs);
  waiting.add(timer);
}

function changed(next: readonly Shortcut[]): void {
  shortcuts = next;
  for (const listener of listeners) listener();
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [role=combobox], [role=menu], [role=listbox]') !== null
  );
}

/** Keys are ours only when nobody types and no dialog is open. */
function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector('[role=dialog][aria-modal=true]')) return;
  const keys = prefix ? `${prefix} ${event.key}` : event.key;
  prefix = '';
  clearTimeout(prefixTimer);
  // The one registered last wins: a dialog's or tab's table over the page's.
  const match = shortcuts.findLast((s) => s.keys === keys);
  if (match) {
    event.preventDefault();
    runSoon(() => match.run(event));
  } else if (shortcuts.some((s) => s.keys.startsWith(`${event.key} `))) {
    prefix = event.key;
    prefixTimer = setTimeout(() => (prefix = ''), prefixTimeoutMs);
  }
}

/** Starts listening; called once by the shell. */
export function listenToShortcuts(): () => void {
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}

/** Registers shortcuts while the caller is mounted. The handlers may change with every render; the keys may not. */
export function useShortcuts(wanted: Shortcut[], enabled = true): void {
  const latest = useRef(wanted);
  useEffect(() => {
    latest.current = wanted;
  });
  const keys = wanted.map((s) => s.keys).join(',');
  useEffect(() => {
    if (!enabled) return;
    const mine = latest.current.map((s, index): Shortcut => ({ ...s, run: (event) => latest.current[index]?.run(event) }));
    changed([...shortcuts, ...mine]);
    return () => changed(shortcuts.filter((s) => !mine.includes(s)));
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the keys decide, not the functions behind them
  }, [keys, enabled]);
}

/** All shortcuts that work now, for the list behind `?`. */
export function useAllShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shortcuts,
  );
}
