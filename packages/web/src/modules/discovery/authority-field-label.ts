import { assetResource, type AssetValueField } from '@muster/api/assets';
import { fieldLabel, t } from '../../app/messages.ts';

/** The label of a field that a source may give a value. */
export function authorityFieldLabel(field: string | null): string {
  if (field === null) return t('authority.anyField');
  return field === 'notes' ? t('asset.notes') : fieldLabel(assetResource.fields[field as Exclude<AssetValueField, 'notes'>].label);
}
