/** Texts of models. */
export const modelsEn = {
  'nav.models': 'Models',
  'model.line': 'What is known of a make of thing, and the values that it gives to its assets.',
  'model.empty': 'No models yet',
  'model.emptyHint': 'Add one to give values to all assets that have its manufacturer and name.',
  'model.new': 'New model',
  'model.edit': 'Edit {name}',
  'model.name': 'Name',
  'model.manufacturer': 'Manufacturer',
  'model.class': 'Class',
  'model.own': 'Custom fields of the model',
  'model.given': 'Values that it gives to its assets',
  'model.assets': 'Assets of this model',
  'model.noAssets': 'No asset is of this model',
} as const;
