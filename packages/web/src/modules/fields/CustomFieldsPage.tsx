import { Button, Group } from '@mantine/core';
import { archiveCustomField, customFieldListRoutes, getCustomField, updateCustomField } from '@muster/api/custom-fields';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { CustomFieldDialog } from './CustomFieldDialog.tsx';

/** Settings: the fields the organisation adds to its records. */
export function CustomFieldsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const mayChange = can('settings:write');
  const [making, setMaking] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const archive = useChange((id: string) => call(archiveCustomField, { params: { id } }), { message: t('customField.archived') });
  const restore = useChange(
    async (id: string) => {
      const { data } = await call(getCustomField, { params: { id } });
      return call(updateCustomField, { params: { id }, ifMatch: `"${data.version}"`, body: { archived: false } });
    },
    { message: t('customField.restored') },
  );
  const add = mayChange && <Button onClick={() => setMaking(true)}>{t('customField.new')}</Button>;
  return (
    <ListPage name={t('nav.customFields')} line={t('customField.line')} actions={add}>
      <ProblemNotice error={archive.error ?? restore.error} />
      <ResourceTable
        resource={customFieldListRoutes.resource}
        source={customFieldListRoutes}
        state={state}
        onState={onState}
        open={() => null}
        alsoFields={['archived']}
        cells={{ key: (row) => <span className="mono">{row.key}</span>, class: (row) => row.class?.label ?? t('customField.allClasses') }}
        rowActions={
          mayChange
            ? (row) =>
                row.archived ? (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    aria-label={t('customField.restore', { name: row.label ?? '' })}
                    onClick={() => row.id && restore.mutate(row.id)}
                  >
                    {t('customField.restore', { name: '' }).trim()}
                  </Button>
                ) : (
                  <Group gap={4} wrap="nowrap">
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={t('customField.editOf', { name: row.label ?? '' })}
                      onClick={() => setEditing(row.id ?? null)}
                    >
                      {t('customField.edit')}
                    </Button>
                    <ConfirmButton
                      label={t('customField.archive')}
                      question={t('customField.archiveQuestion')}
                      onConfirm={() => row.id && archive.mutate(row.id)}
                    />
                  </Group>
                )
            : undefined
        }
        empty={
          <EmptyState title={t('customField.empty')} action={add}>
            {t('customField.emptyHint')}
          </EmptyState>
        }
      />
      {making && <CustomFieldDialog onClose={() => setMaking(false)} />}
      {editing && <EditField key={editing} id={editing} onClose={() => setEditing(null)} />}
    </ListPage>
  );
}

/** Opens the dialog on what is stored now: a version of before would be refused. */
function EditField({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery({ ...apiQuery(getCustomField, { params: { id } }), gcTime: 0 });
  if (query.error) return <ProblemNotice error={query.error} />;
  return query.data ? <CustomFieldDialog field={query.data} onClose={onClose} /> : null;
}
