import { useEffect, useRef } from 'react';
import { t } from '../../app/messages.ts';
import { dropWaitingShortcuts, isTyping } from '../../app/shortcuts.ts';
import { useFollow } from '../../ui/AppLink.tsx';
import { say } from '../../ui/forms.ts';
import { addScan, lookUp, scanSet } from './scan-set.ts';
import { Wedge } from './wedge.ts';

/** Listens for a wedge scanner on every page: one code opens its asset; while scanning is kept up, codes go to the set. */
export function useScanner(enabled: boolean): void {
  const follow = useFollow();
  const latest = useRef(follow);
  useEffect(() => {
    latest.current = follow;
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const wedge = new Wedge();
    const onKeyDown = (event: KeyboardEvent): void => {
      const isBusy = document.querySelector('[role=dialog][aria-modal=true]') !== null;
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || isBusy) return wedge.reset();
      const state = wedge.feed(event.key, event.timeStamp);
      if (state.kind === 'none') return;
      dropWaitingShortcuts();
      // Enter would press the button that has the focus.
      event.preventDefault();
      event.stopImmediatePropagation();
      if (state.kind === 'code') void takeCode(state.code, (to) => latest.current(to));
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [enabled]);
}

/** Does with a scanned code what is wanted now. */
export async function takeCode(code: string, follow: (to: string) => void): Promise<void> {
  if (scanSet().keep) {
    await addScan(code);
    if (window.location.pathname !== '/scan') say(t('scan.added', { code, count: scanSet().items.length }));
    return;
  }
  try {
    const answer = await lookUp(code);
    if (answer.asset) return follow(`/assets/${answer.asset.id}`);
    await addScan(code, answer);
  } catch {
    await addScan(code);
  }
  follow('/scan');
}
