import { useComputedColorScheme } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { t } from '../app/messages.ts';
import type { LineLook, TrendSeries } from './chart.ts';
import { number, plainDate } from './formatting.ts';
import { Unknown } from './ValueCell.tsx';

const tones = ['accent', 'good', 'bad', 'warning', 'neutral'] as const;
const lines = ['solid', 'dashed', 'dotted'] as const;
/** Told apart by colour and, past five, by how they are drawn. */
const lookOf = (index: number): LineLook => ({
  tone: tones[index % tones.length] ?? 'accent',
  line: lines[Math.floor(index / tones.length) % lines.length] ?? 'solid',
});

/** One question answered by lines over days; the figures stand in a table behind it, newest day first. */
export function TrendChart({
  title,
  unit,
  days,
  series,
}: {
  title: string;
  unit: string;
  days: string[];
  /** `name` is shown in the table in place of the label, for example as a link to the rows. */
  series: { label: string; values: (number | null)[]; name?: ReactNode }[];
}) {
  const element = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  const [asTable, setAsTable] = useState(false);
  const drawn = JSON.stringify([days.map(plainDate), series.map(({ label, values }, i) => ({ label, values, look: lookOf(i) }))]);
  useEffect(() => {
    let dispose: (() => void) | undefined;
    let gone = false;
    void import('./chart.ts').then(({ drawTrend }) => {
      if (gone || !element.current) return;
      const [labels, all] = JSON.parse(drawn) as [string[], TrendSeries[]];
      dispose = drawTrend(element.current, labels, all, unit);
    });
    return () => {
      gone = true;
      dispose?.();
    };
    // Drawn again when a figure, the unit or the colour scheme changes.
  }, [drawn, unit, scheme, asTable]);
  const last = series.map((s) => `${s.label} ${shown(s.values.at(-1))}`).join(', ');
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        <button type="button" className="link-button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? t('chart.asChart') : t('chart.asTable')}
        </button>
      </figcaption>
      {!asTable && (
        <>
          <ul className="chart-legend">
            {series.map((s, i) => (
              <li key={s.label}>
                <span data-tone={lookOf(i).tone} data-line={lookOf(i).line} />
                {s.name ?? s.label}
              </li>
            ))}
          </ul>
          <div ref={element} className="chart-area" role="img" aria-label={`${title}: ${last}`} />
        </>
      )}
      <div className={asTable ? 'scroll-x' : 'visually-hidden'} tabIndex={asTable ? 0 : undefined} role="region" aria-label={title}>
        <table className="simple">
          <caption className="visually-hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{t('chart.day')}</th>
              {series.map((s) => (
                <th key={s.label} scope="col" className="figure">
                  {asTable ? (s.name ?? s.label) : s.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days
              .map((day, i) => (
                <tr key={day}>
                  <th scope="row">{plainDate(day)}</th>
                  {series.map((s) => (
                    <td key={s.label} className="figure">
                      {s.values[i] === null || s.values[i] === undefined ? <Unknown /> : number(s.values[i])}
                    </td>
                  ))}
                </tr>
              ))
              .toReversed()}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

const shown = (value: number | null | undefined): string => (value === null || value === undefined ? '–' : number(value));
