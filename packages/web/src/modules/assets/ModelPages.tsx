import { Button, Select, TextInput } from '@mantine/core';
import { listAssetClasses } from '@muster/api/asset-classes';
import { createModel, getModel, type Model, updateModel, modelListRoutes } from '@muster/api/models';
import { assetListRoutes } from '@muster/api/assets';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { type CustomDraft, customErrors, sentValues, useFieldsOfClass } from '../../ui/custom/custom-fields.ts';
import { CustomFacts } from '../../ui/custom/CustomFacts.tsx';
import { CustomInputs } from '../../ui/custom/CustomInputs.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { quoted } from '../../ui/links.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { wordOf } from '../../ui/value-words.ts';

export function ModelsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const [making, setMaking] = useState(false);
  return (
    <ListPage
      name={t('nav.models')}
      line={t('model.line')}
      actions={can('assets:write') && <Button onClick={() => setMaking(true)}>{t('model.new')}</Button>}
    >
      <ResourceTable
        resource={modelListRoutes.resource}
        source={modelListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={<EmptyState title={t('model.empty')}>{t('model.emptyHint')}</EmptyState>}
      />
      {making && <ModelDialog onClose={() => setMaking(false)} onSaved={(id) => follow(`/models/${id}`)} />}
    </ListPage>
  );
}

export function ModelPage() {
  const query = useQuery(apiQuery(getModel, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(model) => <ModelRecord key={model.version} model={model} />}</Loaded>;
}

/** A model with its custom values, what it gives to its assets, and the assets that are of it. */
function ModelRecord({ model }: { model: Model }) {
  const { can } = useSession();
  const [editing, setEditing] = useState(false);
  const [assets, onAssets] = useLocalListState();
  const own = useFieldsOfClass('models', model.class);
  const given = useFieldsOfClass('assets', model.class).filter((field) => field.type !== 'encrypted');
  const mayEdit = can('assets:write');
  return (
    <PlainPage
      name={model.name}
      back={{ to: '/models', label: t('nav.models') }}
      line={`${model.manufacturer} · ${wordOf(model.class)}`}
      actions={
        mayEdit && (
          <Button variant="default" onClick={() => setEditing(true)}>
            {t('action.edit')}
          </Button>
        )
      }
    >
      {own.length > 0 && (
        <Section title={t('model.own')}>
          <CustomFacts resource="models" recordId={model.id} fields={own} custom={model.custom} mayEdit={mayEdit} />
        </Section>
      )}
      {given.length > 0 && (
        <Section title={t('model.given')}>
          <CustomFacts
            resource="assets"
            recordId={model.id}
            fields={given}
            custom={model.assetCustom}
            inherited={model.assetInherited}
            mayEdit={false}
          />
        </Section>
      )}
      <Section title={t('model.assets')}>
        <ResourceTable
          resource={assetListRoutes.resource}
          source={assetListRoutes}
          state={assets}
          onState={onAssets}
          fixedFilter={`manufacturer:${quoted(model.manufacturer)} model:${quoted(model.name)}`}
          embedded
          selectable={false}
          empty={<EmptyState title={t('model.noAssets')} />}
        />
      </Section>
      {editing && <ModelDialog model={model} onClose={() => setEditing(false)} onSaved={() => setEditing(false)} />}
    </PlainPage>
  );
}

function ModelDialog({ model, onClose, onSaved }: { model?: Model; onClose: () => void; onSaved: (id: string) => void }) {
  const classes = useQuery(apiQuery(listAssetClasses, {}));
  const [name, setName] = useState(model?.name ?? '');
  const [manufacturer, setManufacturer] = useState(model?.manufacturer ?? '');
  const [classKey, setClassKey] = useState<string | null>(model?.class ?? null);
  const [custom, setCustom] = useState<CustomDraft>(model?.custom ?? {});
  const [assetCustom, setAssetCustom] = useState<CustomDraft>(model?.assetCustom ?? {});
  const own = useFieldsOfClass('models', classKey ?? '');
  const given = useFieldsOfClass('assets', classKey ?? '').filter((field) => field.type !== 'encrypted');
  const save = useChange(
    async () => {
      const values = { custom: sentValues(own, custom), assetCustom: sentValues(given, assetCustom) };
      const body = { name, manufacturer, class: classKey ?? '', ...values };
      return model
        ? (await call(updateModel, { params: { id: model.id }, body, ifMatch: `"${model.version}"` })).data
        : (await call(createModel, { body })).data;
    },
    { message: t('record.saved'), onDone: ({ id }) => onSaved(id) },
  );
  return (
    <FormDialog
      title={model ? t('model.edit', { name: model.name }) : t('model.new')}
      ready={name.trim() !== '' && manufacturer.trim() !== '' && classKey !== null}
      pending={save.isPending}
      problem={save.error ?? classes.error}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      <TextInput
        label={t('model.manufacturer')}
        required
        maxLength={200}
        value={manufacturer}
        onChange={(event) => setManufacturer(event.currentTarget.value)}
      />
      <TextInput label={t('model.name')} required maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select
        label={t('model.class')}
        required
        searchable
        allowDeselect={false}
        data={(classes.data?.items ?? []).filter((one) => !one.retired).map((one) => ({ value: one.key, label: one.label }))}
        value={classKey}
        onChange={setClassKey}
      />
      {own.length > 0 && <CustomInputs fields={own} draft={custom} errors={customErrors(save.error)} onChange={setCustom} />}
      {given.length > 0 && (
        <>
          <strong>{t('model.given')}</strong>
          <CustomInputs fields={given} draft={assetCustom} errors={customErrors(save.error, 'assetCustom')} onChange={setAssetCustom} />
        </>
      )}
    </FormDialog>
  );
}
