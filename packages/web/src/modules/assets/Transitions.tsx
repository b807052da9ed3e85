import { Button, Menu } from '@mantine/core';
import { type AssetRecord, transitionAsset } from '@muster/api/assets';
import { planTransition } from '@muster/api/planned-transitions';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { say } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { TransitionDialog, type TypedMove } from './TransitionDialog.tsx';

const shownTransitions = 2;

/** The allowed moves as buttons, the less usual ones behind "More"; those that cannot be made now say why. */
export function Transitions({ asset }: { asset: AssetRecord }) {
  const [key, setKey] = useState<string | null>(null);
  const chosen = asset.transitions.find((one) => one.key === key) ?? null;
  const move = useChange(
    async ({ reason, inputs, plannedFor }: TypedMove) => {
      const body = { transition: key ?? '', inputs, ...(reason ? { reason } : {}) };
      if (plannedFor !== null) await call(planTransition, { params: { id: asset.id }, body: { ...body, dueOn: plannedFor } });
      else {
        const expected = { state: asset.state, substate: asset.substate?.key ?? null };
        await call(transitionAsset, { params: { id: asset.id }, body: { ...body, expected } });
      }
      return plannedFor;
    },
    {
      onDone: (plannedFor) => {
        say(t(plannedFor === null ? 'asset.moved' : 'lifecycle.planned'));
        setKey(null);
      },
    },
  );
  const usable = asset.transitions.filter((one) => one.blocked.length === 0);
  const buttons = usable.slice(0, shownTransitions);
  const rest = asset.transitions.filter((one) => !buttons.includes(one));
  useShortcuts([
    { keys: 't', label: t('asset.changeState'), group: t('keys.thisPage'), run: () => setKey((usable[0] ?? rest[0])?.key ?? null) },
  ]);
  return (
    <>
      {buttons.map((one) => (
        <Button key={one.key} variant="default" onClick={() => setKey(one.key)}>
          {one.label}
        </Button>
      ))}
      {rest.length > 0 && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <Button variant="default">{t('action.more')}</Button>
          </Menu.Target>
          <Menu.Dropdown className="transition-menu">
            {rest.map((one) => (
              <Menu.Item key={one.key} onClick={() => setKey(one.key)}>
                {one.label}
                {one.blocked.length > 0 && <span className="dimmed transition-why">{one.blocked.map((b) => b.reason).join(' ')}</span>}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <TransitionDialog
        asset={asset}
        chosen={chosen}
        onChange={setKey}
        pending={move.isPending}
        error={<ProblemNotice error={move.error} />}
        onMove={(typed) => move.mutate(typed)}
        onClose={() => {
          setKey(null);
          move.reset();
        }}
      />
    </>
  );
}
