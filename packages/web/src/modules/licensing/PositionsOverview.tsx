import { getPositionSummary } from '@muster/api/licensing';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { number } from '../../ui/formatting.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { MoneyValue } from '../../ui/ValueCell.tsx';

/** How many positions stand how, and the money at stake. A press on a status shows its rows. */
export function PositionsOverview({ onStatus }: { onStatus: (status: string) => void }) {
  const query = useQuery(apiQuery(getPositionSummary, { query: { limit: 1 } }));
  const summary = query.data;
  if (!summary || summary.statuses.every((s) => s.count === 0)) return null;
  return (
    <div className="overview-strip">
      {summary.statuses
        .filter((s) => s.count > 0)
        .map((s) => (
          <button key={s.status} type="button" className="strip-item" onClick={() => onStatus(s.status)}>
            <span className="number strip-number">{number(s.count)}</span> <StateBadge value={s.status} />
          </button>
        ))}
      {summary.costToCure.map((m) => (
        <span key={m.currency} className="strip-item">
          {t('position.costToCure')} <MoneyValue value={m} />
        </span>
      ))}
      {summary.surplusValue.map((m) => (
        <span key={m.currency} className="strip-item">
          {t('position.surplusValue')} <MoneyValue value={m} />
        </span>
      ))}
    </div>
  );
}
