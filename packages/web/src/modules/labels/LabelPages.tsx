import { Button } from '@mantine/core';
import { labelTemplateListRoutes } from '@muster/api/labels';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

/** The templates, and the way to stickers, numbers and found items. */
export function LabelTemplatesPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const add = can('assets:write') && <Button onClick={() => follow('/labels/new')}>{t('labels.new')}</Button>;
  return (
    <ListPage
      name={t('nav.labels')}
      line={
        <>
          <AppLink to="/scan">{t('nav.scan')}</AppLink> · <AppLink to="/stickers">{t('nav.stickers')}</AppLink> ·{' '}
          <AppLink to="/tag-sequences">{t('nav.tagSequences')}</AppLink> · <AppLink to="/found">{t('nav.found')}</AppLink>
        </>
      }
      actions={add}
    >
      <ResourceTable
        resource={labelTemplateListRoutes.resource}
        source={labelTemplateListRoutes}
        state={state}
        onState={onState}
        empty={
          <EmptyState title={t('labels.empty')} action={add}>
            {t('labels.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}
