import { Button } from '@mantine/core';
import {
  getAssetNetwork,
  type AssetNetwork,
  type NetworkComponentRow,
  type NetworkNeighbourRow,
  type NetworkPortRow,
} from '@muster/api/network';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { Loaded } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

const orUnknown = (value: ReactNode): ReactNode => (value === null || value === undefined || value === '' ? <Unknown /> : value);
const mono = (value: string | null): ReactNode => (value === null ? <Unknown /> : <span className="mono">{value}</span>);
const none = () => <Unknown word={t('none.none')} />;

/** Ports of a network device with their state and VLANs. */
export function PortTable({ rows }: { rows: NetworkPortRow[] }) {
  return (
    <SimpleTable
      title={t('network.ports')}
      rows={rows}
      columns={[
        [t('hardware.name'), (p) => orUnknown(p.name ?? p.description)],
        [t('network.alias'), (p) => p.alias ?? none()],
        [
          t('hardware.link'),
          (p) => (p.enabled === false ? t('network.disabled') : p.up === null ? <Unknown /> : p.up ? t('hardware.up') : t('hardware.down')),
        ],
        [t('hardware.speed'), (p) => (p.speedMbps === null ? <Unknown /> : `${number(p.speedMbps)} Mb/s`), true],
        [t('network.vlans'), (p) => (p.vlans.length === 0 ? none() : vlans(p))],
        [t('network.bundles'), (p) => (p.members.length === 0 ? none() : tn('network.members', p.members.length))],
        [t('hardware.mac'), (p) => mono(p.mac)],
        [t('hardware.ips'), (p) => (p.ips.length === 0 ? none() : <span className="mono">{p.ips.join(', ')}</span>)],
      ]}
    />
  );
}

const shownVlans = 8;

function vlans(port: NetworkPortRow): ReactNode {
  const words = port.vlans.slice(0, shownVlans).map((v) => `${v.id}${v.name === null ? '' : ` ${v.name}`}`);
  const more = port.vlans.length - shownVlans;
  return (
    <>
      {port.trunk && <span className="dimmed">{t('network.trunk')} </span>}
      {words.join(', ')}
      {more > 0 && ` ${t('network.more', { count: number(more) })}`}
    </>
  );
}

/** What belongs to a device: what is built in, and the access points of a wireless controller in a table of their own. */
export function ComponentTable({ rows }: { rows: NetworkComponentRow[] }) {
  return (
    <>
      <BuiltInTable rows={rows.filter((c) => c.kind !== 'access_point')} />
      <AccessPointTable rows={rows.filter((c) => c.kind === 'access_point')} />
    </>
  );
}

/** Stack members, modules, power supplies. */
function BuiltInTable({ rows }: { rows: NetworkComponentRow[] }) {
  const names = new Map(rows.map((c) => [c.index, c.name ?? c.description]));
  return (
    <SimpleTable
      title={t('network.components')}
      rows={rows}
      columns={[
        [t('hardware.name'), (c) => orUnknown(c.name ?? c.description)],
        [t('network.kind'), (c) => wordOf(c.kind)],
        [t('network.model'), (c) => orUnknown(c.model)],
        [t('hardware.serial'), (c) => mono(c.serial)],
        [t('network.within'), (c) => (c.containedIn === null ? none() : orUnknown(names.get(c.containedIn)))],
        [t('hardware.firmware'), (c) => orUnknown(c.software ?? c.firmware)],
      ]}
    />
  );
}

const firstAccessPoints = 200;

