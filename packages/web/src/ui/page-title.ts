import { useEffect } from 'react';

/** The browser's title says the page first, then the application. */
export function useDocumentTitle(name: string): void {
  useEffect(() => {
    document.title = name ? `${name} · Muster` : 'Muster';
  }, [name]);
}
