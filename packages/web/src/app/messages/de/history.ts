import type { Catalogue } from '../../messages.ts';

/** German for any date: the past of lists, records and fields. */
export const historyDe: Catalogue = {
  'asOf.button': 'Stand',
  'asOf.day': 'Zeigen, wie es war am Ende des',
  'asOf.show': 'Zeigen',
  'asOf.title': 'Sie sehen den Stand vom {time}',
  'asOf.hint': 'Die Assets, wie sie damals waren; Namen von Personen und Orten sind die heutigen. Hier lässt sich nichts ändern.',
  'asOf.recordHint':
    'Namen von Personen und Orten sind die heutigen. Was Quellen meldeten und wann es gesehen wurde, wird für die Vergangenheit nicht aufbewahrt.',
  'asOf.notExact': 'Die Vergangenheit wird erst seit später aufbewahrt: Das sind die frühesten bekannten Werte.',
  'asOf.back': 'Zurück zu heute',
  'asOf.historyOf': 'Verlauf von {field}',
  'asOf.restore': 'Wiederherstellen',
  'asOf.restoreValue': '{value} wiederherstellen',
  'asOf.restored': 'Von Hand auf den früheren Wert gesetzt',
  'asOf.keptSince': 'Die Vergangenheit wird seit {time} aufbewahrt.',
  'asOf.since': 'seit {from}',
  'asOf.between': '{from} bis {until}',
};
