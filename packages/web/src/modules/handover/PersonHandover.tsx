import { Button, Group, List, Modal, Select, Stack, Text } from '@mantine/core';
import {
  createHandoverDocument,
  getPersonHandover,
  type HandoverAsset,
  handoverDocumentListRoutes,
  type HandoverLanguage,
} from '@muster/api/handover';
import type { Person } from '@muster/api/people';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { currentLanguage, t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { useLocalListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

/** The hand-over documents of a person, and what of their assets is in none. */
export function PersonHandover({ person }: { person: Person }) {
  const { can } = useSession();
  const [state, onState] = useLocalListState();
  const [making, setMaking] = useState(false);
  const handover = useQuery(apiQuery(getPersonHandover, { params: { id: person.id } })).data;
  const uncovered = handover?.uncovered ?? [];
  return (
    <Section
      title={t('handover.ofPerson')}
      actions={
        uncovered.length > 0 && (
          <Group gap="xs">
            <span>{tn('handover.uncovered', uncovered.length)}</span>
            {can('assets:write') && (
              <Button variant="default" size="compact-xs" onClick={() => setMaking(true)}>
                {t('handover.make')}
              </Button>
            )}
          </Group>
        )
      }
    >
      <ResourceTable
        resource={handoverDocumentListRoutes.resource}
        source={handoverDocumentListRoutes}
        state={state}
        onState={onState}
        fixedFilter={`person:${person.id}`}
        embedded
        selectable={false}
        empty={<EmptyState title={t('handover.noneOfPerson')} />}
      />
      {making && handover && (
        <MakeDialog person={person} assets={uncovered} languages={handover.languages} onClose={() => setMaking(false)} />
      )}
    </Section>
  );
}

interface MakeProps {
  person: Person;
  assets: HandoverAsset[];
  languages: HandoverLanguage[];
  onClose: () => void;
}

function MakeDialog({ person, assets, languages, onClose }: MakeProps) {
  const follow = useFollow();
  const [language, setLanguage] = useState<HandoverLanguage | null>(
    languages.find((one) => one === currentLanguage()) ?? languages[0] ?? null,
  );
  const make = useChange(
    async (chosen: HandoverLanguage) =>
      (await call(createHandoverDocument, { body: { personId: person.id, assets: assets.map((one) => one.id), language: chosen } })).data,
    { message: t('handover.made'), onDone: (document) => follow(`/handover-documents/${document.id}`) },
  );
  return (
    <Modal opened onClose={onClose} title={t('handover.make')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap="sm">
        <ProblemNotice error={make.error} />
        <Text size="sm">{person.name}</Text>
        <List size="sm">
          {assets.map((one) => (
            <List.Item key={one.id}>{[one.label, one.model, one.serial].filter(Boolean).join(' · ')}</List.Item>
          ))}
        </List>
        <Select
          label={t('handover.language')}
          data={languages.map((value) => ({ value, label: t(value === 'de' ? 'language.de' : 'language.en') }))}
          value={language}
          onChange={(value) => setLanguage(value)}
          allowDeselect={false}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button loading={make.isPending} disabled={language === null} onClick={() => language && make.mutate(language)}>
            {t('handover.make')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
