import { SegmentedControl } from '@mantine/core';
import { componentListRoutes } from '@muster/api/components';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { NetworkModules } from './NetworkTables.tsx';

type Show = 'current' | 'all';

/** The components of one asset: what is there, or also what was; for a network device also its modules. */
export function ComponentsTab({ id, networkDevice }: { id: string; networkDevice: boolean }) {
  const [state, onState] = useLocalListState({ columns: 'name,kind,manufacturer,model,serial,firstSeen,removedAt', sort: 'kind' });
  const [show, setShow] = useState<Show>('current');
  return (
    <>
      {networkDevice && <NetworkModules id={id} />}
      <SegmentedControl
        size="xs"
        mb="xs"
        aria-label={t('components.show')}
        value={show}
        onChange={(value) => setShow(value)}
        data={[
          { value: 'current', label: t('components.current') },
          { value: 'all', label: t('components.all') },
        ]}
      />
      <ResourceTable
        resource={componentListRoutes.resource}
        source={componentListRoutes}
        state={state}
        onState={onState}
        fixedFilter={show === 'current' ? `asset:${id} removed_at:null` : `asset:${id}`}
        embedded
        open={() => null}
        empty={<EmptyState title={t('components.none')}>{t('asset.noHardwareHint')}</EmptyState>}
      />
    </>
  );
}

/** The components of all assets: which one holds a serial number. */
export function ComponentsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.components')} line={t('components.line')}>
      <ResourceTable
        resource={componentListRoutes.resource}
        source={componentListRoutes}
        state={state}
        onState={onState}
        alsoFields={['asset']}
        open={(row) => (row.asset ? `/assets/${row.asset.id}?tab=components` : null)}
        empty={<EmptyState title={t('components.none')}>{t('asset.noHardwareHint')}</EmptyState>}
      />
    </ListPage>
  );
}