/** The access points that a wireless controller lists; of thousands the first, and all when they are asked for. */
function AccessPointTable({ rows }: { rows: NetworkComponentRow[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, firstAccessPoints);
  return (
    <SimpleTable
      title={t('network.accessPoints', { count: number(rows.length) })}
      actions={
        shown.length < rows.length && (
          <Button size="xs" variant="default" onClick={() => setAll(true)}>
            {t('network.accessPointsAll', { shown: number(shown.length), count: number(rows.length) })}
          </Button>
        )
      }
      rows={shown}
      columns={[
        [t('hardware.name'), (c) => orUnknown(c.name)],
        [t('hardware.link'), (c) => (c.state === null ? <Unknown /> : t(`network.accessPoint.${c.state}`))],
        [t('network.model'), (c) => orUnknown(c.model)],
        [t('hardware.serial'), (c) => mono(c.serial)],
        [t('hardware.mac'), (c) => mono(c.mac)],
        [t('hardware.ips'), (c) => mono(c.ip)],
        [t('walk.location'), (c) => orUnknown(c.location)],
        [t('hardware.firmware'), (c) => orUnknown(c.software ?? c.firmware)],
      ]}
    />
  );
}

type Neighbour = NetworkNeighbourRow & Partial<AssetNetwork['neighbours'][number]>;

/** Its name, and below it what it calls its chassis where that is something else. */
function FarDevice({ neighbour: n }: { neighbour: Neighbour }) {
  const name = n.asset?.label ?? n.systemName ?? n.model;
  return (
    <span className="wrapping-cell">
      {n.asset ? <RefLink to="assets" value={n.asset} /> : orUnknown(name ?? n.chassisId)}
      {n.chassisId !== null && name !== null && n.chassisId !== name && <span className="dimmed mono">{n.chassisId}</span>}
    </span>
  );
}

/** What is connected to which port; what was seen before stands below. */
export function NeighbourTable({ rows }: { rows: Neighbour[] }) {
  return (
    <SimpleTable
      title={t('network.neighbours')}
      rows={rows}
      columns={[
        [t('network.port'), (n) => orUnknown(n.localPortName ?? n.localPort)],
        [t('network.device'), (n) => <FarDevice neighbour={n} />],
        [t('network.farPort'), (n) => orUnknown(n.portId ?? n.portDescription)],
        [
          t('network.toldBy'),
          (n) => (n.protocol === 'lldp' || n.protocol === 'cdp' ? n.protocol.toUpperCase() : t(`network.protocol.${n.protocol}`)),
        ],
        [t('hardware.firstSeen'), (n) => (n.firstSeenAt ? <TimeAgo at={n.firstSeenAt} /> : t('network.now'))],
        [
          t('hardware.lastSeen'),
          (n) =>
            n.lastSeenAt ? (
              <>
                <TimeAgo at={n.lastSeenAt} /> {n.current === false && <span className="dimmed">{t('network.gone')}</span>}
              </>
            ) : (
              t('network.now')
            ),
        ],
      ]}
    />
  );
}

/** The network of a switch, printer or other device: its ports, what is connected to them, and where it was seen itself. */
export function NetworkDeviceTab({ id }: { id: string }) {
  const query = useQuery(apiQuery(getAssetNetwork, { params: { id } }));
  return (
    <Loaded query={query}>
      {({ ports, neighbours, seenOn }) =>
        ports.length + neighbours.length + seenOn.length === 0 ? (
          <EmptyState title={t('network.no.ports')}>{t('network.noHint')}</EmptyState>
        ) : (
          <>
            <SeenOnTable rows={seenOn} />
            <NeighbourTable rows={neighbours} />
            <PortTable rows={ports} />
          </>
        )
      }
    </Loaded>
  );
}

/** The modules that a network device tells over SNMP; nothing when there are none. */
export function NetworkModules({ id }: { id: string }) {
  const query = useQuery(apiQuery(getAssetNetwork, { params: { id } }));
  // Its ports are on the tab of the network, with their state.
  return query.data ? <ComponentTable rows={query.data.components.filter((c) => c.kind !== 'port')} /> : null;
}

/** The ports of other devices on which a computer was seen; nothing when there are none. */
export function SeenOn({ id }: { id: string }) {
  const query = useQuery(apiQuery(getAssetNetwork, { params: { id } }));
  return query.data ? <SeenOnTable rows={query.data.seenOn} /> : null;
}

function SeenOnTable({ rows }: { rows: AssetNetwork['seenOn'] }) {
  return (
    <SimpleTable
      title={t('network.seenOn')}
      rows={rows}
      columns={[
        [t('network.device'), (s) => <AppLink to={`/assets/${s.asset.id}?tab=network`}>{s.asset.label}</AppLink>],
        [t('network.port'), (s) => orUnknown(s.port)],
        [t('hardware.source'), (s) => wordOf(s.source)],
        [t('hardware.firstSeen'), (s) => <TimeAgo at={s.firstSeenAt} />],
        [
          t('hardware.lastSeen'),
          (s) => (
            <>
              <TimeAgo at={s.lastSeenAt} /> {!s.current && <span className="dimmed">{t('network.gone')}</span>}
            </>
          ),
        ],
      ]}
    />
  );
}
