import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { t } from '../app/messages.ts';
import type { WaterfallBar } from './chart.ts';
import { AppLink, useFollow } from './AppLink.tsx';

export type { WaterfallBar };

/** One question, answered by bars that build on each other; the figures stand in a table behind it and every bar opens its rows. */
export function WaterfallChart({ title, unit, bars }: { title: string; unit: string; bars: (WaterfallBar & { path: string | null })[] }) {
  const element = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const follow = useFollow();
  const [asTable, setAsTable] = useState(false);
  const latest = useRef({ bars, follow });
  useEffect(() => {
    latest.current = { bars, follow };
  });
  const drawn = JSON.stringify(bars);
  useEffect(() => {
    let dispose: (() => void) | undefined;
    let gone = false;
    void import('./chart.ts').then(({ drawWaterfall }) => {
      if (gone || !element.current) return;
      dispose = drawWaterfall(element.current, latest.current.bars, unit, (index) => {
        const path = latest.current.bars[index]?.path;
        if (path) latest.current.follow(path);
      });
    });
    return () => {
      gone = true;
      dispose?.();
    };
    // Drawn again when a figure, the unit or the colour scheme changes.
  }, [drawn, unit, scheme, asTable]);
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <button type="button" className="link-button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? t('chart.asChart') : t('chart.asTable')}
        </button>
      </figcaption>
      {!asTable && (
        <div
          ref={element}
          className="chart-area"
          role="img"
          aria-label={`${title}: ${bars.map((b) => `${b.label} ${b.text}`).join(', ')}`}
        />
      )}
      <table className={asTable ? 'simple' : 'visually-hidden'}>
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('chart.figure')}</th>
            <th scope="col" className="figure">
              {unit}
            </th>
          </tr>
        </thead>
        <tbody>
          {bars.map((b) => (
            <tr key={b.label}>
              <th scope="row">{b.path ? <AppLink to={b.path}>{b.label}</AppLink> : b.label}</th>
              <td className="figure">{b.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
