import { Button, TextInput } from '@mantine/core';
import type { Ref } from '@muster/api/fields';
import { deleteKeyword, keywordListRoutes, mergeKeyword, renameKeyword } from '@muster/api/keywords';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { listPath, quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

interface Keyword {
  id: string;
  name: string;
  assets: number;
}

/** All keywords with how many assets have each; here they are renamed, merged and deleted for all assets at once. */
export function KeywordsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [dialog, setDialog] = useState<{ what: 'rename' | 'merge'; of: Keyword } | null>(null);
  const remove = useChange((id: string) => call(deleteKeyword, { params: { id } }), { message: t('keyword.deleted') });
  const close = (): void => setDialog(null);
  return (
    <ListPage name={t('nav.keywords')} line={t('keyword.line')}>
      <ProblemNotice error={remove.error} />
      <ResourceTable
        resource={keywordListRoutes.resource}
        source={keywordListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        alsoFields={['assets']}
        open={(row) => listPath('/assets', `keyword:${quoted(row.name ?? '')}`)}
        cells={{
          assets: (row) => (
            <AppLink className="number" to={listPath('/assets', `keyword:${quoted(row.name ?? '')}`)}>
              {number(row.assets ?? 0)}
            </AppLink>
          ),
        }}
        rowActions={
          can('assets:write')
            ? (row) => {
                const of = { id: String(row.id), name: row.name ?? '', assets: row.assets ?? 0 };
                return (
                  <span className="row-actions">
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={t('keyword.renameOf', { name: of.name })}
                      onClick={() => setDialog({ what: 'rename', of })}
                    >
                      {t('keyword.rename')}
                    </Button>
                    <Button
                      variant="subtle"
                      size="compact-xs"
                      aria-label={t('keyword.mergeOf', { name: of.name })}
                      onClick={() => setDialog({ what: 'merge', of })}
                    >
                      {t('keyword.merge')}
                    </Button>
                    <ConfirmButton
                      label={t('keyword.delete')}
                      question={tn('keyword.deleteQuestion', of.assets, { name: of.name })}
                      onConfirm={() => remove.mutate(of.id)}
                    />
                  </span>
                );
              }
            : undefined
        }
        empty={<EmptyState title={t('keyword.empty')}>{t('keyword.emptyHint')}</EmptyState>}
      />
      {dialog?.what === 'rename' && <RenameDialog of={dialog.of} onClose={close} />}
      {dialog?.what === 'merge' && <MergeDialog of={dialog.of} onClose={close} />}
    </ListPage>
  );
}

function RenameDialog({ of, onClose }: { of: Keyword; onClose: () => void }) {
  const [name, setName] = useState(of.name);
  const rename = useChange(() => call(renameKeyword, { params: { id: of.id }, body: { name } }), {
    message: t('record.saved'),
    onDone: onClose,
  });
  return (
    <FormDialog
      title={t('keyword.renameOf', { name: of.name })}
      button={t('keyword.rename')}
      ready={name.trim() !== ''}
      pending={rename.isPending}
      problem={rename.error}
      onSubmit={() => rename.mutate(undefined)}
      onClose={onClose}
    >
      <TextInput
        label={t('keyword.newName')}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={60}
        data-autofocus
      />
    </FormDialog>
  );
}

function MergeDialog({ of, onClose }: { of: Keyword; onClose: () => void }) {
  const [into, setInto] = useState<Ref | null>(null);
  const merge = useChange(() => call(mergeKeyword, { params: { id: of.id }, body: { into: into?.id ?? '' } }), {
    message: t('keyword.merged'),
    onDone: onClose,
  });
  return (
    <FormDialog
      title={t('keyword.mergeOf', { name: of.name })}
      button={t('keyword.merge')}
      ready={into !== null && into.id !== of.id}
      pending={merge.isPending}
      problem={merge.error}
      onSubmit={() => merge.mutate(undefined)}
      onClose={onClose}
    >
      <p>{tn('keyword.mergeHint', of.assets, { name: of.name })}</p>
      <RefSelect
        routes={keywordListRoutes}
        label={t('keyword.mergeInto')}
        required
        value={into}
        onChange={setInto}
        error={into?.id === of.id ? t('keyword.mergeSelf') : undefined}
      />
    </FormDialog>
  );
}
