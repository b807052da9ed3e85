import type { ReactNode } from 'react';
import { TimeAgo } from './ValueCell.tsx';

export interface TimelineItem {
  id: string;
  at: string;
  summary: ReactNode;
  /** Who or what made it happen. */
  by?: string | null;
  detail?: ReactNode;
}

/** What happened, newest first. */
export function Timeline({ items }: { items: TimelineItem[] }) {
  return (
    <ol className="timeline">
      {items.map((item) => (
        <li key={item.id}>
          <p className="timeline-summary">{item.summary}</p>
          {item.detail}
          <p className="timeline-meta">
            <TimeAgo at={item.at} />
            {item.by && <> · {item.by}</>}
          </p>
        </li>
      ))}
    </ol>
  );
}
