import { useSyncExternalStore } from 'react';

/** Whether the server said that the session has ended. Kept outside React so that the query cache can say it. */
let ended = false;
const listeners = new Set<() => void>();

function set(value: boolean): void {
  if (ended === value) return;
  ended = value;
  for (const listener of listeners) listener();
}

export function sessionEnded(): void {
  set(true);
}

export function sessionRenewed(): void {
  set(false);
}

export function useSessionEnded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ended,
  );
}
