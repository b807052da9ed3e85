import type { ReactNode } from 'react';
import { Section } from './RecordPage.tsx';

/** A short table of a record, all rows at once. Nothing at all when there are none. `true` aligns a figure to the right. */
export function SimpleTable<T>({
  title,
  rows,
  columns,
  actions,
}: {
  title: string;
  rows: T[];
  columns: [string, (row: T) => ReactNode, boolean?][];
  actions?: ReactNode;
}) {
  if (rows.length === 0) return null;
  return (
    <Section title={title} actions={actions}>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={title}>
        <table className="simple">
          <thead>
            <tr>
              {columns.map(([label, , figure]) => (
                <th key={label} scope="col" className={figure ? 'figure' : undefined}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              // The rows have no ids and never move: their place is their key.
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={index}>
                {columns.map(([label, cell, figure]) => (
                  <td key={label} className={figure ? 'figure' : undefined}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
