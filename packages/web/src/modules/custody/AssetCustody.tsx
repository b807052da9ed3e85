import { Button, Group, TextInput } from '@mantine/core';
import { getAssetCustody, type AssetCustody, type CustodyPeriod } from '@muster/api/custody';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { absoluteTime, plainDate } from '../../ui/formatting.ts';
import { Facts, Loaded } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { RefLink } from '../../ui/ValueCell.tsx';
import type { ChosenAsset } from './CustodyDialog.tsx';
import { CheckInForm, CheckOutForm, ConditionForm, ExtendForm, PlaceForm } from './CustodyForms.tsx';
import { resourceOf } from './holder-resource.ts';

const custodyOf = (id: string) => apiQuery(getAssetCustody, { params: { id }, query: {} });

/** Who has it, since when and until when: part of the line under the title. What comes inside is said when nobody has it. */
export function CustodyLine({ id, children }: { id: string; children: ReactNode }) {
  const period = useQuery(custodyOf(id)).data?.custody;
  if (!period) return <>{children}</>;
  return (
    <>
      {t('asset.with')} <HolderLink period={period} /> {t('custody.since', { date: plainDate(period.from.slice(0, 10)) })}
      {period.dueOn && ', '}
      {period.dueOn &&
        (period.overdue ? (
          <StateBadge value="overdue" label={t('custody.overdueSince', { date: plainDate(period.dueOn) })} />
        ) : (
          t('custody.until', { date: plainDate(period.dueOn) })
        ))}
    </>
  );
}

/** Check out for what nobody has; check in, hand over and extend for what someone has. */
export function CustodyActions({ asset }: { asset: ChosenAsset }) {
  const [open, setOpen] = useState<'out' | 'in' | 'over' | 'extend' | null>(null);
  const facts = useQuery(custodyOf(asset.id)).data;
  const period = facts?.custody ?? null;
  useShortcuts(
    [
      {
        keys: 'c',
        label: period ? t('custody.checkIn') : t('custody.checkOut'),
        group: t('keys.thisPage'),
        run: () => setOpen(period ? 'in' : 'out'),
      },
    ],
    facts !== undefined,
  );
  if (!facts) return null;
  const close = (): void => setOpen(null);
  return (
    <>
      {period ? (
        <>
          <Button onClick={() => setOpen('in')}>{t('custody.checkIn')}</Button>
          <Button variant="default" onClick={() => setOpen('over')}>
            {t('custody.handOver')}
          </Button>
          <Button variant="default" onClick={() => setOpen('extend')}>
            {t('custody.extend')}
          </Button>
        </>
      ) : (
        <Button onClick={() => setOpen('out')}>{t('custody.checkOut')}</Button>
      )}
      {open === 'out' && <CheckOutForm assets={[asset]} onClose={close} />}
      {open === 'over' && <CheckOutForm assets={[asset]} onClose={close} over />}
      {open === 'in' && <CheckInForm assets={[asset]} onClose={close} />}
      {open === 'extend' && <ExtendForm assets={[asset]} dueOn={period?.dueOn ?? null} onClose={close} />}
    </>
  );
}

/** Says where it is, or in which condition, and leaves who has it. */
function FactActions({ asset }: { asset: ChosenAsset }) {
  const [open, setOpen] = useState<'place' | 'condition' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <Group gap="xs" mb="md">
      <Button variant="default" onClick={() => setOpen('place')}>
        {t('custody.changePlace')}
      </Button>
      <Button variant="default" onClick={() => setOpen('condition')}>
        {t('custody.setCondition')}
      </Button>
      {open === 'place' && <PlaceForm assets={[asset]} onClose={close} />}
      {open === 'condition' && <ConditionForm assets={[asset]} onClose={close} />}
    </Group>
  );
}

/** Who had it, where it was and in which condition, with the state of any day. `change` is the asset for whoever may change it. */
export function CustodyTab({ id, change }: { id: string; change?: ChosenAsset | undefined }) {
  const [day, setDay] = useState('');
  const query = useQuery(custodyOf(id));
  const then = useQuery({ ...apiQuery(getAssetCustody, { params: { id }, query: { as_of: day } }), enabled: day !== '' });
  return (
    <Loaded query={query}>
      {(facts) => (
        <>
          {change && <FactActions asset={change} />}
          <TextInput
            type="date"
            label={t('custody.asOf')}
            description={t('custody.asOfHint')}
            value={day}
            onChange={(event) => setDay(event.currentTarget.value)}
            maw={280}
          />
          {day !== '' && then.data && <AsOf facts={then.data} />}
          <History facts={facts} />
        </>
      )}
    </Loaded>
  );
}

function AsOf({ facts }: { facts: AssetCustody }) {
  return (
    <Facts
      items={[
        [t('custody.holder'), facts.custody ? <HolderLink key="h" period={facts.custody} /> : t('custody.asOfNobody')],
        [t('asset.place'), facts.placement ? facts.placement.place.label : t('custody.asOfNowhere')],
        [t('custody.condition'), facts.condition ? <StateBadge key="c" value={facts.condition.condition} /> : t('custody.asOfUnknown')],
      ]}
    />
  );
}

function History({ facts }: { facts: AssetCustody }) {
  const { custody, placements, conditions } = facts.history;
  if (custody.length + placements.length + conditions.length === 0)
    return <EmptyState title={t('custody.nobody')}>{t('custody.never')}</EmptyState>;
  return (
    <>
      <SimpleTable
        title={t('custody.who')}
        rows={custody}
        columns={[
          [t('custody.holder'), (p) => <HolderLink period={p} />],
          [t('custody.from'), (p) => absoluteTime(p.from)],
          [t('custody.to'), (p) => (p.to ? absoluteTime(p.to) : '–')],
          [t('custody.due'), (p) => (p.dueOn ? <DueDay period={p} /> : '–')],
          [t('custody.note'), (p) => [p.note, p.inNote].filter(Boolean).join(' · ') || '–'],
          [t('custody.by'), (p) => [p.outBy, p.inBy].filter(Boolean).join(' · ')],
        ]}
      />
      <SimpleTable
        title={t('custody.where')}
        rows={placements}
        columns={[
          [t('asset.place'), (p) => <RefLink to="places" value={p.place} />],
          [t('custody.from'), (p) => absoluteTime(p.from)],
          [t('custody.to'), (p) => (p.to ? absoluteTime(p.to) : '–')],
          [t('custody.note'), (p) => p.note ?? '–'],
          [t('custody.by'), (p) => p.actor ?? p.source ?? '–'],
        ]}
      />
      <SimpleTable
        title={t('custody.how')}
        rows={conditions}
        columns={[
          [t('custody.condition'), (p) => <StateBadge value={p.condition} />],
          [t('custody.from'), (p) => absoluteTime(p.from)],
          [t('custody.to'), (p) => (p.to ? absoluteTime(p.to) : '–')],
          [t('custody.note'), (p) => p.note ?? '–'],
          [t('custody.by'), (p) => p.actor ?? '–'],
        ]}
      />
    </>
  );
}

export function HolderLink({ period }: { period: CustodyPeriod }) {
  const { kind, id, label } = period.holder;
  return <RefLink to={resourceOf[kind]} value={{ id, label }} />;
}

export function DueDay({ period }: { period: CustodyPeriod }) {
  const day = period.dueOn === null ? null : plainDate(period.dueOn);
  if (day === null) return <>–</>;
  return period.overdue ? <StateBadge value="overdue" label={t('custody.overdueSince', { date: day })} /> : <>{day}</>;
}
