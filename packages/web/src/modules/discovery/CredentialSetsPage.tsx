import { Button, Group } from '@mantine/core';
import { credentialSetListRoutes, deleteCredentialSet, getCredentialSet } from '@muster/api/scans';
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
import { wordOf } from '../../ui/value-words.ts';
import { CredentialDialog } from './CredentialDialog.tsx';

export function CredentialSetsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [making, setMaking] = useState(false);
  const [editing, setEditing] = useState<string | null>(null);
  const remove = useChange((id: string) => call(deleteCredentialSet, { params: { id } }), { message: t('credential.removed') });
  const add = can('discovery:write') && <Button onClick={() => setMaking(true)}>{t('credential.new')}</Button>;
  return (
    <ListPage name={t('nav.credentialSets')} line={t('credential.line')} actions={add}>
      <ProblemNotice error={remove.error} />
      <ResourceTable
        resource={credentialSetListRoutes.resource}
        source={credentialSetListRoutes}
        state={state}
        onState={onState}
        open={() => null}
        cells={{ protection: (row) => row.protection && row.protection.split(' + ').map(wordOf).join(' + ') }}
        rowActions={
          can('discovery:write')
            ? (row) => (
                <Group gap={4} wrap="nowrap">
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    aria-label={t('credential.editOf', { name: row.name ?? '' })}
                    onClick={() => setEditing(row.id ?? null)}
                  >
                    {t('credential.edit')}
                  </Button>
                  <ConfirmButton
                    label={t('credential.remove')}
                    question={t('credential.removeQuestion', { name: row.name ?? '' })}
                    onConfirm={() => row.id && remove.mutate(row.id)}
                  />
                </Group>
              )
            : undefined
        }
        empty={
          <EmptyState title={t('credential.empty')} action={add}>
            {t('credential.emptyHint')}
          </EmptyState>
        }
      />
      {making && <CredentialDialog onClose={() => setMaking(false)} />}
      {editing && <EditCredential key={editing} id={editing} onClose={() => setEditing(null)} />}
    </ListPage>
  );
}

/** Opens the dialog once it is known what of the set may be shown. */
function EditCredential({ id, onClose }: { id: string; onClose: () => void }) {
  // Read anew each time: a version of before would be refused.
  const query = useQuery({ ...apiQuery(getCredentialSet, { params: { id } }), gcTime: 0 });
  if (query.error) return <ProblemNotice error={query.error} />;
  return query.data ? <CredentialDialog set={query.data} onClose={onClose} /> : null;
}
