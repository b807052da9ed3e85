import { Progress } from '@mantine/core';
import { getAssetNetwork, type AssetNetwork } from '@muster/api/network';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { number, plainDate } from '../../ui/formatting.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

type Supply = AssetNetwork['supplies'][number];
type Power = NonNullable<AssetNetwork['power']>;

/** Readings of pages that are shown; the API answers all. */
const shownReadings = 14;
/** A supply of which less is left stands out. */
const lowPercent = 15;

/** What a printer or a UPS measures of itself; nothing for other devices. */
export function DeviceMeasures({ id }: { id: string }) {
  const query = useQuery(apiQuery(getAssetNetwork, { params: { id } }));
  if (!query.data) return null;
  const { supplies, pages, power } = query.data;
  return (
    <>
      {power && <PowerSection power={power} />}
      <SupplyTable rows={supplies} />
      <PageTable rows={pages} />
    </>
  );
}

function SupplyTable({ rows }: { rows: Supply[] }) {
  return (
    <SimpleTable
      title={t('measures.supplies')}
      actions={rows[0] && <ToldBy source={rows[0].source} at={rows[0].seenAt} />}
      rows={rows}
      columns={[
        [t('hardware.name'), (s) => s.name],
        [t('hardware.type'), (s) => wordOf(s.kind)],
        [t('measures.colour'), (s) => (s.colour === null ? <Unknown word={t('none.none')} /> : wordOf(s.colour))],
        [t('measures.left'), (s) => <Left supply={s} />],
        [t('measures.capacity'), (s) => amount(s.capacity, s.unit), true],
      ]}
    />
  );
}

function Left({ supply }: { supply: Supply }): ReactNode {
  const { name, percent, state, level, unit } = supply;
  if (percent === null) return state !== null ? t(`measures.state.${state}`) : amount(level, unit);
  return (
    <span className="supply-level">
      <Progress value={percent} color={percent < lowPercent ? 'red' : 'accent'} size="sm" aria-label={name} />
      <span className="number">{number(percent)} %</span>
    </span>
  );
}

const amount = (value: number | null, unit: string | null): ReactNode =>
  value === null ? <Unknown /> : `${number(value)}${unit === null ? '' : ` ${unit}`}`;

function PageTable({ rows }: { rows: AssetNetwork['pages'] }) {
  const count = (value: number | null): ReactNode => (value === null ? <Unknown /> : number(value));
  return (
    <SimpleTable
      title={t('measures.pages')}
      rows={rows.slice(0, shownReadings)}
      columns={[
        [t('measures.day'), (p) => plainDate(p.day)],
        [t('measures.total'), (p) => count(p.total), true],
        [t('measures.black'), (p) => count(p.black), true],
        [t('measures.inColour'), (p) => count(p.inColour), true],
        [t('measures.duplex'), (p) => count(p.duplex), true],
        [t('measures.scanned'), (p) => count(p.scanned), true],
      ]}
    />
  );
}

function PowerSection({ power }: { power: Power }) {
  const facts: [string, string | null][] = [
    [t('measures.battery'), power.batteryStatus === null ? null : t(`measures.battery.${power.batteryStatus}`)],
    [t('measures.onBattery'), power.onBattery === null ? null : power.onBattery ? t('value.yes') : t('value.no')],
    [t('measures.charge'), percent(power.chargePercent)],
    [t('measures.runtime'), power.runtimeMinutes === null ? null : tn('measures.minutes', power.runtimeMinutes)],
    [t('measures.load'), percent(power.loadPercent)],
    [t('measures.input'), volts(power.inputVolts)],
    [t('measures.output'), volts(power.outputVolts)],
  ];
  return (
    <Section title={t('measures.power')} actions={<ToldBy source={power.source} at={power.seenAt} />}>
      <dl className="facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value ?? <Unknown />}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

const percent = (value: number | null): string | null => (value === null ? null : `${number(value)} %`);
const volts = (value: number | null): string | null => (value === null ? null : `${number(value)} V`);

function ToldBy({ source, at }: { source: string; at: string }) {
  return (
    <span className="dimmed">
      {wordOf(source)} · <TimeAgo at={at} />
    </span>
  );
}
