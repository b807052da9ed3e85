import { Button, CloseButton, Group, List } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import { getPersonCustody, type CustodyPeriod } from '@muster/api/custody';
import type { Person } from '@muster/api/people';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { absoluteTime } from '../../ui/formatting.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { RefLink } from '../../ui/ValueCell.tsx';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { DueDay } from './AssetCustody.tsx';
import type { ChosenAsset } from './CustodyDialog.tsx';
import { CheckInForm, CheckOutForm } from './CustodyForms.tsx';

/** What a person holds and what is still due; for someone who starts what to give, for someone who leaves what to collect. */
export function PersonCustody({ person }: { person: Person }) {
  const { can } = useSession();
  const custody = useQuery(apiQuery(getPersonCustody, { params: { id: person.id } })).data;
  // The dialog keeps what it was opened with: what it has done leaves the list behind it.
  const [collecting, setCollecting] = useState<ChosenAsset[] | null>(null);
  const [giving, setGiving] = useState(false);
  if (!custody) return null;
  const { holds, past } = custody;
  const mayWrite = can('assets:write');
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
          {person.active && <Button onClick={() => setGiving(true)}>{t('custody.give')}</Button>}
        </Group>
      )}
      {holds.length === 0 && past.length === 0 ? (
        <Section title={t('custody.holds')}>
          <EmptyState title={t('person.holdsNothing')} />
        </Section>
      ) : (
        <>
          <Periods title={t('custody.holds')} rows={holds} />
          <Periods title={t('custody.held')} rows={past} />
        </>
      )}
      {collecting && <CheckInForm assets={collecting} onClose={() => setCollecting(null)} />}
      {giving && <GiveForm person={person} onClose={() => setGiving(false)} />}
    </>
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
        <>
          <RefSelect
            // Empty again after each choice.
            key={assets.length}
            routes={assetListRoutes}
            filter="state:in_stock"
            label={t('custody.giveSearch')}
            description={t('custody.giveHint')}
            value={null}
            onChange={(found) => found && !assets.some((a) => a.id === found.id) && setAssets([...assets, found])}
          />
          <List size="sm" listStyleType="none">
            {assets.map((asset) => (
              <List.Item key={asset.id}>
                <Group gap="xs" wrap="nowrap">
                  {asset.label}
                  <CloseButton
                    size="sm"
                    aria-label={t('custody.remove', { name: asset.label })}
                    onClick={() => setAssets(assets.filter((a) => a.id !== asset.id))}
                  />
                </Group>
              </List.Item>
            ))}
          </List>
        </>
      }
    />
  );
}
