import type { Catalogue } from '../../messages.ts';

/** German for models. */
export const modelsDe: Catalogue = {
  'nav.models': 'Modelle',
  'model.line': 'Was von einer Bauart bekannt ist, und die Werte, die sie ihren Assets gibt.',
  'model.empty': 'Noch keine Modelle',
  'model.emptyHint': 'Legen Sie eines an, um allen Assets mit seinem Hersteller und Namen Werte zu geben.',
  'model.new': 'Neues Modell',
  'model.edit': '{name} bearbeiten',
  'model.name': 'Name',
  'model.manufacturer': 'Hersteller',
  'model.class': 'Klasse',
  'model.own': 'Eigene Felder des Modells',
  'model.given': 'Werte, die es seinen Assets gibt',
  'model.assets': 'Assets dieses Modells',
  'model.noAssets': 'Kein Asset ist von diesem Modell',
};
