import { custodyListRoutes } from '@muster/api/custody';
import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import type { ChosenAsset } from './CustodyDialog.tsx';
import { CheckInForm, ExtendForm } from './CustodyForms.tsx';

/** Who has and had what. */
export function CustodyPage() {
  return (
    <CustodyList
      name={t('nav.custody')}
      line={t('custody.listLine')}
      empty={<EmptyState title={t('custody.listEmpty')}>{t('custody.listEmptyHint')}</EmptyState>}
    />
  );
}

/** What is late. */
export function OverduePage() {
  return (
    <CustodyList
      name={t('nav.overdue')}
      line={t('custody.overdueLine')}
      fixed="state:overdue"
      empty={<EmptyState title={t('custody.overdueEmpty')} />}
    />
  );
}

function CustodyList({ name, line, fixed, empty }: { name: string; line: string; fixed?: string; empty: ReactNode }) {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [open, setOpen] = useState<{ what: 'in' | 'extend'; assets: ChosenAsset[]; dueOn: string | null } | null>(null);
  return (
    <ListPage name={name} line={line}>
      <ResourceTable
        resource={custodyListRoutes.resource}
        source={custodyListRoutes}
        state={state}
        onState={onState}
        {...(fixed ? { fixedFilter: fixed } : {})}
        alsoFields={['dueOn', 'current', 'asset']}
        open={(row) => (row.asset ? `/assets/${row.asset.id}?tab=custody` : null)}
        cells={{ asset: (row) => row.asset && <AppLink to={`/assets/${row.asset.id}?tab=custody`}>{row.asset.label}</AppLink> }}
        selectable={can('assets:write')}
        selectionActions={
          can('assets:write')
            ? (rows) => {
                const assets = rows.flatMap((row) => (row.asset && row.current ? [row.asset] : []));
                return (
                  <>
                    <Button
                      variant="default"
                      size="compact-xs"
                      disabled={assets.length === 0}
                      onClick={() => setOpen({ what: 'in', assets, dueOn: null })}
                    >
                      {t('custody.checkIn')}
                    </Button>
                    <Button
                      variant="default"
                      size="compact-xs"
                      disabled={assets.length === 0}
                      onClick={() => setOpen({ what: 'extend', assets, dueOn: rows[0]?.dueOn ?? null })}
                    >
                      {t('custody.extend')}
                    </Button>
                  </>
                );
              }
            : undefined
        }
        empty={empty}
      />
      {open?.what === 'in' && <CheckInForm assets={open.assets} onClose={() => setOpen(null)} />}
      {open?.what === 'extend' && <ExtendForm assets={open.assets} dueOn={open.dueOn} onClose={() => setOpen(null)} />}
    </ListPage>
  );
}
