import { Button, Group, Modal, Stack, Switch, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type FoundPage, foundReportListRoutes, getFoundPage, putFoundPage } from '@muster/api/labels';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { recordPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { ListPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

/** What people wrote who found something, and what they are shown. */
export function FoundReportsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const [open, setOpen] = useState(false);
  const settings = useQuery({ ...apiQuery(getFoundPage, {}), enabled: can('settings:read') });
  const change = can('settings:write') && settings.data && <Button onClick={() => setOpen(true)}>{t('found.settings')}</Button>;
  return (
    <ListPage name={t('nav.found')} line={settings.data?.enabled === false ? t('found.off') : t('found.line')} actions={change}>
      <ResourceTable
        resource={foundReportListRoutes.resource}
        source={foundReportListRoutes}
        state={state}
        onState={onState}
        alsoFields={['asset']}
        open={(row) => (row.asset ? recordPath('assets', row.asset.id) : null)}
        empty={<EmptyState title={t('found.empty')}>{t('found.emptyHint')}</EmptyState>}
      />
      {open && settings.data && <FoundSettings page={settings.data} onClose={() => setOpen(false)} />}
    </ListPage>
  );
}

function FoundSettings({ page, onClose }: { page: FoundPage; onClose: () => void }) {
  const form = useForm({ initialValues: page });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange((body: FoundPage) => call(putFoundPage, { body }), {
    message: t('found.saved'),
    onDone: onClose,
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  return (
    <Modal opened onClose={onClose} title={t('found.settings')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <Switch
            label={t('found.enabled')}
            description={t('found.enabledHint')}
            {...form.getInputProps('enabled', { type: 'checkbox' })}
          />
          <Switch label={t('found.showOrganisation')} {...form.getInputProps('showOrganisation', { type: 'checkbox' })} />
          <Switch label={t('found.showTag')} {...form.getInputProps('showTag', { type: 'checkbox' })} />
          <Textarea
            label={t('found.contact')}
            description={t('found.contactHint')}
            autosize
            minRows={3}
            {...form.getInputProps('contact')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
