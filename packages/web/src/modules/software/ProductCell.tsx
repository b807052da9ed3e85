import type { Ref } from '@muster/api/fields';
import { t } from '../../app/messages.ts';
import { RefLink, Unknown } from '../../ui/ValueCell.tsx';

/** What a title was recognised as. A component or update is known and yet no product of its own. */
export function ProductCell({ product, kind }: { product: Ref | null | undefined; kind: string | null | undefined }) {
  if (product) return <RefLink to="products" value={product} />;
  const isKnown = kind !== null && kind !== undefined && kind !== 'unknown' && kind !== 'product';
  return <Unknown word={isKnown ? t('none.none') : t('none.unrecognised')} />;
}
