import type { NotificationFacts } from './notifications.ts';

type Language = 'en' | 'de';
type Words = Record<Language, (f: Said) => string>;
interface Said {
  /** A fact as text; an unknown one is empty. */
  readonly s: (key: string) => string;
  readonly n: (key: string) => number;
  readonly list: (key: string) => string;
  readonly day: (key: string) => string;
}

const some = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** One sentence per kind, in the languages of mails; the page in the browser says the same. */
const sentences: Record<string, Words> = {
  warranty_ending: {
    en: (f) => `The warranty of ${f.s('label')} ends on ${f.day('on')}.`,
    de: (f) => `Die Garantie von ${f.s('label')} endet am ${f.day('on')}.`,
  },
  custody_due: {
    en: (f) =>
      f.s('phase') === 'overdue'
        ? `${f.s('label')} is overdue: ${f.s('holder')} was to give it back on ${f.day('on')}.`
        : `${f.s('label')} is due: ${f.s('holder')} is to give it back on ${f.day('on')}.`,
    de: (f) =>
      f.s('phase') === 'overdue'
        ? `${f.s('label')} ist überfällig: ${f.s('holder')} sollte es am ${f.day('on')} zurückgeben.`
        : `${f.s('label')} ist fällig: ${f.s('holder')} soll es am ${f.day('on')} zurückgeben.`,
  },
  stock_low: {
    en: (f) => `${f.s('label')} is low: ${f.s('onHand')} ${f.s('unit')} on hand.`,
    de: (f) => `${f.s('label')} geht zur Neige: noch ${f.s('onHand')} ${f.s('unit')} vorhanden.`,
  },
  acceptance_pending: {
    en: (f) => `${f.s('person')} has not accepted the hand-over document ${f.s('label')} yet.`,
    de: (f) => `${f.s('person')} hat das Übergabeprotokoll ${f.s('label')} noch nicht angenommen.`,
  },
  asset_stale: {
    en: (f) => `${f.s('label')} is ${f.s('freshness').replaceAll('_', ' ')}: last seen on ${f.day('seen')}.`,
    de: (f) =>
      `${f.s('label')} ${f.s('freshness') === 'stale' ? 'meldet sich nicht mehr' : f.s('freshness') === 'missing' ? 'fehlt' : 'ist wohl auszumustern'}: zuletzt gesehen am ${f.day('seen')}.`,
  },
  view_changed: {
    en: (f) =>
      `The view “${f.s('label')}” has ${some(f.n('added'), 'new row', 'new rows')}${f.list('addedLabels')}, ${f.n('removed')} gone${f.list('removedLabels')}.`,
    de: (f) =>
      `Die Ansicht „${f.s('label')}“ hat ${some(f.n('added'), 'neue Zeile', 'neue Zeilen')}${f.list('addedLabels')}, ${f.n('removed')} entfallen${f.list('removedLabels')}.`,
  },
  lifecycle: {
    en: (f) => `${f.s('label')}: ${f.s('message') || f.s('transition')} (by ${f.s('by')}).`,
    de: (f) => `${f.s('label')}: ${f.s('message') || f.s('transition')} (durch ${f.s('by')}).`,
  },
};

/** What a notification says to people; a kind that is not known is named. */
export function notificationSentence(kind: string, facts: NotificationFacts, language: Language): string {
  const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  const said: Said = {
    s: (key) => text(facts[key]),
    n: (key) => Number(facts[key] ?? 0),
    list: (key) => {
      const value = facts[key];
      return Array.isArray(value) && value.length > 0
        ? ` (${value.join(', ')}${value.length < Number(facts[key.replace('Labels', '')]) ? ', …' : ''})`
        : '';
    },
    day: (key) => dayIn(text(facts[key]), language),
  };
  return sentences[kind]?.[language](said) ?? `${kind}: ${text(facts['label'])}`;
}

/** 2026-03-31, or 31.03.2026 in German. */
function dayIn(day: string, language: Language): string {
  const [year, month, date] = day.slice(0, 10).split('-');
  return language === 'de' && date ? `${date}.${month}.${year}` : day.slice(0, 10);
}

/** Where a notification leads in the web UI; null when its subject has no page. */
export function notificationPath(n: {
  kind: string;
  subjectType: string | null;
  subjectId: string;
  facts: NotificationFacts;
}): string | null {
  if (n.subjectType === null) return null;
  const page = pages[n.subjectType];
  if (n.kind !== 'view_changed') return page === undefined ? null : `${page}/${n.subjectId}`;
  const query = ['q', 'filter', 'sort'].flatMap((key) => {
    const value = n.facts[key];
    return typeof value === 'string' && value !== '' ? [`${key}=${encodeURIComponent(value)}`] : [];
  });
  return `${page ?? `/${n.subjectType}`}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}
const pages: Record<string, string> = { assets: '/assets', 'stock-items': '/stock', people: '/people' };
