import { Anchor, Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import {
  type CustomField,
  type CustomInherited,
  type CustomResource,
  listFieldOf,
  revealCustomSecret,
  setCustomSecret,
} from '@muster/api/custom-fields';
import { useState, type ReactNode } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { useChange } from '../record-change.ts';
import { Unknown, ValueCell } from '../ValueCell.tsx';

interface Props {
  resource: CustomResource;
  recordId: string;
  fields: readonly CustomField[];
  custom: Record<string, unknown>;
  inherited?: CustomInherited;
  mayEdit: boolean;
}

/** A record's custom values by label; an inherited one says where it comes from. */
export function CustomFacts({ resource, recordId, fields, custom, inherited = {}, mayEdit }: Props) {
  return (
    <dl className="facts one-column">
      {fields.map((field) => (
        <div key={field.key}>
          <dt>{field.label}</dt>
          <dd>
            {field.type === 'encrypted' ? (
              <Secret resource={resource} recordId={recordId} field={field} set={custom[field.key]} mayEdit={mayEdit} />
            ) : (
              <CustomValue resource={resource} field={field} own={custom[field.key]} inherited={inherited[field.key]} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const origins = { model: 'custom.fromModel', class: 'custom.fromClass', field: 'custom.fromField' } as const;

function CustomValue({
  resource,
  field,
  own,
  inherited,
}: {
  resource: string;
  field: CustomField;
  own: unknown;
  inherited: CustomInherited[string] | undefined;
}): ReactNode {
  const value = own ?? inherited?.value;
  const shown = Array.isArray(value) ? value.join(', ') : value;
  return (
    <span>
      {field.type === 'url' && typeof value === 'string' ? (
        <Anchor inherit href={value} target="_blank" rel="noreferrer">
          {value}
        </Anchor>
      ) : (
        <ValueCell resource={resource} name={`custom.${field.key}`} field={listFieldOf(field)} value={shown} />
      )}
      {own === undefined && inherited && <span className="dimmed"> · {t(origins[inherited.from], { name: inherited.label })}</span>}
    </span>
  );
}

/** An encrypted value: whether it is set, and in clear only on demand. */
function Secret({
  resource,
  recordId,
  field,
  set,
  mayEdit,
}: {
  resource: CustomResource;
  recordId: string;
  field: CustomField;
  set: unknown;
  mayEdit: boolean;
}) {
  const { can } = useSession();
  const [clear, setClear] = useState<string | null>(null);
  const [setting, setSetting] = useState(false);
  const [value, setValue] = useState('');
  const target = { resource, recordId, key: field.key };
  const reveal = useChange(() => call(revealCustomSecret, { body: target }), { onDone: ({ data }) => setClear(data.value) });
  const save = useChange(() => call(setCustomSecret, { body: { ...target, value: value === '' ? null : value } }), {
    message: t('custom.saved'),
    onDone: () => {
      setSetting(false);
      setClear(null);
      setValue('');
    },
  });
  const by = (set as { setBy?: string } | undefined)?.setBy;
  return (
    <Group gap="xs">
      {clear === null ? (
        by === undefined ? (
          <Unknown word={t('custom.secretNone')} />
        ) : (
          t('custom.secretSet', { who: by })
        )
      ) : (
        <span className="mono">{clear}</span>
      )}
      {by !== undefined && clear === null && can('secrets:reveal') && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={t('custom.reveal', { name: field.label })}
          loading={reveal.isPending}
          onClick={() => reveal.mutate(undefined)}
        >
          {t('custom.revealShort')}
        </Button>
      )}
      {mayEdit && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={t('custom.setSecret', { name: field.label })}
          onClick={() => setSetting(true)}
        >
          {t('custom.setSecretShort')}
        </Button>
      )}
      <ProblemNotice error={reveal.error} />
      <Modal
        opened={setting}
        onClose={() => setSetting(false)}
        title={t('custom.setSecret', { name: field.label })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Stack gap="sm">
          <ProblemNotice error={save.error} />
          <PasswordInput
            label={t('custom.secretValue')}
            description={t('custom.secretHint')}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setSetting(false)}>
              {t('action.cancel')}
            </Button>
            <Button loading={save.isPending} onClick={() => save.mutate(undefined)}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Group>
  );
}
