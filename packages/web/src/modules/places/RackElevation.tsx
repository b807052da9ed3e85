import { Button, Group, Modal, NumberInput, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { assetListRoutes } from '@muster/api/assets';
import type { Ref } from '@muster/api/fields';
import { getElevation, mountAsset, rackSides, unmountAsset, type Elevation, type RackMount, type RackSide } from '@muster/api/racks';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded, Section } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import './rack.css';

const sideWord = (side: RackSide): string => t(`rack.${side}`);
const unitsOf = ({ unit, height }: RackMount): string => (height === 1 ? `U${unit}` : `U${unit}–${unit + height - 1}`);

type Wanted = {
  asset: Ref | null;
  unit: number;
  height: number;
  side: RackSide;
};

/** A rack as it stands in the room, front and rear, with the same as a table; and the way to mount and to take out. */
export function RackElevation({ rackId, mayMount }: { rackId: string; mayMount: boolean }) {
  const query = useQuery(apiQuery(getElevation, { params: { id: rackId } }));
  const [mounting, setMounting] = useState<Wanted | null>(null);
  const remove = useChange((id: string) => call(unmountAsset, { params: { id } }), { message: t('rack.takenOut') });
  return (
    <Loaded query={query}>
      {(elevation) => (
        <Section
          title={t('rack.title')}
          actions={
            mayMount && (
              <Button
                variant="default"
                size="xs"
                onClick={() => setMounting({ asset: null, unit: firstFree(elevation), height: 1, side: 'both' })}
              >
                {t('rack.mount')}
              </Button>
            )
          }
        >
          <ProblemNotice error={remove.error} />
          <p>
            {tn('rack.free', elevation.freeUnits, { units: elevation.units })}
            {elevation.hidden > 0 && ` ${tn('rack.hidden', elevation.hidden)}`}
          </p>
          <div className="rack-views">
            <Drawing elevation={elevation} view="front" />
            <Drawing elevation={elevation} view="rear" />
          </div>
          {elevation.unmounted.length > 0 && (
            <>
              <h3>{t('rack.unmounted')}</h3>
              <ul className="plain">
                {elevation.unmounted.map((asset) => (
                  <li key={asset.id}>
                    <AppLink to={`/assets/${asset.id}`}>{asset.label}</AppLink>{' '}
                    {mayMount && (
                      <Button
                        variant="subtle"
                        size="compact-xs"
                        aria-label={t('rack.moveOf', { name: asset.label })}
                        onClick={() => setMounting({ asset, unit: firstFree(elevation), height: 1, side: 'both' })}
                      >
                        {t('rack.mountNow')}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            </>
          )}
          <SimpleTable
            title={t('rack.mounts')}
            rows={elevation.mounts}
            columns={[
              [t('rack.units'), (m) => unitsOf(m)],
              [t('rack.asset'), (m) => <AppLink to={`/assets/${m.asset.id}`}>{m.asset.label}</AppLink>],
              [t('rack.class'), (m) => m.class],
              [t('rack.side'), (m) => sideWord(m.side)],
              ...(mayMount
                ? [
                    [
                      '',
                      (m: RackMount) => (
                        <Group gap={4} justify="flex-end" wrap="nowrap">
                          <Button
                            variant="subtle"
                            size="compact-xs"
                            aria-label={t('rack.moveOf', { name: m.asset.label })}
                            onClick={() => setMounting({ asset: m.asset, unit: m.unit, height: m.height, side: m.side })}
                          >
                            {t('rack.move')}
                          </Button>
                          <Button
                            variant="subtle"
                            size="compact-xs"
                            aria-label={t('rack.takeOutOf', { name: m.asset.label })}
                            loading={remove.isPending && remove.variables === m.asset.id}
                            onClick={() => remove.mutate(m.asset.id)}
                          >
                            {t('rack.takeOut')}
                          </Button>
                        </Group>
                      ),
                    ] as [string, (m: RackMount) => ReactNode],
                  ]
                : []),
            ]}
          />
          {mounting && <MountDialog rackId={rackId} units={elevation.units} wanted={mounting} onClose={() => setMounting(null)} />}
        </Section>
      )}
    </Loaded>
  );
}

/** The lowest unit where nothing is. */
function firstFree({ units, mounts }: Elevation): number {
  const taken = new Set(mounts.flatMap((m) => Array.from({ length: m.height }, (_, i) => m.unit + i)));
  for (let unit = 1; unit <= units; unit++) if (!taken.has(unit)) return unit;
  return 1;
}

/** One side, unit 1 at the bottom. The table beside it says the same to whoever does not see the drawing. */
function Drawing({ elevation, view }: { elevation: Elevation; view: 'front' | 'rear' }) {
  const { units, mounts } = elevation;
  return (
    <figure className="rack-view">
      <figcaption>{sideWord(view)}</figcaption>
      <div className="rack" style={{ gridTemplateRows: `repeat(${units}, 20px)` }} aria-hidden="true">
        {Array.from({ length: units }, (_, i) => (
          <span key={i} className="rack-unit number" style={{ gridRow: i + 1 }}>
            {units - i}
          </span>
        ))}
        {mounts.map((m) => (
          <span
            key={m.asset.id}
            className="rack-mount"
            data-here={m.side === view || m.side === 'both'}
            title={`${unitsOf(m)} ${m.asset.label}`}
            style={{ gridRow: `${units - m.unit - m.height + 2} / span ${m.height}` }}
          >
            {m.side === view || m.side === 'both' ? m.asset.label : ''}
          </span>
        ))}
      </div>
    </figure>
  );
}

function MountDialog({ rackId, units, wanted, onClose }: { rackId: string; units: number; wanted: Wanted; onClose: () => void }) {
  const form = useForm<Wanted & { id: string }>({ initialValues: { ...wanted, id: '' } });
  const [problem, setProblem] = useState<unknown>(null);
  const mount = useChange(
    (v: Wanted) =>
      call(mountAsset, {
        params: { id: v.asset?.id ?? '' },
        body: { rackId, unit: v.unit, height: v.height, side: v.side },
      }),
    { message: t('rack.mounted'), onDone: onClose, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  return (
    <Modal opened onClose={onClose} title={t('rack.mountTitle')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          if (values.asset) mount.mutate(values);
        })}
        noValidate
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <RefSelect
            routes={assetListRoutes}
            label={t('rack.asset')}
            required
            value={form.values.asset}
            onChange={(v) => form.setFieldValue('asset', v)}
            error={form.errors['id']}
          />
          <Group grow>
            <NumberInput label={t('rack.lowest')} min={1} max={units} allowDecimal={false} {...form.getInputProps('unit')} />
            <NumberInput label={t('rack.height')} min={1} max={units} allowDecimal={false} {...form.getInputProps('height')} />
          </Group>
          <Select
            label={t('rack.side')}
            allowDeselect={false}
            data={rackSides.map((side) => ({ value: side, label: sideWord(side) }))}
            {...form.getInputProps('side')}
          />
          <Group>
            <Button type="submit" loading={mount.isPending} disabled={form.values.asset === null}>
              {t('rack.mountNow')}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
