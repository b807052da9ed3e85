import type { Tone } from './value-words.ts';

/** A few days side by side, small enough for a cell: the height is the figure, the tone the state. `label` says it in words. */
export function DayBars({ days, label }: { days: { day: string; height: number; tone: Tone; title: string }[]; label: string }) {
  const most = Math.max(1, ...days.map((d) => d.height));
  return (
    <span className="day-bars" role="img" aria-label={label}>
      {days.map((d) => (
        <span key={d.day} data-tone={d.tone} title={d.title} style={{ height: `${Math.max(8, Math.round((d.height / most) * 100))}%` }} />
      ))}
    </span>
  );
}
