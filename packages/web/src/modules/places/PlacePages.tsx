import { Button } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import { deletePlace, getPlace, placeListRoutes, type Place } from '@muster/api/places';
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
import { listPath, quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { LevelsTable } from '../stock/StockTables.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { PathLine } from '../../ui/PathLine.tsx';
import { PlaceForm } from './PlaceForm.tsx';
import { RackElevation } from './RackElevation.tsx';

const countCell = (row: { name?: string; assets?: number }) => (
  <AppLink className="number" to={listPath('/assets', `place:${quoted(row.name ?? '')}`)}>
    {number(row.assets ?? 0)}
  </AppLink>
);

export function PlacesPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  return (
    <ListPage
      name={t('nav.places')}
      line={t('place.line')}
      actions={can('people:write') && <Button onClick={() => follow('/places/new')}>{t('place.new')}</Button>}
    >
      <ResourceTable
        resource={placeListRoutes.resource}
        source={placeListRoutes}
        state={state}
        onState={onState}
        cells={{ assets: countCell }}
        empty={<EmptyState title={t('place.empty')}>{t('place.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

/** `?parent=` is the place that the new one is part of. */
export function NewPlacePage() {
  const follow = useFollow();
  const { parent }: Record<string, string | undefined> = useSearch({ strict: false });
  const above = useQuery({ ...apiQuery(getPlace, { params: { id: parent ?? '' } }), enabled: parent !== undefined });
  return (
    <PlainPage name={t('place.new')} back={{ to: '/places', label: t('nav.places') }}>
      {(parent === undefined || !above.isPending) && (
        <PlaceForm
          {...(above.data ? { parent: { id: above.data.id, label: above.data.name } } : {})}
          onSaved={(place) => follow(`/places/${place.id}`)}
          onCancel={() => follow(parent === undefined ? '/places' : `/places/${parent}`)}
        />
      )}
    </PlainPage>
  );
}

export function PlacePage() {
  const query = useQuery(apiQuery(getPlace, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(place) => <PlaceRecord key={`${place.id} ${place.version}`} place={place} />}</Loaded>;
}

function addressLines({ address: a }: Place): string {
  return [a.street, [a.postcode, a.city].filter(Boolean).join(' '), a.region, a.country].filter(Boolean).join(', ');
}

function PlaceRecord({ place }: { place: Place }) {
  const { can } = useSession();
  const follow = useFollow();
  const [editing, setEditing] = useState(false);
  const remove = useChange<undefined, unknown>(() => call(deletePlace, { params: { id: place.id } }), {
    message: t('place.removed'),
    onDone: () => follow('/places'),
  });
  return (
    <PlainPage
      name={place.name}
      back={{ to: '/places', label: t('nav.places') }}
      line={
        <>
          <PathLine kind={wordOf(place.kind)} path={place.path} to="/places/" /> · {tn('person.assets', place.assets)}
        </>
      }
      actions={
        can('people:write') &&
        !editing && (
          <>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('action.edit')}
            </Button>
            <Button variant="default" onClick={() => follow(`/places/new?parent=${place.id}`)}>
              {t('place.newInside')}
            </Button>
            <ConfirmButton
              label={t('place.remove')}
              question={t('place.removeQuestion', { name: place.name })}
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
        <PlaceForm place={place} onSaved={() => setEditing(false)} onCancel={() => setEditing(false)} />
      ) : (
        <Facts
          items={[
            [t('place.address'), addressLines(place) || <Unknown key="a" />],
            ...(place.rackUnits === null ? [] : [[t('place.rackUnits'), number(place.rackUnits)] as [string, string]]),
            [t('asset.notes'), place.notes ?? <Unknown key="n" word={t('none.none')} />],
            [t('record.changed'), <TimeAgo key="c" at={place.updatedAt} />],
          ]}
        />
      )}
      {place.kind === 'rack' && can('assets:read') && <RackElevation rackId={place.id} mayMount={can('assets:write')} />}
      <Contents place={place} />
    </PlainPage>
  );
}

/** The places right below, and the assets here and below. */
function Contents({ place }: { place: Place }) {
  const { can } = useSession();
  const [below, onBelow] = useLocalListState({ columns: 'name,kind,assets' });
  const [assets, onAssets] = useLocalListState();
  const [stock, onStock] = useLocalListState();
  return (
    <>
      {place.kind !== 'rack' && place.kind !== 'bin' && (
        <Section title={t('place.inside')}>
          <ResourceTable
            resource={placeListRoutes.resource}
            source={placeListRoutes}
            state={below}
            onState={onBelow}
            fixedFilter={`parent:${place.id}`}
            embedded
            selectable={false}
            cells={{ assets: countCell }}
            empty={<EmptyState title={t('place.nothingInside')} />}
          />
        </Section>
      )}
      {can('assets:read') && (
        <Section title={t('place.assets')}>
          <ResourceTable
            resource={assetListRoutes.resource}
            source={assetListRoutes}
            state={assets}
            onState={onAssets}
            fixedFilter={`place:${place.id}`}
            embedded
            selectable={false}
            empty={<EmptyState title={t('place.noAssets')} />}
          />
        </Section>
      )}
      {can('assets:read') && (
        <Section title={t('stock.ofPlace')}>
          <LevelsTable state={stock} onState={onStock} placeId={place.id} />
        </Section>
      )}
    </>
  );
}
