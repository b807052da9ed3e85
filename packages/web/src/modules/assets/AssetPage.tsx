import { getAsset, type AssetRecord } from '@muster/api/assets';
import { assetAttached } from '@muster/api/attachments';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { useAsOf } from '../../ui/as-of.ts';
import { AsOfNotice, AsOfPicker } from '../../ui/AsOf.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useRecordId } from '../../ui/record-id.ts';
import { Loaded, RecordPage } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { RefLink, TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { FilesAndNotes } from '../attachments/FilesAndNotes.tsx';
import { KeywordLine } from '../attachments/KeywordLine.tsx';
import { CustodyActions, CustodyLine, CustodyTab } from '../custody/AssetCustody.tsx';
import { ComponentsTab } from './ComponentsTab.tsx';
import { RelationsTab } from './RelationsTab.tsx';
import { DeviceMeasures } from './DeviceMeasures.tsx';
import { HardwareTab, NetworkTab } from './HardwareTabs.tsx';
import { IdentityTab } from './IdentityTab.tsx';
import { NetworkDeviceTab } from './NetworkTables.tsx';
import { OverviewTab } from './OverviewTab.tsx';
import { SoftwareTab } from './SoftwareTab.tsx';
import { AssetTimeline } from './AssetTimeline.tsx';
import { SectionAges } from './SectionAges.tsx';
import { AssetCodes, PrintAsset } from '../labels/AssetCodes.tsx';
import { AssetReservations } from '../reservations/ReservationsOf.tsx';
import { AssetTasks } from '../tasks/TaskPages.tsx';
import { Standing } from './TransitionDialog.tsx';
import { Transitions } from './Transitions.tsx';

export function AssetPage() {
  const id = useRecordId();
  const [asOf] = useAsOf();
  const query = useQuery(apiQuery(getAsset, { params: { id }, query: asOf === undefined ? {} : { as_of: asOf } }));
  // A time before it was entered has nothing to show: the way back is offered with the reason.
  if (query.error && asOf !== undefined) return <NotThere error={query.error} />;
  return <Loaded query={query}>{(asset) => (asset.asOf ? <PastAsset asset={asset} /> : <Asset asset={asset} />)}</Loaded>;
}

function NotThere({ error }: { error: unknown }) {
  const [asOf = '', setAsOf] = useAsOf();
  return (
    <div className="page">
      <AsOfNotice asOf={asOf} onBack={() => setAsOf(undefined)} />
      <ProblemNotice error={error} />
    </div>
  );
}

/** The record as it was: only what is kept of the past, and nothing to change. */
function PastAsset({ asset }: { asset: AssetRecord }) {
  const [asOf = '', setAsOf] = useAsOf();
  const name = asset.name ?? asset.tag ?? asset.serial ?? t('none.unnamed');
  return (
    <RecordPage
      name={name}
      back={{ to: `/assets?as_of=${encodeURIComponent(asOf)}`, label: t('nav.assets') }}
      title={name}
      line={
        <>
          <AsOfNotice
            asOf={asOf}
            hint={asset.asOf?.exact === false ? t('asOf.notExact') : t('asOf.recordHint')}
            onBack={() => setAsOf(undefined)}
          />
          <AssetLine asset={asset} />
        </>
      }
      actions={<AsOfPicker value={asOf} onChange={setAsOf} />}
      tabs={[{ key: 'overview', label: t('asset.overview'), content: () => <OverviewTab asset={asset} mayEdit={false} /> }]}
    />
  );
}

/** What it is and who has it, in one line. */
function AssetLine({ asset }: { asset: AssetRecord }) {
  const { manufacturer, model } = asset;
  // Many models begin with the name of their maker.
  const repeats = manufacturer !== null && model?.toLowerCase().startsWith(`${manufacturer.toLowerCase()} `);
  const what = (repeats ? [model] : [manufacturer, model]).filter(Boolean).join(' ') || t('asset.unknownModel');
  return (
    <>
      {asset.redirectedTo && (
        // A merged asset is a signpost: that comes before anything else about it.
        <WarningNotice title={t('asset.merged')}>
          <AppLink to={`/assets/${asset.redirectedTo}`}>{t('asset.survivor')}</AppLink>
        </WarningNotice>
      )}
      <Standing state={asset.state} substate={asset.substate?.label} />
      <span>
        {asset.class.label} · {what}
        {asset.serial && (
          <>
            {' '}
            · <span className="mono">{asset.serial}</span>
          </>
        )}
        {' · '}
        <CustodyLine id={asset.id}>
          {asset.person ? (
            <>
              {t('asset.with')} <RefLink to="people" value={asset.person} />
            </>
          ) : asset.lastUser ? (
            t('asset.lastUsedBy', { user: asset.lastUser })
          ) : (
            t('asset.withNobody')
          )}
        </CustodyLine>
        {asset.place && (
          <>
            {' · '}
            <RefLink to="places" value={asset.place} />
          </>
        )}
        {asset.lastSeenAt && (
          <>
            {' '}
            · {t('asset.seen')} <TimeAgo at={asset.lastSeenAt} />
          </>
        )}
      </span>
    </>
  );
}

function Asset({ asset }: { asset: AssetRecord }) {
  const { can } = useSession();
  const [, setAsOf] = useAsOf();
  const name = asset.name ?? asset.tag ?? asset.serial ?? t('none.unnamed');
  const mayEdit = can('assets:write');
  const capable = (capability: string): boolean => asset.class.capabilities.includes(capability);
  const hasReports = asset.sources.length > 0;
  /** A switch or a printer: what is on it does not matter, what is connected to it does. */
  const isNetworkDevice = capable('interfaces') && !capable('software');
  return (
    <RecordPage
      name={name}
      back={{ to: '/assets', label: t('nav.assets') }}
      title={
        <>
          {name} {asset.tag && asset.tag !== name && <span className="title-tag mono">{asset.tag}</span>}
        </>
      }
      line={
        <>
          <AssetLine asset={asset} />
          <KeywordLine id={asset.id} mayEdit={mayEdit && !asset.redirectedTo} />
        </>
      }
      actions={
        <>
          <AsOfPicker value={undefined} onChange={setAsOf} />
          {mayEdit && !asset.redirectedTo && <AssetActions asset={asset} name={name} />}
        </>
      }
      tabs={[
        { key: 'overview', label: t('asset.overview'), content: () => <OverviewTab asset={asset} mayEdit={mayEdit} /> },
        ...(hasReports || capable('hardware')
          ? [
              {
                key: 'hardware',
                label: t('asset.hardware'),
                content: () => (
                  <>
                    <SectionAges asset={asset} only={['hardware', 'disks', 'users']} inline />
                    {isNetworkDevice && <DeviceMeasures id={asset.id} />}
                    <HardwareTab id={asset.id} />
                  </>
                ),
              },
            ]
          : []),
        ...(capable('software') || asset.installedTitles > 0
          ? [
              {
                key: 'software',
                label: t('asset.software'),
                count: asset.installedTitles,
                content: () => (
                  <>
                    <SectionAges asset={asset} only={['software']} inline />
                    <SoftwareTab id={asset.id} />
                  </>
                ),
              },
            ]
          : []),
        ...(hasReports || capable('interfaces')
          ? [
              {
                key: 'network',
                label: t('asset.network'),
                content: () => (
                  <>
                    <SectionAges asset={asset} only={['network']} inline />
                    {isNetworkDevice ? <NetworkDeviceTab id={asset.id} /> : <NetworkTab id={asset.id} />}
                  </>
                ),
              },
            ]
          : []),
        ...(hasReports
          ? [
              {
                key: 'components',
                label: t('asset.components'),
                content: () => <ComponentsTab id={asset.id} networkDevice={isNetworkDevice} />,
              },
            ]
          : []),
        { key: 'relations', label: t('asset.relations'), content: () => <RelationsTab id={asset.id} mayEdit={mayEdit} /> },
        {
          key: 'custody',
          label: t('custody.tab'),
          content: () => <CustodyTab id={asset.id} change={mayEdit && !asset.redirectedTo ? { id: asset.id, label: name } : undefined} />,
        },
        {
          key: 'reservations',
          label: t('nav.reservations'),
          content: () => <AssetReservations asset={{ id: asset.id, label: name }} mayReserve={mayEdit && !asset.redirectedTo} />,
        },
        { key: 'tasks', label: t('nav.tasks'), content: () => <AssetTasks id={asset.id} mayEdit={mayEdit && !asset.redirectedTo} /> },
        { key: 'codes', label: t('codes.title'), content: () => <AssetCodes id={asset.id} mayEdit={mayEdit && !asset.redirectedTo} /> },
        {
          key: 'files',
          label: t('attached.title'),
          content: () => <FilesAndNotes routes={assetAttached} id={asset.id} mayEdit={mayEdit && !asset.redirectedTo} />,
        },
        { key: 'timeline', label: t('asset.timeline'), content: () => <AssetTimeline id={asset.id} /> },
        {
          key: 'identity',
          label: t('asset.identity'),
          content: () => <IdentityTab id={asset.id} mayDecide={mayEdit} merged={asset.redirectedTo !== null} />,
        },
      ]}
      side={<AssetSide asset={asset} />}
    />
  );
}

/** What happened lately, how fresh what is known of it is, and who told it. */
function AssetSide({ asset }: { asset: AssetRecord }) {
  return (
    <>
      <h2>{t('asset.recent')}</h2>
      <AssetTimeline id={asset.id} limit={8} />
      {asset.freshness && asset.sections.length > 0 && (
        <>
          <h2>{t('fresh.title')}</h2>
          <p className="dimmed">
            <StateBadge value={asset.freshness.state} />{' '}
            {t('fresh.limits', { stale: asset.freshness.staleDays, missing: asset.freshness.missingDays })}
          </p>
          <SectionAges asset={asset} />
        </>
      )}
      <h2>{t('asset.sources')}</h2>
      <ul className="plain">
        {asset.sources.map((s) => (
          <li key={s.observationId}>
            {wordOf(s.source)} {s.agentVersion && <span className="dimmed">{s.agentVersion}</span>}
            <br />
            <span className="dimmed">
              <TimeAgo at={s.lastReceivedAt} /> · {tn('asset.reports', s.reports)}
            </span>
          </li>
        ))}
        {asset.sources.length === 0 && <li className="dimmed">{t('asset.noSource')}</li>}
      </ul>
    </>
  );
}

/** What can be done with it: who has it, and where it is in its life. */
function AssetActions({ asset, name }: { asset: AssetRecord; name: string }) {
  return (
    <>
      <CustodyActions asset={{ id: asset.id, label: name }} />
      <PrintAsset asset={asset} />
      {asset.transitions.length > 0 && <Transitions asset={asset} />}
    </>
  );
}
