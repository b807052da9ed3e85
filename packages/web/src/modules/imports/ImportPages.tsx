import { Button, FileInput, Group, Stack } from '@mantine/core';
import { ApiProblem, urlOf } from '@muster/api/client';
import type { ProblemDocument } from '@muster/api/errors';
import { type Import, importListRoutes, uploadImport } from '@muster/api/imports';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage, PlainPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

export function ImportsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const add = can('imports:write') && <Button onClick={() => follow('/imports/new')}>{t('imports.new')}</Button>;
  return (
    <ListPage name={t('nav.imports')} line={t('imports.line')} actions={add}>
      <ResourceTable
        resource={importListRoutes.resource}
        source={importListRoutes}
        state={state}
        onState={onState}
        empty={
          <EmptyState title={t('imports.empty')} action={add}>
            {t('imports.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}

/** Sends the file itself as the body, so that the browser streams it from the disk. */
async function send(file: File): Promise<Import> {
  const answer = await fetch(urlOf(uploadImport, undefined, { name: file.name }), {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/octet-stream', 'x-muster-request': '1' },
    body: file,
  });
  const body = (await answer.json()) as unknown;
  if (!answer.ok) throw new ApiProblem(body as ProblemDocument);
  return body as Import;
}

export function NewImportPage() {
  const [file, setFile] = useState<File | null>(null);
  const follow = useFollow();
  const upload = useChange(send, { onDone: (made) => follow(`/imports/${made.id}`) });
  return (
    <PlainPage name={t('imports.new')} line={t('imports.line')} back={{ to: '/imports', label: t('nav.imports') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (file) upload.mutate(file);
        }}
      >
        <Stack gap="sm" maw={560}>
          <FileInput
            label={t('imports.file')}
            description={t('imports.fileHint')}
            placeholder={t('imports.choose')}
            accept=".csv,.tsv,.txt,.xlsx"
            required
            value={file}
            onChange={setFile}
          />
          <Group>
            <Button type="submit" disabled={file === null} loading={upload.isPending}>
              {t('imports.upload')}
            </Button>
          </Group>
          <ProblemNotice error={upload.error} />
        </Stack>
      </form>
    </PlainPage>
  );
}
