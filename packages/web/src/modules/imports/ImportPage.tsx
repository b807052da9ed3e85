import { Button, Group } from '@mantine/core';
import { urlOf } from '@muster/api/client';
import { applyImport, getImport, type Import, importErrors, undoImport } from '@muster/api/imports';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { number } from '../../ui/formatting.ts';
import { JobProgress } from '../../ui/JobProgress.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { ImportRows } from './ImportRows.tsx';
import { MappingForm } from './MappingForm.tsx';

const busy = new Set(['planning', 'applying', 'undoing']);

/** An import from its mapping to its undo: each step shows what the next one does. */
export function ImportPage() {
  const id = useRecordId();
  const query = useQuery({
    ...apiQuery(getImport, { params: { id } }),
    // A short job is over before its events are listened to.
    refetchInterval: ({ state }) => (state.data && busy.has(state.data.state) ? 2000 : false),
  });
  return <Loaded query={query}>{(found) => <One key={found.id} found={found} onOver={() => void query.refetch()} />}</Loaded>;
}

function One({ found, onOver }: { found: Import; onOver: () => void }) {
  const [mapping, setMapping] = useState(false);
  const { can } = useSession();
  const { counts } = found;
  const editable = can('imports:write') && (found.state === 'uploaded' || (found.state === 'planned' && mapping));
  return (
    <PlainPage
      name={found.name}
      back={{ to: '/imports', label: t('nav.imports') }}
      line={
        <>
          <StateBadge value={found.state} /> {found.createdBy} · <TimeAgo at={found.createdAt} /> ·{' '}
          {t('imports.sizeLine', { headers: number(found.headers.length), size: number(Math.ceil(found.bytes / 1024)) })}
        </>
      }
      actions={can('imports:write') && <Actions found={found} onMapping={() => setMapping(true)} />}
    >
      {found.jobId && busy.has(found.state) && <JobProgress key={found.jobId} id={found.jobId} onOver={onOver} />}
      {editable && <MappingForm found={found} onPlanned={() => setMapping(false)} />}
      {counts && !busy.has(found.state) && !editable && (
        <>
          <Section title={t('imports.result')}>
            <Facts
              items={(['create', 'update', 'unchanged', 'skip', 'conflict', 'error', 'applied', 'failed', 'undone', 'kept'] as const)
                .filter((key) => counts[key] > 0 || ['create', 'update', 'unchanged', 'error'].includes(key))
                .map((key) => [t(`imports.${key}`), number(counts[key])])}
            />
            {found.state === 'planned' && counts.create + counts.update + counts.error + counts.conflict === 0 && (
              <p>{t('imports.nothingToDo')}</p>
            )}
          </Section>
          <ImportRows found={found} />
        </>
      )}
    </PlainPage>
  );
}

function Actions({ found, onMapping }: { found: Import; onMapping: () => void }) {
  const { id, counts, state } = found;
  const apply = useChange((mode: 'good' | 'all') => call(applyImport, { params: { id }, body: { mode } }));
  const undo = useChange(() => call(undoImport, { params: { id } }));
  const bad = counts ? counts.error + counts.conflict + counts.failed + counts.kept : 0;
  const good = counts ? counts.create + counts.update : 0;
  return (
    <Group gap="xs">
      {bad > 0 && !busy.has(state) && (
        <Button variant="default" component="a" href={urlOf(importErrors, { id }, undefined)} download>
          {t('imports.errorFile')}
        </Button>
      )}
      {state === 'planned' && (
        <Button variant="default" onClick={onMapping}>
          {t('imports.changeMapping')}
        </Button>
      )}
      {state === 'planned' && good > 0 && bad === 0 && (
        <Button variant="default" loading={apply.isPending} onClick={() => apply.mutate('all')}>
          {t('imports.applyAll')}
        </Button>
      )}
      {(state === 'planned' || state === 'stopped') && good > 0 && (
        <Button loading={apply.isPending} onClick={() => apply.mutate('good')}>
          {state === 'stopped' ? t('imports.continue') : t('imports.apply')}
        </Button>
      )}
      {(state === 'applied' || state === 'stopped') && (
        <ConfirmButton
          label={t('imports.undo')}
          question={t('imports.undoQuestion')}
          pending={undo.isPending}
          variant="default"
          onConfirm={() => undo.mutate(undefined)}
        />
      )}
      <ProblemNotice error={apply.error ?? undo.error} />
    </Group>
  );
}
