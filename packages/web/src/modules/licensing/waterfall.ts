import type { Position } from '@muster/api/licensing';
import { t } from '../../app/messages.ts';
import { number, range } from '../../ui/formatting.ts';
import type { WaterfallBar } from '../../ui/chart.ts';
import type { Figure } from '../../ui/DerivationTree.tsx';

interface Paths {
  owned: string;
  demands: (filter: string) => string;
  derivation: (figure: Figure) => string;
}

/**
 * Owned, what of it is used, what is left over, what is required and what is short. Sure figures make the bars; what depends
 * on missing facts is a bar of its own, so that missing data never looks like a shortfall.
 */
export function waterfallOf(p: Position, paths: Paths): (WaterfallBar & { path: string | null })[] {
  const owned = p.owned;
  const surely = p.required.min;
  const doubt = p.required.max - p.required.min;
  const bars: (WaterfallBar & { path: string | null })[] = [];
  if (owned !== null) bars.push({ label: t('figure.owned'), from: 0, to: owned, tone: 'accent', text: number(owned), path: paths.owned });
  bars.push({
    label: t('figure.covered'),
    from: 0,
    to: p.covered,
    tone: 'good',
    text: number(p.covered),
    path: paths.demands('covered>0'),
  });
  if (p.surplus.max > 0 && owned !== null)
    bars.push({
      label: t('figure.surplus'),
      from: owned - p.surplus.max,
      to: owned,
      tone: 'info',
      text: range(p.surplus),
      path: paths.derivation('surplus'),
    });
  if (p.shortfall.min > 0)
    bars.push({
      label: t('figure.shortfall'),
      from: surely - p.shortfall.min,
      to: surely,
      tone: 'bad',
      text: number(p.shortfall.min),
      path: paths.demands('is_short:true'),
    });
  if (doubt > 0)
    bars.push({
      label: t('figure.doubt'),
      from: surely,
      to: p.required.max,
      tone: 'neutral',
      text: `+${number(doubt)}`,
      path: paths.demands('is_range:true'),
    });
  bars.push({ label: t('figure.required'), from: 0, to: surely, tone: 'neutral', text: range(p.required), path: paths.demands('') });
  return bars;
}
