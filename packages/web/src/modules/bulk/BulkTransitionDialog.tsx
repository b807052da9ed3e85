import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import type { BulkSelection } from '@muster/api/bulk-changes';
import type { Ref } from '@muster/api/fields';
import { getLifecycle } from '@muster/api/lifecycle';
import { transitionInputLabels } from '@muster/api/lifecycle-states';
import { personListRoutes } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { usePreview } from './use-preview.ts';

/** Chooses a transition for many assets and what it asks for; the preview says which of them may not make it, and why. */
export function BulkTransitionDialog({ selection, count, onClose }: { selection: BulkSelection; count: string; onClose: () => void }) {
  const lifecycle = useQuery(apiQuery(getLifecycle, {}));
  const transitions = (lifecycle.data?.machine.transitions ?? []).filter((one) => !one.retired);
  const [key, setKey] = useState<string | null>(null);
  const [refs, setRefs] = useState<{ person: Ref | null; place: Ref | null }>({ person: null, place: null });
  const [texts, setTexts] = useState({ reason: '', date: '', dueOn: '', reference: '' });
  const preview = usePreview(selection, 'transition');
  const wanted = transitions.find((one) => one.key === key)?.inputs ?? [];
  const submit = (): void => {
    const values = { ...texts, person: refs.person?.id ?? '', place: refs.place?.id ?? '' };
    const asked = wanted.filter((i) => i.key !== 'reason' && values[i.key] !== '').map((i) => [i.key, values[i.key]]);
    const reason = texts.reason.trim();
    preview.mutate({ transition: key, ...(reason ? { reason } : {}), ...(asked.length > 0 ? { inputs: Object.fromEntries(asked) } : {}) });
  };
  return (
    <Modal opened onClose={onClose} title={t('bulk.transitionTitle', { count })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={preview.error ?? lifecycle.error} />
          <Select
            label={t('bulk.transitionLabel')}
            data={transitions.map((one) => ({ value: one.key, label: one.label }))}
            value={key}
            onChange={setKey}
            searchable
            allowDeselect={false}
            data-autofocus
          />
          {wanted.map((input) => {
            const label = fieldLabel(transitionInputLabels[input.key]);
            if (input.key === 'person' || input.key === 'place') {
              const field = input.key;
              return (
                <RefSelect
                  key={field}
                  routes={field === 'person' ? personListRoutes : placeListRoutes}
                  label={label}
                  required={input.required}
                  value={refs[field]}
                  onChange={(value) => setRefs({ ...refs, [field]: value })}
                />
              );
            }
            if (input.key === 'reason') return null;
            const field = input.key;
            return (
              <TextInput
                key={field}
                type={field === 'reference' ? 'text' : 'date'}
                label={label}
                required={input.required}
                value={texts[field]}
                onChange={(event) => setTexts({ ...texts, [field]: event.currentTarget.value })}
              />
            );
          })}
          <Textarea
            label={t('asset.reason')}
            required={wanted.some((i) => i.key === 'reason' && i.required)}
            value={texts.reason}
            onChange={(event) => setTexts({ ...texts, reason: event.currentTarget.value })}
            autosize
            minRows={2}
            maxLength={1000}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={preview.isPending} disabled={key === null}>
              {t('bulk.preview')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
