import { Button, Checkbox, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import {
  assetCapabilities,
  type AssetCapability,
  createAssetClass,
  updateAssetClass,
  type AssetClass,
  listAssetClasses,
} from '@muster/api/asset-classes';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { number } from '../../ui/formatting.ts';
import { listPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { WarningNotice } from '../../ui/WarningNotice.tsx';

const capabilities = Object.keys(assetCapabilities) as AssetCapability[];

/** Settings: what kinds of asset there are and what can be done with each. */
export function AssetClassesPage() {
  const query = useQuery(apiQuery(listAssetClasses, {}));
  const { can } = useSession();
  const mayChange = can('settings:write');
  const [editing, setEditing] = useState<AssetClass | 'new' | null>(null);
  const retire = useChange(
    (one: AssetClass) => call(updateAssetClass, { params: { key: one.key }, ifMatch: `"${one.version}"`, body: { retired: true } }),
    { message: t('class.retireDone') },
  );
  return (
    <PlainPage
      name={t('nav.assetClasses')}
      line={t('class.line')}
      actions={mayChange && <Button onClick={() => setEditing('new')}>{t('class.new')}</Button>}
    >
      <ProblemNotice error={retire.error} />
      <Loaded query={query}>
        {({ items }) => (
          <>
            <SimpleTable
              title={t('class.all')}
              rows={inTree(items)}
              columns={[
                [t('class.name'), ({ one, depth }) => <span style={{ paddingInlineStart: `${depth * 16}px` }}>{one.label}</span>],
                [t('class.key'), ({ one }) => <span className="mono">{one.key}</span>],
                [t('class.capabilities'), ({ one }) => one.capabilities.map(wordOf).join(', ')],
                [t('class.kind'), ({ one }) => (one.retired ? t('class.retired') : one.own ? t('class.own') : t('class.shipped'))],
                [
                  t('class.assets'),
                  ({ one }) => <AppLink to={listPath('/assets', `class:${one.key}`)}>{number(one.assets)}</AppLink>,
                  true,
                ],
                [
                  t('class.actions'),
                  ({ one }) =>
                    mayChange && (
                      <span className="row-actions">
                        <Button
                          variant="subtle"
                          size="compact-xs"
                          aria-label={t('class.editOf', { name: one.label })}
                          onClick={() => setEditing(one)}
                        >
                          {t('action.edit')}
                        </Button>
                        {one.own && !one.retired && (
                          <ConfirmButton
                            label={t('class.retire')}
                            question={t('class.retireQuestion', { name: one.label })}
                            onConfirm={() => retire.mutate(one)}
                          />
                        )}
                      </span>
                    ),
                ],
              ]}
            />
            {editing && <ClassDialog one={editing === 'new' ? null : editing} all={items} onClose={() => setEditing(null)} />}
          </>
        )}
      </Loaded>
    </PlainPage>
  );
}

/** The classes in the order of their tree, each with how deep it is. */
function inTree(items: readonly AssetClass[]): { one: AssetClass; depth: number }[] {
  const below = (parent: string | null, depth: number): { one: AssetClass; depth: number }[] =>
    items.filter((one) => one.parent === parent).flatMap((one) => [{ one, depth }, ...below(one.key, depth + 1)]);
  return below(null, 0);
}

function ClassDialog({ one, all, onClose }: { one: AssetClass | null; all: readonly AssetClass[]; onClose: () => void }) {
  const [problem, setProblem] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      key: one?.key ?? '',
      label: one?.label ?? '',
      parent: one?.parent ?? null,
      capabilities: one?.capabilities ?? ['custody'],
    },
  });
  const fixed = one !== null && !one.own;
  const save = useChange(
    ({ key, label, parent, ...v }: typeof form.values) => {
      const chosen = capabilities.filter((capability) => v.capabilities.includes(capability));
      const named = fixed ? {} : { label, parent };
      return one
        ? call(updateAssetClass, { params: { key: one.key }, ifMatch: `"${one.version}"`, body: { ...named, capabilities: chosen } })
        : call(createAssetClass, { body: { key, label, parent, capabilities: chosen } });
    },
    {
      message: one ? t('class.saved') : t('class.created'),
      onDone: onClose,
      onError: (error) => setProblem(showProblemOn(form, error)),
    },
  );
  const off = capabilities.filter((capability) => one?.capabilities.includes(capability) && !form.values.capabilities.includes(capability));
  return (
    <FormDialog
      title={one ? t('class.editOf', { name: one.label }) : t('class.new')}
      noValidate
      pending={save.isPending}
      problem={problem}
      onSubmit={form.onSubmit((values) => {
        setProblem(null);
        save.mutate(values);
      })}
      onClose={onClose}
    >
      {!one && (
        <TextInput label={t('class.key')} description={t('customField.keyHint')} required {...form.getInputProps('key')} data-autofocus />
      )}
      <TextInput label={t('class.name')} required disabled={fixed} {...form.getInputProps('label')} />
      <Select
        label={t('class.parent')}
        placeholder={t('class.noParent')}
        clearable
        searchable
        disabled={fixed}
        data={all.filter((c) => !c.retired && c.key !== one?.key).map((c) => ({ value: c.key, label: c.label }))}
        {...form.getInputProps('parent')}
      />
      <Checkbox.Group label={t('class.capabilities')} {...form.getInputProps('capabilities')}>
        <Stack gap={6} mt="xs">
          {capabilities.map((capability) => (
            <Checkbox key={capability} value={capability} label={wordOf(capability)} />
          ))}
        </Stack>
      </Checkbox.Group>
      {one && off.length > 0 && (
        <WarningNotice title={tn('class.hides', one.assets)}>
          {off.map((capability) => assetCapabilities[capability].hides).join('; ')}
        </WarningNotice>
      )}
    </FormDialog>
  );
}
