import { Button, Group, Modal, Select, Stack, Tabs, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { createEnrolmentKey, type EnrolmentKeyKind, enrolmentKeyKinds } from '@muster/api/access';
import { getSystemInfo } from '@muster/api/settings';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { CopyBlock } from '../../ui/CopyBlock.tsx';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { wordOf } from '../../ui/value-words.ts';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { agentRecipes } from './agent-configuration.ts';

interface Values extends Record<string, unknown> {
  name: string;
  tag: string;
  kind: EnrolmentKeyKind;
}

/** Makes an enrolment key and shows it once, with the configuration of each agent ready to copy. */
export function KeyDialog({ onClose }: { onClose: () => void }) {
  const form = useForm<Values>({ initialValues: { name: '', tag: '', kind: 'agent' } });
  const [problem, setProblem] = useState<unknown>(null);
  const create = useChange(
    async (v: Values) => (await call(createEnrolmentKey, { body: { name: v.name, tag: orNull(v.tag), kind: v.kind } })).data,
    { onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  const made = create.data;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={made ? t('sources.keyMade', { name: made.name }) : t('sources.newKey')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
      closeOnClickOutside={!made}
    >
      {made ? (
        <Stack gap="sm">
          <WarningNotice title={t('sources.once')} />
          <CopyBlock text={made.key} label={t('sources.key')} />
          {made.kind === 'agent' ? <AgentTabs enrolmentKey={made.key} /> : <CollectorRecipe collectorKey={made.key} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('action.done')}</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={form.onSubmit((values) => {
            setProblem(null);
            create.mutate(values);
          })}
          noValidate
        >
          <Stack gap="sm">
            <ProblemNotice error={problem} />
            <TextInput
              label={t('sources.keyName')}
              description={t('sources.keyNameHint')}
              required
              data-autofocus
              {...form.getInputProps('name')}
            />
            <Select
              label={t('sources.keyFor')}
              description={t('sources.keyForHint')}
              allowDeselect={false}
              data={enrolmentKeyKinds.map((value) => ({ value, label: wordOf(value) }))}
              {...form.getInputProps('kind')}
            />
            <TextInput label={t('sources.tag')} description={t('sources.tagHint')} {...form.getInputProps('tag')} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              <Button type="submit" loading={create.isPending}>
                {t('sources.newKey')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** How the collector with this key is started. */
function CollectorRecipe({ collectorKey }: { collectorKey: string }) {
  return (
    <>
      <p className="dimmed recipe-hint">{t('sources.collectorHint')}</p>
      <CopyBlock
        text={`MUSTER_URL=${window.location.origin} MUSTER_COLLECTOR_KEY=${collectorKey} npx muster scan --watch`}
        label={t('network.collector')}
      />
    </>
  );
}

/** The configuration of each agent; with a placeholder where the key is no longer known. */
export function AgentTabs({ enrolmentKey }: { enrolmentKey: string }) {
  const { can } = useSession();
  const system = useQuery({ ...apiQuery(getSystemInfo, {}), enabled: can('settings:read') });
  const recipes = agentRecipes(system.data?.baseUrl ?? window.location.origin, enrolmentKey);
  return (
    <Tabs defaultValue="glpi">
      <Tabs.List aria-label={t('sources.agents')}>
        {recipes.map((r) => (
          <Tabs.Tab key={r.key} value={r.key}>
            {r.name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {recipes.map((r) => (
        <Tabs.Panel key={r.key} value={r.key} pt="sm">
          <p className="dimmed recipe-hint">{r.hint}</p>
          <CopyBlock text={r.text} label={t('sources.configurationOf', { agent: r.name })} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
