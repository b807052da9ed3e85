import './labels.css';
import { Button, Group, Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { listPath } from '../../ui/links.ts';
import { PlainPage } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { offerScanCustody } from '../custody/ScanCustody.tsx';
import { CameraView } from './CameraView.tsx';
import { PrintDialog } from './PrintDialog.tsx';
import { scanActions, registerScanAction } from './scan-actions.ts';
import { chooseCandidate, clearScanSet, removeScanned, setKeepScanning, useScanSet, type Scanned } from './scan-set.ts';
import { takeCode } from './use-scanner.ts';

offerScanCustody();
registerScanAction({ key: 'print', label: 'labels.print', permission: 'assets:write', Dialog: PrintDialog });

/** As many ids as a filter holds. */
const listLimit = 100;

/** What was scanned, gathered to act on it at once. */
export function ScanPage() {
  const set = useScanSet();
  const follow = useFollow();
  const [text, setText] = useState('');
  const [camera, setCamera] = useState(false);
  const take = (code: string): void => void takeCode(code, follow);
  const assetIds = set.items.flatMap((one) => (one.asset ? [one.asset.id] : []));
  const scans = set.items.reduce((sum, one) => sum + one.count, 0);
  const unknown = set.items.filter((one) => one.state === 'unknown').length;
  return (
    <PlainPage name={t('scan.title')} line={t('scan.line')}>
      <Group align="end" gap="sm" mb="md">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) take(text.trim());
            setText('');
          }}
        >
          <Group align="end" gap="xs">
            <TextInput label={t('scan.code')} value={text} onChange={(event) => setText(event.currentTarget.value)} />
            <Button type="submit" variant="default">
              {t('scan.lookUp')}
            </Button>
          </Group>
        </form>
        <Button variant={camera ? 'filled' : 'default'} onClick={() => setCamera(!camera)}>
          {camera ? t('scan.cameraOff') : t('scan.cameraOn')}
        </Button>
        <Switch label={t('scan.keep')} checked={set.keep} onChange={(event) => setKeepScanning(event.currentTarget.checked)} />
      </Group>
      {camera && <CameraView onCode={take} />}
      <p role="status">
        {tn('scan.assets', assetIds.length)} · {tn('scan.scans', scans)}
        {unknown > 0 && ` · ${tn('scan.unknownCount', unknown)}`}
      </p>
      {set.items.length === 0 ? <EmptyState title={t('scan.empty')}>{t('scan.emptyHint')}</EmptyState> : <ScannedTable items={set.items} />}
      {set.items.length > 0 && <SetActions assetIds={assetIds} />}
    </PlainPage>
  );
}

function ScannedTable({ items }: { items: readonly Scanned[] }) {
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={t('scan.set')}>
      <table className="simple">
        <thead>
          <tr>
            <th scope="col">{t('scan.code')}</th>
            <th scope="col">{t('scan.asset')}</th>
            <th scope="col" className="figure">
              {t('scan.count')}
            </th>
            <th scope="col">{t('scan.remove')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.code} data-state={one.state}>
              <td className="mono scan-code">{one.code}</td>
              <td>
                <ScannedCell one={one} />
              </td>
              <td className="figure">{one.count}</td>
              <td>
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={t('scan.removeOf', { code: one.code })}
                  onClick={() => removeScanned(one.code)}
                >
                  {t('scan.remove')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const nameOf = (asset: NonNullable<Scanned['asset']>): string =>
  [asset.tag, asset.name ?? asset.serial].filter(Boolean).join(' · ') || asset.id;

function ScannedCell({ one }: { one: Scanned }) {
  if (one.asset)
    return (
      <>
        <AppLink to={`/assets/${one.asset.id}`}>{nameOf(one.asset)}</AppLink> <StateBadge value={one.asset.state} />
      </>
    );
  if (one.state === 'several')
    return (
      <Select
        aria-label={t('scan.which')}
        placeholder={t('scan.which')}
        data={[...new Map(one.candidates.map((each) => [each.asset.id, { value: each.asset.id, label: nameOf(each.asset) }])).values()]}
        onChange={(id) => {
          const chosen = one.candidates.find((each) => each.asset.id === id);
          if (chosen) chooseCandidate(one.code, chosen.asset);
        }}
      />
    );
  return <span className="dimmed">{t(`scan.state.${one.state}` as 'scan.state.unknown')}</span>;
}

function SetActions({ assetIds }: { assetIds: string[] }) {
  const { can } = useSession();
  const follow = useFollow();
  const [chosen, setChosen] = useState<string | null>(null);
  const actions = scanActions().filter((one) => can(one.permission));
  const Dialog = actions.find((one) => one.key === chosen)?.Dialog;
  return (
    <Group mt="md" gap="xs">
      {actions.map((one, index) => (
        <Button
          key={one.key}
          variant={index === 0 ? 'filled' : 'default'}
          disabled={assetIds.length === 0}
          onClick={() => setChosen(one.key)}
        >
          {t(one.label)}
        </Button>
      ))}
      <Button
        variant="default"
        disabled={assetIds.length === 0 || assetIds.length > listLimit}
        onClick={() => follow(listPath('/assets', `id:${assetIds.join(',')}`))}
      >
        {t('scan.openList')}
      </Button>
      <Button variant="subtle" onClick={clearScanSet}>
        {t('scan.clear')}
      </Button>
      {Dialog && <Dialog assetIds={assetIds} onClose={() => setChosen(null)} />}
    </Group>
  );
}
