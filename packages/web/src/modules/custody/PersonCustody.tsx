import { Button, Checkbox, Group } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import { getPersonCustody, type CustodyPeriod } from '@muster/api/custody';
import type { Person } from '@muster/api/people';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, keyOf } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { absoluteTime } from '../../ui/formatting.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { RefList } from '../../ui/RefList.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { listPath } from '../../ui/links.ts';
import { RefLink } from '../../ui/ValueCell.tsx';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { DueDay } from './AssetCustody.tsx';
import type { ChosenAsset } from './CustodyDialog.tsx';
import { GiveKitDialog } from '../handover/GiveKitDialog.tsx';
import { CheckInForm, CheckOutForm } from './CustodyForms.tsx';

/** What a person holds and what is still due; for someone who starts what to give, for someone who leaves what to collect. */
export function PersonCustody({ person }: { person: Person }) {
  const { can } = useSession();
  const custody = useQuery(apiQuery(getPersonCustody, { params: { id: person.id } })).data;
  // The dialog keeps what it was opened with: what it has done leaves the list behind it.
  const [collecting, setCollecting] = useState<ChosenAsset[] | null>(null);
  const [giving, setGiving] = useState<'assets' | 'kit' | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const reported = useReported(person.id);
  if (!custody) return null;
  const { holds, past } = custody;
  const mayWrite = can('assets:write');
  const back = holds.filter((p) => chosen.has(p.asset.id)).map((p) => p.asset);
  const others = reported.filter((asset) => !holds.some((p) => p.asset.id === asset.id));
  const choose = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <>
      {!person.active && holds.length > 0 && <WarningNotice title={t('custody.leaver', { count: tn('custody.assets', holds.length) })} />}
      {mayWrite && (
        <Group gap="xs" mt="md">
          {holds.length > 0 && (
            <Button variant={person.active ? 'default' : 'filled'} onClick={() => setCollecting(holds.map((p) => p.asset))}>
              {t('custody.collectAll', { count: holds.length })}
            </Button>
          )}
          {back.length > 0 && (
            <Button variant="default" onClick={() => setCollecting(back)}>
              {t('custody.collectChosen', { count: back.length })}
            </Button>
          )}
          {person.active && (
            <>
              <Button variant="default" onClick={() => setGiving('assets')}>
                {t('custody.give')}
              </Button>
              <Button onClick={() => setGiving('kit')}>{t('kit.give')}</Button>
            </>
          )}
        </Group>
      )}
      {holds.length === 0 && past.length === 0 && others.length === 0 ? (
        <Section title={t('custody.holds')}>
          <EmptyState title={t('person.holdsNothing')} />
        </Section>
      ) : (
        <>
          <Held person={person} holds={holds} others={others} chosen={chosen} onChoose={mayWrite ? choose : null} />
          <Periods title={t('custody.held')} rows={past} />
        </>
      )}
      {collecting && <CheckInForm assets={collecting} onClose={() => setCollecting(null)} />}
      {giving === 'assets' && <GiveForm person={person} onClose={() => setGiving(null)} />}
      {giving === 'kit' && <GiveKitDialog person={{ id: person.id, label: person.name }} onClose={() => setGiving(null)} />}
    </>
  );
}

/** As many as a page of the list; a person with more has the list itself. */
const mostReported = 200;

/** The assets whose record names the person, by a source or by hand: also those that nobody checked out. */
function useReported(personId: string): ChosenAsset[] {
  const query = { filter: `person:${personId}`, fields: 'id,name,tag,serial', limit: mostReported, total: 'none' as const };
  const found = useQuery({
    queryKey: [...keyOf(assetListRoutes.list, { query }), 'of a person'],
    queryFn: async ({ signal }) => (await call(assetListRoutes.list, { query, signal })).data.items,
  });
  return (found.data ?? []).flatMap((row) => (row.id ? [{ id: row.id, label: row.name ?? row.tag ?? row.serial ?? row.id }] : []));
}

interface HeldProps {
  person: Person;
  holds: CustodyPeriod[];
  /** Named by their record, without a check-out. */
  others: ChosenAsset[];
  chosen: ReadonlySet<string>;
  onChoose: ((id: string, on: boolean) => void) | null;
}

/** Everything a person has, in one list: what was checked out and what only sources tell of. */
function Held({ person, holds, others, chosen, onChoose }: HeldProps) {
  const rows: { asset: ChosenAsset; period: CustodyPeriod | null }[] = [
    ...holds.map((period) => ({ asset: period.asset, period })),
    ...others.map((asset) => ({ asset, period: null })),
  ];
  return (
    <SimpleTable
      title={t('custody.holds')}
      rows={rows}
      actions={<AppLink to={listPath('/assets', `person:${person.id}`)}>{t('custody.asList')}</AppLink>}
      columns={[
        [
          t('custody.holder.asset'),
          ({ asset, period }) => (
            <Group gap="xs" wrap="nowrap">
              {onChoose && period && (
                <Checkbox
                  size="xs"
                  aria-label={t('custody.choose', { name: asset.label })}
                  checked={chosen.has(asset.id)}
                  onChange={(event) => onChoose(asset.id, event.currentTarget.checked)}
                />
              )}
              <RefLink to="assets" value={asset} />
            </Group>
          ),
        ],
        [t('custody.from'), ({ period }) => (period ? absoluteTime(period.from) : '–')],
        [t('custody.due'), ({ period }) => (period ? <DueDay period={period} /> : '–')],
        [t('custody.note'), ({ period }) => (period ? (period.note ?? '–') : t('custody.reported'))],
      ]}
    />
  );
}

function Periods({ title, rows }: { title: string; rows: CustodyPeriod[] }) {
  return (
    <SimpleTable
      title={title}
      rows={rows}
      columns={[
        [t('custody.holder.asset'), (p) => <RefLink to="assets" value={p.asset} />],
        [t('custody.from'), (p) => absoluteTime(p.from)],
        [t('custody.to'), (p) => (p.to ? absoluteTime(p.to) : '–')],
        [t('custody.due'), (p) => <DueDay period={p} />],
        [t('custody.note'), (p) => p.note ?? '–'],
      ]}
    />
  );
}

/** Several assets in stock, found one after the other, for one person. */
function GiveForm({ person, onClose }: { person: Person; onClose: () => void }) {
  const [assets, setAssets] = useState<ChosenAsset[]>([]);
  return (
    <CheckOutForm
      assets={assets}
      to={{ id: person.id, label: person.name }}
      onClose={onClose}
      above={
        <RefList
          routes={assetListRoutes}
          filter="state:in_stock"
          label={t('custody.giveSearch')}
          description={t('custody.giveHint')}
          value={assets}
          onChange={setAssets}
        />
      }
    />
  );
}
