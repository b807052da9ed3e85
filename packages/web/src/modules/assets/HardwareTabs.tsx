import { getAssetHardware, type Hardware } from '@muster/api/inventory';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { humanise, number, quantity } from '../../ui/formatting.ts';
import { Loaded, Section } from '../../ui/RecordPage.tsx';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { SeenOn } from './NetworkTables.tsx';
import { SectionDialogs } from './SectionDialogs.tsx';

const orUnknown = (value: ReactNode): ReactNode => (value === null || value === undefined || value === '' ? <Unknown /> : value);

export function HardwareTab({ id }: { id: string }) {
  const query = useQuery(apiQuery(getAssetHardware, { params: { id } }));
  return <Loaded query={query}>{(hardware) => <HardwareView id={id} hardware={hardware} />}</Loaded>;
}

function HardwareView({ id, hardware }: { id: string; hardware: Hardware }) {
  const mb = (value: number | null): ReactNode => (value === null ? <Unknown /> : quantity(value, 'MB'));
  if (hardware.facts.length === 0 && hardware.sections.length === 0)
    return <EmptyState title={t('asset.noHardware')}>{t('asset.noHardwareHint')}</EmptyState>;
  return (
    <>
      {hardware.facts.map((f) => (
        <Section
          key={f.observationId}
          title={t('hardware.saidBy', { source: wordOf(f.source) })}
          actions={
            <span className="dimmed">
              <TimeAgo at={f.seenAt} />
            </span>
          }
        >
          <dl className="facts">
            {(
              [
                [t('hardware.sockets'), f.sockets],
                [t('hardware.cores'), f.cores],
                [t('hardware.threads'), f.threads],
                [t('hardware.memory'), f.memoryMb === null ? null : quantity(f.memoryMb, 'MB')],
                [t('hardware.vm'), f.vmSystem],
                ...Object.entries(f.facts).flatMap(([group, value]) => flatten(humanise(group), value)),
              ] as [string, ReactNode][]
            ).map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{orUnknown(value)}</dd>
              </div>
            ))}
          </dl>
        </Section>
      ))}
      <SimpleTable
        title={t('hardware.storage')}
        rows={hardware.storage}
        columns={[
          [t('hardware.name'), (s) => orUnknown(s.model ?? s.name)],
          [t('hardware.type'), (s) => orUnknown(s.type)],
          [t('hardware.size'), (s) => mb(s.sizeMb), true],
          [t('hardware.serial'), (s) => orUnknown(s.serial)],
          [t('hardware.interface'), (s) => orUnknown(s.interface)],
          [t('hardware.firmware'), (s) => orUnknown(s.firmware)],
        ]}
      />
      <SimpleTable
        title={t('hardware.volumes')}
        rows={hardware.volumes}
        columns={[
          [t('hardware.mount'), (v) => <span className="mono">{v.mount}</span>],
          [t('hardware.filesystem'), (v) => orUnknown(v.filesystem)],
          [t('hardware.size'), (v) => mb(v.totalMb), true],
          [t('hardware.free'), (v) => mb(v.freeMb), true],
          [t('hardware.encrypted'), (v) => (v.encrypted === null ? <Unknown /> : v.encrypted ? t('value.yes') : t('value.no'))],
        ]}
      />
      <SimpleTable
        title={t('hardware.monitors')}
        rows={hardware.monitors}
        columns={[
          [t('hardware.name'), (m) => orUnknown(m.name)],
          [t('hardware.manufacturer'), (m) => orUnknown(m.manufacturer)],
          [t('hardware.serial'), (m) => orUnknown(m.serial)],
        ]}
      />
      <SimpleTable
        title={t('hardware.users')}
        rows={hardware.users}
        columns={[
          [t('hardware.login'), (u) => u.login],
          [t('hardware.domain'), (u) => orUnknown(u.domain)],
          [t('hardware.person'), (u) => (u.person ? <RefLink to="people" value={u.person} /> : <Unknown word={t('hardware.notLinked')} />)],
          [t('hardware.firstSeen'), (u) => <TimeAgo at={u.firstSeenAt} />],
          [t('hardware.lastSeen'), (u) => <TimeAgo at={u.lastSeenAt} />],
        ]}
      />
      {hardware.sections.length > 0 && <SectionDialogs id={id} sections={hardware.sections} />}
    </>
  );
}

/** Within a label only abbreviations keep their capitals. */
function midLabel(text: string): string {
  return /^\p{Lu}{2}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/** The facts of one group as single lines: `bios.version` becomes "Bios · version". */
function flatten(label: string, value: unknown): [string, ReactNode][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((one, index) => flatten(value.length > 1 ? `${label} ${index + 1}` : label, one));
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([key, one]) => flatten(`${label} · ${midLabel(humanise(key))}`, one));
  return [[label, typeof value === 'number' ? number(value) : String(value)]];
}

export function NetworkTab({ id }: { id: string }) {
  const query = useQuery(apiQuery(getAssetHardware, { params: { id } }));
  return (
    <>
      <Loaded query={query}>
        {(hardware) =>
          hardware.interfaces.length === 0 ? (
            <EmptyState title={t('asset.noNetwork')} />
          ) : (
            <SimpleTable
              title={t('hardware.interfaces')}
              rows={hardware.interfaces}
              columns={[
                [t('hardware.name'), (i) => i.name],
                [t('hardware.mac'), (i) => (i.mac ? <span className="mono">{i.mac}</span> : <Unknown />)],
                [
                  t('hardware.ips'),
                  (i) => (i.ips.length > 0 ? <span className="mono">{i.ips.join(', ')}</span> : <Unknown word={t('none.none')} />),
                ],
                [t('hardware.type'), (i) => (i.virtual ? t('hardware.virtual') : orUnknown(i.type))],
                [t('hardware.speed'), (i) => (i.speedMbps === null ? <Unknown /> : `${number(i.speedMbps)} Mb/s`), true],
                [t('hardware.link'), (i) => (i.up === null ? <Unknown /> : i.up ? t('hardware.up') : t('hardware.down'))],
                [
                  t('hardware.source'),
                  (i) => (
                    <>
                      {wordOf(i.source)} · <TimeAgo at={i.seenAt} />
                    </>
                  ),
                ],
              ]}
            />
          )
        }
      </Loaded>
      <SeenOn id={id} />
    </>
  );
}
