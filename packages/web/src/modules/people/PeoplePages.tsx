import { Anchor, Button, Checkbox, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { assetListRoutes } from '@muster/api/assets';
import { createPerson, getPerson, orgUnitListRoutes, personListRoutes, updatePerson, type Person } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useShortcuts } from '../../app/shortcuts.ts';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { type CustomDraft, customErrors, sentValues, useCustomFields } from '../../ui/custom/custom-fields.ts';
import { CustomFacts } from '../../ui/custom/CustomFacts.tsx';
import { CustomInputs } from '../../ui/custom/CustomInputs.tsx';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { number } from '../../ui/formatting.ts';
import { listPath, quoted } from '../../ui/links.ts';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { RecordForm } from '../../ui/RecordForm.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { PersonCustody } from '../custody/PersonCustody.tsx';
import { PersonStock } from '../stock/PersonStock.tsx';
import { PersonHistory } from './PersonHistory.tsx';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';

export function PeoplePage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  return (
    <ListPage
      name={t('nav.people')}
      actions={can('people:write') && <Button onClick={() => follow('/people/new')}>{t('person.new')}</Button>}
    >
      <ResourceTable
        resource={personListRoutes.resource}
        source={personListRoutes}
        state={state}
        onState={onState}
        cells={{
          assets: (row) => (
            <AppLink className="number" to={listPath('/assets', `person:${quoted(row.name ?? '')}`)}>
              {number(row.assets ?? 0)}
            </AppLink>
          ),
        }}
        empty={<EmptyState title={t('person.empty')}>{t('person.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function NewPersonPage() {
  const follow = useFollow();
  return (
    <PlainPage name={t('person.new')} back={{ to: '/people', label: t('nav.people') }}>
      <PersonForm onSaved={(person) => follow(`/people/${person.id}`)} onCancel={() => follow('/people')} />
    </PlainPage>
  );
}

export function PersonPage() {
  const query = useQuery(apiQuery(getPerson, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(person) => <PersonRecord key={person.version} person={person} />}</Loaded>;
}

function PersonRecord({ person }: { person: Person }) {
  const { can } = useSession();
  const [editing, setEditing] = useState(false);
  const fields = useCustomFields('people');
  const [assets, onAssets] = useLocalListState();
  useShortcuts([{ keys: 'e', label: t('action.edit'), group: t('keys.thisPage'), run: () => setEditing(true) }], can('people:write'));
  return (
    <PlainPage
      name={person.name}
      back={{ to: '/people', label: t('nav.people') }}
      line={
        <>
          <StateBadge value={person.active ? 'active' : 'inactive'} />
          <span>
            {[person.jobTitle, person.orgUnit?.label, person.place?.label].filter(Boolean).join(' · ') || t('person.noJob')} ·{' '}
            {tn('person.assets', person.assets)}
          </span>
        </>
      }
      actions={
        can('people:write') &&
        !editing && (
          <Button variant="default" onClick={() => setEditing(true)}>
            {t('action.edit')}
          </Button>
        )
      }
    >
      {editing ? (
        <PersonForm person={person} onSaved={() => setEditing(false)} onCancel={() => setEditing(false)} />
      ) : (
        <Facts
          items={[
            [
              t('signIn.email'),
              person.email ? (
                <Anchor key="m" inherit href={`mailto:${person.email}`}>
                  {person.email}
                </Anchor>
              ) : (
                <Unknown key="m" />
              ),
            ],
            [t('person.login'), person.login ?? <Unknown />],
            [t('person.number'), person.employeeNumber ?? <Unknown />],
            [t('person.job'), person.jobTitle ?? <Unknown />],
            [t('asset.orgUnit'), person.orgUnit ? <RefLink key="o" to="org-units" value={person.orgUnit} /> : <Unknown key="o" />],
            [t('asset.place'), person.place ? <RefLink key="p" to="places" value={person.place} /> : <Unknown key="p" />],
            [t('person.source'), person.source],
            [t('record.changed'), <TimeAgo key="c" at={person.updatedAt} />],
          ]}
        />
      )}
      {!editing && fields.length > 0 && (
        <Section title={t('custom.title')}>
          <CustomFacts resource="people" recordId={person.id} fields={fields} custom={person.custom} mayEdit={can('people:write')} />
        </Section>
      )}
      {can('assets:read') && <PersonCustody person={person} />}
      {can('assets:read') && <PersonStock person={person} />}
      {can('assets:read') && (
        <Section title={t('person.holds')}>
          <ResourceTable
            resource={assetListRoutes.resource}
            source={assetListRoutes}
            state={assets}
            onState={onAssets}
            fixedFilter={`person:${person.id}`}
            embedded
            selectable={false}
            empty={<EmptyState title={t('person.holdsNothing')} />}
          />
        </Section>
      )}
      <PersonHistory id={person.id} />
    </PlainPage>
  );
}

function valuesOf(person: Person | undefined) {
  return {
    name: person?.name ?? '',
    email: person?.email ?? '',
    login: person?.login ?? '',
    employeeNumber: person?.employeeNumber ?? '',
    jobTitle: person?.jobTitle ?? '',
    orgUnitId: person?.orgUnit ?? null,
    placeId: person?.place ?? null,
    active: person?.active ?? true,
  };
}

function PersonForm({ person, onSaved, onCancel }: { person?: Person; onSaved: (person: Person) => void; onCancel: () => void }) {
  const form = useForm({ initialValues: valuesOf(person) });
  const fields = useCustomFields('people');
  const [custom, setCustom] = useState<CustomDraft>(person?.custom ?? {});
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (v: ReturnType<typeof valuesOf>) => {
      const body = {
        name: v.name,
        email: orNull(v.email),
        login: orNull(v.login),
        employeeNumber: orNull(v.employeeNumber),
        jobTitle: orNull(v.jobTitle),
        orgUnitId: v.orgUnitId?.id ?? null,
        placeId: v.placeId?.id ?? null,
        active: v.active,
        custom: sentValues(fields, custom),
      };
      return person
        ? (await call(updatePerson, { params: { id: person.id }, body, ifMatch: `"${person.version}"` })).data
        : (await call(createPerson, { body })).data;
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
        <TextInput label={t('signIn.email')} type="email" {...form.getInputProps('email')} />
        <TextInput label={t('person.login')} description={t('person.loginHint')} {...form.getInputProps('login')} />
        <TextInput label={t('person.number')} {...form.getInputProps('employeeNumber')} />
        <TextInput label={t('person.job')} {...form.getInputProps('jobTitle')} />
        <RefSelect
          routes={orgUnitListRoutes}
          label={t('asset.orgUnit')}
          value={form.values.orgUnitId}
          onChange={(v) => form.setFieldValue('orgUnitId', v)}
          error={form.errors['orgUnitId']}
        />
        <RefSelect
          routes={placeListRoutes}
          label={t('asset.place')}
          value={form.values.placeId}
          onChange={(v) => form.setFieldValue('placeId', v)}
          error={form.errors['placeId']}
        />
        <CustomInputs fields={fields} draft={custom} onChange={setCustom} errors={customErrors(save.error)} />
      </div>
      <Checkbox label={t('person.active')} {...form.getInputProps('active', { type: 'checkbox' })} />
    </RecordForm>
  );
}
