import type { Catalogue } from '../../messages.ts';

/** German for what a signed link opens. */
export const handoverDe: Catalogue = {
  'accept.title': 'Übergabeprotokoll',
  'accept.handedOver': 'Übergeben von {by} an {to}',
  'accept.name': 'Ihr Name',
  'accept.nameHint': 'Er gilt als Ihre Unterschrift.',
  'accept.accept': 'Annehmen und unterschreiben',
  'accept.decline': 'Ablehnen',
  'accept.accepted': 'Danke, es ist angenommen. Sie können diese Seite schließen.',
  'accept.declined': 'Es ist abgelehnt. Wer es übergeben hat, sieht das.',
};
