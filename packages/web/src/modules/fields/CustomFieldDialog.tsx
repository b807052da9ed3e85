import { Button, Checkbox, Group, Modal, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { listAssetClasses } from '@muster/api/asset-classes';
import {
  createCustomField,
  type CustomField,
  customFieldTypes,
  customResources,
  previewCustomType,
  updateCustomField,
} from '@muster/api/custom-fields';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { CustomInputs } from '../../ui/custom/CustomInputs.tsx';
import { sentValues } from '../../ui/custom/custom-fields.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { wordOf } from '../../ui/value-words.ts';
import { type DefinitionForm, definitionOf, initialForm, keyOfLabel } from './definition-form.ts';
import { TypeChange, type TypePreview } from './TypeChange.tsx';

/** Defines a field or changes one; a change of type is shown with what it does to the values before it is done. */
export function CustomFieldDialog({ field, onClose }: { field?: CustomField; onClose: () => void }) {
  const form = useForm<DefinitionForm>({ initialValues: initialForm(field) });
  const [problem, setProblem] = useState<unknown>(null);
  const [preview, setPreview] = useState<TypePreview | null>(null);
  const save = useChange(
    async (confirm: string | undefined) => {
      const values = form.getValues();
      const body = { ...definitionOf(values), ...(field && field.type !== values.type ? {} : { default: defaultOf(values) }) };
      if (!field) return call(createCustomField, { body: { ...body, resource: values.resource, key: values.key } });
      if (field.type !== values.type && confirm === undefined) {
        const { data } = await call(previewCustomType, { params: { id: field.id }, body: { type: body.type, options: body.options } });
        if (data.total > 0) return data;
      }
      return call(updateCustomField, {
        params: { id: field.id },
        ifMatch: `"${field.version}"`,
        body: { ...body, ...(confirm === undefined ? {} : { confirm }) },
      });
    },
    {
      onDone: (result) => ('confirm' in result ? setPreview(result) : onClose()),
      onError: (error) => {
        setPreview(null);
        setProblem(showProblemOn(form, error));
      },
    },
  );
  const title = field ? t('customField.editOf', { name: field.label }) : t('customField.new');
  return (
    <Modal opened onClose={onClose} size="lg" title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        noValidate
        onSubmit={form.onSubmit(() => {
          setProblem(null);
          save.mutate(undefined);
        })}
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <DefinitionInputs form={form} isNew={!field} />
          {preview && <TypeChange preview={preview} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            {preview ? (
              <Button {...(preview.lost > 0 ? { color: 'red' } : {})} loading={save.isPending} onClick={() => save.mutate(preview.confirm)}>
                {t('customField.changeType')}
              </Button>
            ) : (
              <Button type="submit" loading={save.isPending}>
                {field ? t('action.save') : t('action.create')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The field that the form would make, for the input of its default. */
const asField = (values: DefinitionForm): CustomField =>
  ({ ...definitionOf(values), key: 'default', label: t('customField.default'), help: null, required: false }) as unknown as CustomField;
const defaultOf = (values: DefinitionForm) => sentValues([asField(values)], { default: values.default })['default'] ?? null;

const withoutDefault: readonly CustomField['type'][] = ['encrypted', 'person', 'place', 'asset'];

function DefinitionInputs({ form, isNew }: { form: UseFormReturnType<DefinitionForm>; isNew: boolean }) {
  const values = form.values;
  const hasClass = values.resource === 'assets' || values.resource === 'models';
  const classes = useQuery({ ...apiQuery(listAssetClasses, {}), enabled: hasClass });
  const label = form.getInputProps('label');
  return (
    <>
      <div className="form-grid">
        <TextInput
          label={t('customField.label')}
          required
          data-autofocus
          {...label}
          onChange={(event) => {
            const follows = isNew && values.key === keyOfLabel(values.label);
            form.setFieldValue('label', event.currentTarget.value);
            if (follows) form.setFieldValue('key', keyOfLabel(event.currentTarget.value));
          }}
        />
        <TextInput
          label={t('customField.key')}
          description={t('customField.keyHint')}
          required
          disabled={!isNew}
          {...form.getInputProps('key')}
        />
        <Select
          label={t('customField.resource')}
          required
          disabled={!isNew}
          allowDeselect={false}
          data={customResources.map((one) => ({ value: one, label: wordOf(one) }))}
          {...form.getInputProps('resource')}
        />
        <Select
          label={t('customField.type')}
          required
          allowDeselect={false}
          data={customFieldTypes.map((one) => ({ value: one, label: wordOf(one) }))}
          {...form.getInputProps('type')}
        />
        {values.type === 'number' && <TextInput label={t('customField.unit')} {...form.getInputProps('unit')} />}
        {values.type === 'text' && (
          <TextInput label={t('customField.pattern')} description={t('customField.patternHint')} {...form.getInputProps('pattern')} />
        )}
        {hasClass && (
          <Select
            label={t('customField.class')}
            description={t('customField.classHint')}
            placeholder={t('customField.allClasses')}
            clearable
            searchable
            data={(classes.data?.items ?? []).filter((one) => !one.retired).map((one) => ({ value: one.key, label: one.label }))}
            {...form.getInputProps('class')}
          />
        )}
        <NumberInput label={t('customField.position')} min={0} max={10_000} allowDecimal={false} {...form.getInputProps('position')} />
      </div>
      {values.type.endsWith('choice') && (
        <Textarea
          label={t('customField.options')}
          description={t('customField.optionsHint')}
          required
          autosize
          minRows={3}
          {...form.getInputProps('options')}
        />
      )}
      <TextInput label={t('customField.help')} {...form.getInputProps('help')} />
      {!withoutDefault.includes(values.type) && (
        <CustomInputs
          fields={[asField(values)]}
          draft={{ default: values.default }}
          onChange={(draft) => form.setFieldValue('default', draft['default'])}
          errors={typeof form.errors['default'] === 'string' ? { default: form.errors['default'] } : {}}
        />
      )}
      {values.type !== 'encrypted' && (
        <Checkbox label={t('customField.required')} {...form.getInputProps('required', { type: 'checkbox' })} />
      )}
      <Checkbox label={t('customField.unique')} {...form.getInputProps('unique', { type: 'checkbox' })} />
      {values.type !== 'encrypted' && (
        <Checkbox label={t('customField.indexed')} {...form.getInputProps('indexed', { type: 'checkbox' })} />
      )}
    </>
  );
}
