import { useSyncExternalStore } from 'react';
import { en } from './messages/en.ts';

export type MessageKey = keyof typeof en;
/** A catalogue that may lack keys: what is missing is shown in English. */
export type Catalogue = Partial<Record<MessageKey, string>> & { [extra: `field.${string}` | `value.${string}`]: string };

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

let language: Language = 'en';
let catalogue: Catalogue = en;
const listeners = new Set<() => void>();

/** Loads a catalogue and shows the UI in it. Remembered in this browser; the account's own choice wins at sign-in. */
export async function switchLanguage(wanted: string): Promise<void> {
  const next: Language = wanted in languages ? (wanted as Language) : 'en';
  if (next === language) return;
  catalogue = next === 'de' ? (await import('./messages/de.ts')).de : en;
  language = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem('muster.language', next);
  } catch {
    // Storage may be forbidden; the choice then lasts for this page.
  }
  for (const listener of listeners) listener();
}

/** The language this browser used last, else the browser's own. */
export function rememberedLanguage(): string {
  try {
    const stored = localStorage.getItem('muster.language');
    if (stored) return stored;
  } catch {
    // As above.
  }
  return navigator.language.slice(0, 2);
}

export function currentLanguage(): Language {
  return language;
}

/** Re-renders the caller when the language changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => language,
  );
}

export type MessageParams = Record<string, string | number>;

/** The text of a message with `{name}` places filled in. */
export function t(key: MessageKey, params?: MessageParams): string {
  const text: string = catalogue[key] ?? en[key];
  if (!params) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}

type PluralKey = MessageKey extends infer K ? (K extends `${infer Stem}.one` ? Stem : never) : never;

/** The singular or plural of a message; `{count}` is the formatted number. */
export function tn(stem: PluralKey, count: number, params?: MessageParams): string {
  const form = new Intl.PluralRules(language).select(count) === 'one' ? 'one' : 'other';
  return t(`${stem}.${form}` as MessageKey, { count: new Intl.NumberFormat(language).format(count), ...params });
}

/** The label of a resource's field in the current language; the API's own English label when the catalogue has none. */
export function fieldLabel(label: string): string {
  return catalogue[`field.${label}`] ?? label;
}

/** The word for a value of an enumeration in the current language, if the catalogue has one. */
export function valueWord(value: string): string | undefined {
  return catalogue[`value.${value}`];
}
