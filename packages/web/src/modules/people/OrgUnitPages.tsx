import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { assetListRoutes } from '@muster/api/assets';
import type { Ref } from '@muster/api/fields';
import {
  createOrgUnit,
  deleteOrgUnit,
  getOrgUnit,
  orgUnitListRoutes,
  personListRoutes,
  updateOrgUnit,
  type OrgUnit,
} from '@muster/api/people';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { listPath, quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { RecordForm } from '../../ui/RecordForm.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { PathLine } from '../../ui/PathLine.tsx';

const back = { to: '/org-units', label: t('nav.orgUnits') };
const peopleCell = (row: { name?: string; people?: number }) => (
  <AppLink className="number" to={listPath('/people', `org_unit:${quoted(row.name ?? '')}`)}>
    {number(row.people ?? 0)}
  </AppLink>
);

export function OrgUnitsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  return (
    <ListPage
      name={t('nav.orgUnits')}
      line={t('orgUnit.line')}
      actions={can('people:write') && <Button onClick={() => follow('/org-units/new')}>{t('orgUnit.new')}</Button>}
    >
      <ResourceTable
        resource={orgUnitListRoutes.resource}
        source={orgUnitListRoutes}
        state={state}
        onState={onState}
        cells={{ people: peopleCell }}
        empty={<EmptyState title={t('orgUnit.empty')}>{t('orgUnit.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

/** `?parent=` is the unit that the new one is part of. */
export function NewOrgUnitPage() {
  const follow = useFollow();
  const { parent }: Record<string, string | undefined> = useSearch({ strict: false });
  const above = useQuery({ ...apiQuery(getOrgUnit, { params: { id: parent ?? '' } }), enabled: parent !== undefined });
  return (
    <PlainPage name={t('orgUnit.new')} back={back}>
      {(parent === undefined || !above.isPending) && (
        <UnitForm
          {...(above.data ? { parent: { id: above.data.id, label: above.data.name } } : {})}
          onSaved={(unit) => follow(`/org-units/${unit.id}`)}
          onCancel={() => follow(parent === undefined ? '/org-units' : `/org-units/${parent}`)}
        />
      )}
    </PlainPage>
  );
}

export function OrgUnitPage() {
  const query = useQuery(apiQuery(getOrgUnit, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(unit) => <UnitRecord key={`${unit.id} ${unit.version}`} unit={unit} />}</Loaded>;
}

function UnitRecord({ unit }: { unit: OrgUnit }) {
  const { can } = useSession();
  const follow = useFollow();
  const [editing, setEditing] = useState(false);
  const remove = useChange<undefined, unknown>(() => call(deleteOrgUnit, { params: { id: unit.id } }), {
    message: t('orgUnit.removed'),
    onDone: () => follow('/org-units'),
  });
  return (
    <PlainPage
      name={unit.name}
      back={back}
      line={
        <>
          <PathLine kind={t('asset.orgUnit')} path={unit.path} to="/org-units/" /> · {tn('orgUnit.count', unit.people)}
        </>
      }
      actions={
        can('people:write') &&
        !editing && (
          <>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('action.edit')}
            </Button>
            <Button variant="default" onClick={() => follow(`/org-units/new?parent=${unit.id}`)}>
              {t('orgUnit.newInside')}
            </Button>
            <ConfirmButton
              label={t('place.remove')}
              question={t('orgUnit.removeQuestion', { name: unit.name })}
              onConfirm={() => remove.mutate(undefined)}
              pending={remove.isPending}
              variant="default"
            />
          </>
        )
      }
    >
      <ProblemNotice error={remove.error} />
      {editing ? (
        <UnitForm unit={unit} onSaved={() => setEditing(false)} onCancel={() => setEditing(false)} />
      ) : (
        <Facts
          items={[
            [t('orgUnit.costCentre'), unit.costCentre ?? <Unknown key="c" word={t('none.none')} />],
            [t('record.changed'), <TimeAgo key="u" at={unit.updatedAt} />],
          ]}
        />
      )}
      <Contents unit={unit} />
    </PlainPage>
  );
}

function Contents({ unit }: { unit: OrgUnit }) {
  const { can } = useSession();
  const [below, onBelow] = useLocalListState({ columns: 'name,costCentre,people' });
  const [people, onPeople] = useLocalListState({ columns: 'name,jobTitle,place,assets' });
  const [assets, onAssets] = useLocalListState();
  const shared = { embedded: true, selectable: false } as const;
  return (
    <>
      <Section title={t('orgUnit.inside')}>
        <ResourceTable
          resource={orgUnitListRoutes.resource}
          source={orgUnitListRoutes}
          state={below}
          onState={onBelow}
          fixedFilter={`parent:${unit.id}`}
          {...shared}
          cells={{ people: peopleCell }}
          empty={<EmptyState title={t('orgUnit.nothingInside')} />}
        />
      </Section>
      <Section title={t('orgUnit.people')}>
        <ResourceTable
          resource={personListRoutes.resource}
          source={personListRoutes}
          state={people}
          onState={onPeople}
          fixedFilter={`org_unit:${unit.id}`}
          {...shared}
          empty={<EmptyState title={t('orgUnit.noPeople')} />}
        />
      </Section>
      {can('assets:read') && (
        <Section title={t('orgUnit.assets')}>
          <ResourceTable
            resource={assetListRoutes.resource}
            source={assetListRoutes}
            state={assets}
            onState={onAssets}
            fixedFilter={`org_unit:${unit.id}`}
            {...shared}
            empty={<EmptyState title={t('orgUnit.noAssets')} />}
          />
        </Section>
      )}
    </>
  );
}

interface FormProps {
  unit?: OrgUnit;
  parent?: Ref;
  onSaved: (unit: OrgUnit) => void;
  onCancel: () => void;
}

function UnitForm({ unit, parent, onSaved, onCancel }: FormProps) {
  const form = useForm({
    initialValues: { name: unit?.name ?? '', parentId: unit ? unit.parent : (parent ?? null), costCentre: unit?.costCentre ?? '' },
  });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (v: typeof form.values) => {
      const body = { name: v.name, parentId: v.parentId?.id ?? null, costCentre: orNull(v.costCentre) };
      return unit
        ? (await call(updateOrgUnit, { params: { id: unit.id }, body, ifMatch: `"${unit.version}"` })).data
        : (await call(createOrgUnit, { body })).data;
    },
    { message: t('record.saved'), onDone: onSaved, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  return (
    <RecordForm
      form={form}
      problem={problem}
      pending={save.isPending}
      onSubmit={(values) => {
        setProblem(null);
        save.mutate(values);
      }}
      onCancel={onCancel}
    >
      <div className="form-grid">
        <TextInput label={t('person.name')} required {...form.getInputProps('name')} />
        <RefSelect
          routes={orgUnitListRoutes}
          label={t('place.parent')}
          description={t('orgUnit.parentHint')}
          value={form.values.parentId}
          onChange={(v) => form.setFieldValue('parentId', v)}
          error={form.errors['parentId']}
        />
        <TextInput label={t('orgUnit.costCentre')} {...form.getInputProps('costCentre')} />
      </div>
    </RecordForm>
  );
}
