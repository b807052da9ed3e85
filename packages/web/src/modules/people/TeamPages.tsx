import { Button, TextInput } from '@mantine/core';
import { custodyListRoutes } from '@muster/api/custody';
import type { Ref } from '@muster/api/fields';
import { orgUnitListRoutes, personListRoutes } from '@muster/api/people';
import { createTeam, deleteTeam, getTeam, teamListRoutes, updateTeam, type Team } from '@muster/api/teams';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { RefList } from '../../ui/RefList.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { RefLink } from '../../ui/ValueCell.tsx';

export function TeamsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const [making, setMaking] = useState(false);
  return (
    <ListPage
      name={t('nav.teams')}
      line={t('team.line')}
      actions={can('people:write') && <Button onClick={() => setMaking(true)}>{t('team.new')}</Button>}
    >
      <ResourceTable
        resource={teamListRoutes.resource}
        source={teamListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={<EmptyState title={t('team.empty')}>{t('team.emptyHint')}</EmptyState>}
      />
      {making && <TeamForm onClose={() => setMaking(false)} onSaved={(team) => follow(`/teams/${team.id}`)} />}
    </ListPage>
  );
}

export function TeamPage() {
  const query = useQuery(apiQuery(getTeam, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(team) => <TeamRecord key={team.version} team={team} />}</Loaded>;
}

function TeamRecord({ team }: { team: Team }) {
  const { can } = useSession();
  const follow = useFollow();
  const [editing, setEditing] = useState(false);
  const [custody, onCustody] = useLocalListState();
  const remove = useChange(() => call(deleteTeam, { params: { id: team.id } }), {
    message: t('record.saved'),
    onDone: () => follow('/teams'),
  });
  return (
    <PlainPage
      name={team.name}
      back={{ to: '/teams', label: t('nav.teams') }}
      line={team.orgUnit && <RefLink to="org-units" value={team.orgUnit} />}
      actions={
        can('people:write') && (
          <>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('team.edit', { name: team.name })}
            </Button>
            <ConfirmButton
              variant="default"
              label={t('team.delete', { name: team.name })}
              question={t('team.deleteQuestion')}
              pending={remove.isPending}
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        )
      }
    >
      <ProblemNotice error={remove.error} />
      <Section title={t('team.members')}>
        <ul className="plain">
          {team.members.map((member) => (
            <li key={member.id}>
              <RefLink to="people" value={member} />
            </li>
          ))}
          {team.members.length === 0 && <li className="dimmed">–</li>}
        </ul>
      </Section>
      {can('assets:read') && (
        <Section title={t('custody.holds')}>
          <ResourceTable
            resource={custodyListRoutes.resource}
            source={custodyListRoutes}
            state={custody}
            onState={onCustody}
            fixedFilter={`holder_id:${team.id}`}
            open={(row) => (row.asset ? `/assets/${row.asset.id}?tab=custody` : null)}
            alsoFields={['asset']}
            embedded
            selectable={false}
            empty={<EmptyState title={t('person.holdsNothing')} />}
          />
        </Section>
      )}
      {editing && <TeamForm team={team} onClose={() => setEditing(false)} onSaved={() => setEditing(false)} />}
    </PlainPage>
  );
}

function TeamForm({ team, onClose, onSaved }: { team?: Team; onClose: () => void; onSaved: (team: Team) => void }) {
  const [name, setName] = useState(team?.name ?? '');
  const [orgUnit, setOrgUnit] = useState<Ref | null>(team?.orgUnit ?? null);
  const [members, setMembers] = useState<Ref[]>(team?.members ?? []);
  const save = useChange(
    async () => {
      const body = { name, orgUnitId: orgUnit?.id ?? null, memberIds: members.map((m) => m.id) };
      return team
        ? (await call(updateTeam, { params: { id: team.id }, body, ifMatch: `"${team.version}"` })).data
        : (await call(createTeam, { body })).data;
    },
    { message: t('record.saved'), onDone: onSaved },
  );
  return (
    <FormDialog
      title={team ? t('team.edit', { name: team.name }) : t('team.new')}
      pending={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      <TextInput label={t('person.name')} required value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={200} />
      <RefSelect routes={orgUnitListRoutes} label={t('asset.orgUnit')} value={orgUnit} onChange={setOrgUnit} />
      <RefList routes={personListRoutes} label={t('team.addMember')} value={members} onChange={setMembers} />
    </FormDialog>
  );
}
