import { Button } from '@mantine/core';
import { assetListRoutes, type AssetValueField } from '@muster/api/assets';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { inThePast, useAsOf } from '../../ui/as-of.ts';
import { AsOfNotice, AsOfPicker } from '../../ui/AsOf.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { SelectionCustody } from '../custody/SelectionCustody.tsx';
import { ListPage } from '../../ui/RecordPage.tsx';
import { EditableCell, editableCells } from './EditableCell.tsx';
import { BulkActions } from '../bulk/BulkActions.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { LabelActions } from '../labels/LabelActions.tsx';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

const editing = {
  fields: editableCells,
  editor: (name: string, row: Parameters<typeof EditableCell>[0]['row'], onClose: () => void) => (
    <EditableCell row={row} field={name as AssetValueField} onClose={onClose} />
  ),
};

export function AssetsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const [asOf, setAsOf] = useAsOf();
  const resource = asOf === undefined ? assetListRoutes.resource : inThePast(assetListRoutes.resource);
  const sortable = state.sort.replace(/^-/, '') in resource.fields;
  return (
    <ListPage
      name={t('nav.assets')}
      line={
        <>
          <AppLink to="/models">{t('nav.models')}</AppLink> · <AppLink to="/keywords">{t('nav.keywords')}</AppLink>
        </>
      }
      actions={
        <>
          <AsOfPicker value={asOf} onChange={setAsOf} />
          {can('assets:write') && asOf === undefined && <Button onClick={() => follow('/assets/new')}>{t('asset.new')}</Button>}
        </>
      }
    >
      {asOf !== undefined && <AsOfNotice asOf={asOf} onBack={() => setAsOf(undefined)} />}
      <ResourceTable
        key={asOf ?? ''}
        resource={resource}
        source={asOf === undefined ? assetListRoutes : { ...assetListRoutes, query: { as_of: asOf } }}
        {...(asOf === undefined ? {} : { open: (row) => `/assets/${String(row.id)}?as_of=${encodeURIComponent(asOf)}` })}
        state={sortable ? state : { ...state, sort: '' }}
        onState={onState}
        {...(can('assets:write') && asOf === undefined ? { editing } : {})}
        alsoFields={['tag', 'serial']}
        selectionActions={
          can('assets:write') && asOf === undefined
            ? (rows, clear, chosen) => (
                <>
                  <BulkActions chosen={chosen} />
                  <SelectionCustody rows={rows} onDone={clear} />
                  <LabelActions assetIds={rows.map((row) => String(row.id))} />
                </>
              )
            : undefined
        }
        empty={
          <EmptyState title={t('asset.empty')} action={<AppLink to="/sources">{t('asset.emptyAction')}</AppLink>}>
            {t('asset.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}
