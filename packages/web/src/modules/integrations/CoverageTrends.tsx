import type { Coverage, CoverageTrend } from '@muster/api/connectors';
import { t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { CopyBlock } from '../../ui/CopyBlock.tsx';
import { listPath } from '../../ui/links.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { TrendChart } from '../../ui/TrendChart.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** What coverage came to day by day: where sources disagree, and what each of them sees. */
export function CoverageTrends({ trend }: { trend: CoverageTrend }) {
  if (trend.days.length === 0)
    return (
      <Section title={t('coverage.trendGaps')}>
        <p className="dimmed">{t('coverage.trendEmpty')}</p>
      </Section>
    );
  const days = trend.days.map((d) => d.day);
  const sources = trend.sources.filter((s) => s.days.some((d) => d.assets > 0));
  return (
    <div className="two-charts">
      <TrendChart
        title={t('coverage.trendGaps')}
        unit={t('coverage.assetsUnit')}
        days={days}
        series={[
          { label: t('coverage.managedWithoutAgent'), values: trend.days.map((d) => d.managedWithoutAgent) },
          { label: t('coverage.oneSource'), values: trend.days.map((d) => d.oneSource) },
          { label: t('coverage.onlyInNetwork'), values: trend.days.map((d) => d.onlyInNetwork) },
        ]}
      />
      <TrendChart
        title={t('coverage.trendSources')}
        unit={t('coverage.assetsUnit')}
        days={days}
        series={sources.map((s) => {
          const byDay = new Map(s.days.map((d) => [d.day, d.assets]));
          return {
            label: wordOf(s.source),
            name: <AppLink to={listPath('/coverage/assets', `sources:*${s.source}*`)}>{wordOf(s.source)}</AppLink>,
            values: days.map((day) => byDay.get(day) ?? null),
          };
        })}
      />
    </div>
  );
}

/** What was refused, by connector, ready to be given to whoever may grant it. Nothing when nothing was. */
export function MissingPermissions({ connectors }: { connectors: Coverage['connectors'] }) {
  const denied = connectors.flatMap((c) => {
    const permissions = [...new Set(c.cells.flatMap((cell) => (cell.state === 'denied' ? (cell.missingPermission ?? []) : [])))];
    return permissions.length === 0 ? [] : [{ connector: c.connector, permissions }];
  });
  if (denied.length === 0) return null;
  return (
    <Section title={t('coverage.grants')}>
      <p className="dimmed">{t('coverage.grantsHint')}</p>
      {denied.map(({ connector, permissions }) => (
        <div key={connector.id}>
          <AppLink to={`/connectors/${connector.id}`}>{connector.label}</AppLink>
          <CopyBlock text={permissions.join('\n')} label={`${t('coverage.grants')}: ${connector.label}`} />
        </div>
      ))}
    </Section>
  );
}
