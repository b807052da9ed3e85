import { Button } from '@mantine/core';
import { deleteKit, getKit, kitListRoutes, proposeKit, type Kit } from '@muster/api/kits';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { GiveKitDialog } from './GiveKitDialog.tsx';
import { useKitLineWords } from './kit-words.ts';
import { KitForm } from './KitForm.tsx';

const back = () => ({ to: '/kits', label: t('nav.kits') });

export function KitsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  return (
    <ListPage
      name={t('nav.kits')}
      line={t('kit.line')}
      actions={can('assets:write') && <Button onClick={() => follow('/kits/new')}>{t('kit.new')}</Button>}
    >
      <ResourceTable
        resource={kitListRoutes.resource}
        source={kitListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={<EmptyState title={t('kit.empty')}>{t('kit.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function NewKitPage() {
  const follow = useFollow();
  return (
    <PlainPage name={t('kit.new')} back={back()}>
      <KitForm onSaved={(kit) => follow(`/kits/${kit.id}`)} onCancel={() => follow('/kits')} />
    </PlainPage>
  );
}

export function KitPage() {
  const query = useQuery(apiQuery(getKit, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(kit) => <KitRecord key={kit.version} kit={kit} />}</Loaded>;
}

function KitRecord({ kit }: { kit: Kit }) {
  const { can } = useSession();
  const follow = useFollow();
  const [open, setOpen] = useState<'edit' | 'give' | null>(null);
  const remove = useChange(() => call(deleteKit, { params: { id: kit.id } }), {
    message: t('record.saved'),
    onDone: () => follow('/kits'),
  });
  return (
    <PlainPage
      name={kit.name}
      back={back()}
      line={kit.note}
      actions={
        can('assets:write') &&
        open !== 'edit' && (
          <>
            <Button onClick={() => setOpen('give')}>{t('kit.give')}</Button>
            <Button variant="default" onClick={() => setOpen('edit')}>
              {t('kit.edit')}
            </Button>
            <ConfirmButton
              variant="default"
              label={t('kit.remove')}
              question={t('kit.removeQuestion')}
              pending={remove.isPending}
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        )
      }
    >
      <ProblemNotice error={remove.error} />
      {open === 'edit' ? <KitForm kit={kit} onSaved={() => setOpen(null)} onCancel={() => setOpen(null)} /> : <KitLines kit={kit} />}
      {open === 'give' && <GiveKitDialog kit={{ id: kit.id, label: kit.name }} onClose={() => setOpen(null)} />}
    </PlainPage>
  );
}

/** Its lines, and for whoever may give it what stock has for each. */
function KitLines({ kit }: { kit: Kit }) {
  const { can } = useSession();
  const wordsOf = useKitLineWords();
  const proposal = useQuery({ ...apiQuery(proposeKit, { params: { id: kit.id }, query: {} }), enabled: can('assets:write') });
  const stock = proposal.data?.lines;
  const rows = kit.lines.map((line, index) => ({ line, stock: stock?.[index] }));
  return (
    <>
      <ProblemNotice error={proposal.error} />
      {proposal.data && <p role="status">{proposal.data.complete ? t('kit.complete') : t('kit.incomplete')}</p>}
      <SimpleTable
        title={t('kit.lines')}
        rows={rows}
        columns={[
          [t('kit.what'), ({ line }) => wordsOf(line)],
          [t('kit.count'), ({ line }) => number(line.count), true],
          [t('kit.optional'), ({ line }) => (line.optional ? t('value.yes') : t('value.no'))],
          ...(can('assets:write')
            ? ([
                [t('kit.inStock'), (row) => (row.stock ? number(row.stock.proposed.length + row.stock.others.length) : '–'), true],
                [t('kit.lacks'), (row) => (row.stock ? number(row.stock.missing) : '–'), true],
              ] satisfies [string, (row: (typeof rows)[number]) => string, boolean][])
            : []),
        ]}
      />
    </>
  );
}
