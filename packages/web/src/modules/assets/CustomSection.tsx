import { Button, Group, Modal, Stack } from '@mantine/core';
import { type AssetRecord, updateAsset } from '@muster/api/assets';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { type CustomDraft, customErrors, sentValues, useFieldsOfClass } from '../../ui/custom/custom-fields.ts';
import { CustomFacts } from '../../ui/custom/CustomFacts.tsx';
import { CustomInputs } from '../../ui/custom/CustomInputs.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';

/** The asset's custom values with where inherited ones come from; edited together. Nothing at all when its class has no such field. */
export function CustomSection({ asset, mayEdit }: { asset: AssetRecord; mayEdit: boolean }) {
  const fields = useFieldsOfClass('assets', asset.class.key);
  const [editing, setEditing] = useState(false);
  if (fields.length === 0) return null;
  const actions = mayEdit && (
    <Button variant="subtle" size="compact-xs" aria-label={t('custom.edit')} onClick={() => setEditing(true)}>
      {t('action.edit')}
    </Button>
  );
  return (
    <Section title={t('custom.title')} actions={actions}>
      <CustomFacts
        resource="assets"
        recordId={asset.id}
        fields={fields}
        custom={asset.custom}
        inherited={asset.customInherited}
        mayEdit={mayEdit}
      />
      {editing && <EditDialog asset={asset} onClose={() => setEditing(false)} />}
    </Section>
  );
}

function EditDialog({ asset, onClose }: { asset: AssetRecord; onClose: () => void }) {
  const fields = useFieldsOfClass('assets', asset.class.key);
  const [draft, setDraft] = useState<CustomDraft>(asset.custom);
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const save = useChange(
    () => {
      const sent = sentValues(fields, draft);
      const custom = Object.fromEntries(Object.entries(sent).filter(([key]) => changed.has(key)));
      return call(updateAsset, { params: { id: asset.id }, ifMatch: `"${asset.version}"`, body: { custom } });
    },
    { message: t('custom.saved'), onDone: onClose },
  );
  const errors = customErrors(save.error);
  return (
    <Modal opened onClose={onClose} title={t('custom.edit')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          {Object.keys(errors).length === 0 && <ProblemNotice error={save.error} />}
          <CustomInputs
            fields={fields}
            draft={draft}
            errors={errors}
            onChange={(next) => {
              setChanged(new Set([...changed, ...Object.keys(next).filter((key) => next[key] !== draft[key])]));
              setDraft(next);
            }}
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
