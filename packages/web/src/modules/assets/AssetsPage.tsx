import { Button } from '@mantine/core';
import { assetListRoutes, type AssetValueField } from '@muster/api/assets';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ListPage } from '../../ui/RecordPage.tsx';
import { EditableCell, editableCells } from './EditableCell.tsx';
import { BulkActions } from '../bulk/BulkActions.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable, type RowsChosen } from '../../ui/table/ResourceTable.tsx';

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
  return (
    <ListPage
      name={t('nav.assets')}
      actions={can('assets:write') && <Button onClick={() => follow('/assets/new')}>{t('asset.new')}</Button>}
    >
      <ResourceTable
        resource={assetListRoutes.resource}
        source={assetListRoutes}
        state={state}
        onState={onState}
        {...(can('assets:write') ? { editing, selectionActions: (chosen: RowsChosen) => <BulkActions chosen={chosen} /> } : {})}
        empty={
          <EmptyState title={t('asset.empty')} action={<AppLink to="/sources">{t('asset.emptyAction')}</AppLink>}>
            {t('asset.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}
