import { Button, Group, SegmentedControl } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import {
  checkLifecycle,
  getLifecycle,
  type LifecycleCheck,
  type LifecycleInForce,
  type LifecycleMachine,
  putLifecycle,
  resetLifecycle,
  type Transition,
} from '@muster/api/lifecycle';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, keyOf } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { listPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { stateOf } from './diagram-layout.ts';
import { type Chosen, LifecycleDiagram } from './LifecycleDiagram.tsx';
import { Substates, TransitionList, TransitionTable } from './MachineTables.tsx';
import { keyFrom, standingWord } from './standing-word.ts';
import { TransitionEditor } from './TransitionEditor.tsx';

/** The lifecycle machine: seen by everyone who sees assets, changed as a draft that is checked while it is drawn. */
export function LifecyclePage() {
  const query = useQuery(apiQuery(getLifecycle, {}));
  return <Loaded query={query}>{(inForce) => <Editor key={inForce.version} inForce={inForce} />}</Loaded>;
}

function Editor({ inForce }: { inForce: LifecycleInForce }) {
  const { can } = useSession();
  const mayChange = can('settings:write');
  const [draft, setDraft] = useState(inForce.machine);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(inForce.machine);
  const { check, isCurrent } = useCheck(draft, mayChange && isChanged);
  const save = useChange(() => call(putLifecycle, { ifMatch: `"${inForce.version}"`, body: draft }), { message: t('lifecycle.saved') });
  const reset = useChange(() => call(resetLifecycle, {}), { message: t('lifecycle.resetDone') });
  const canSave = isChanged && isCurrent && check !== undefined && check.errors.length === 0 && check.stranded.length === 0;
  return (
    <PlainPage
      name={t('nav.lifecycle')}
      line={
        <>
          {t('lifecycle.line')}{' '}
          {inForce.origin === 'shipped'
            ? t('lifecycle.shipped')
            : t('lifecycle.changedBy', { version: inForce.version, actor: inForce.changedBy ?? '' })}
        </>
      }
      actions={
        mayChange && (
          <Group gap="xs">
            {isChanged && (
              <Button variant="default" onClick={() => setDraft(inForce.machine)}>
                {t('lifecycle.discard')}
              </Button>
            )}
            {!isChanged && inForce.origin === 'changed' && (
              <ConfirmButton
                variant="default"
                label={t('lifecycle.reset')}
                question={t('lifecycle.resetQuestion')}
                pending={reset.isPending}
                onConfirm={() => reset.mutate(undefined)}
              />
            )}
            <Button loading={save.isPending} disabled={!canSave} onClick={() => save.mutate(undefined)}>
              {t('lifecycle.save')}
            </Button>
          </Group>
        )
      }
    >
      <ProblemNotice error={save.error ?? reset.error} />
      {isChanged && check && <Findings machine={inForce.machine} check={check} />}
      <Machine draft={draft} inForce={inForce} mayChange={mayChange} onDraft={setDraft} errors={isChanged ? (check?.errors ?? []) : []} />
    </PlainPage>
  );
}

/** What is wrong with the draft, and which assets it would leave nowhere; asked anew a moment after each change. */
function useCheck(draft: LifecycleMachine, enabled: boolean): { check: LifecycleCheck | undefined; isCurrent: boolean } {
  const [settled] = useDebouncedValue(draft, 300);
  const query = useQuery({
    queryKey: keyOf(checkLifecycle, { body: settled }),
    queryFn: async ({ signal }) => (await call(checkLifecycle, { body: settled, signal })).data,
    placeholderData: keepPreviousData,
    enabled,
  });
  // An answer about an earlier draft is shown until the next, but does not allow to save this one.
  return { check: query.data, isCurrent: settled === draft && !query.isPlaceholderData };
}

function Findings({ machine, check }: { machine: LifecycleMachine; check: LifecycleCheck }) {
  return (
    <>
      {check.errors.length > 0 && (
        <WarningNotice title={t('lifecycle.mistakes')}>
          <ul className="reasons">
            {check.errors.map((e) => (
              <li key={`${e.field} ${e.code} ${e.message}`}>{e.message}</li>
            ))}
          </ul>
        </WarningNotice>
      )}
      {check.stranded.length > 0 && (
        <WarningNotice title={t('lifecycle.stranded')}>
          <ul className="reasons">
            {check.stranded.map(({ state, substate, assets, why }) => {
              const where = standingWord(machine, substate === null ? state : `${state}/${substate}`);
              return (
                <li key={where}>
                  <AppLink to={listPath('/assets', `state:${state}${substate === null ? ' substate:null' : ` substate:${substate}`}`)}>
                    {t(why === 'removed' ? 'lifecycle.strandedRemoved' : 'lifecycle.strandedStuck', {
                      assets: tn('lifecycle.assets', assets),
                      where,
                    })}
                  </AppLink>
                </li>
              );
            })}
          </ul>
        </WarningNotice>
      )}
    </>
  );
}

interface MachineProps {
  draft: LifecycleMachine;
  inForce: LifecycleInForce;
  mayChange: boolean;
  onDraft: (draft: LifecycleMachine) => void;
  errors: LifecycleCheck['errors'];
}

function Machine({ draft, inForce, mayChange, onDraft, errors }: MachineProps) {
  const isNarrow = useMediaQuery('(max-width: 47.99em)', undefined, { getInitialValueInEffect: false }) ?? false;
  const [view, setView] = useState('diagram');
  const [chosen, setChosen] = useState<Chosen>({ state: null, transition: null });
  const choose = (key: string): void => setChosen({ ...chosen, transition: key });
  const add = (): void => {
    const label = t('lifecycle.newTransition');
    const from = chosen.state ?? 'in_stock';
    const key = keyFrom(
      label,
      draft.transitions.map((one) => one.key),
    );
    const made: Transition = {
      key,
      label,
      from: [from],
      to: from === 'in_use' ? 'in_stock' : 'in_use',
      roles: [],
      requires: [],
      inputs: [],
      guards: [],
      actions: [],
      retired: false,
    };
    onDraft({ ...draft, transitions: [...draft.transitions, made] });
    setChosen({ state: from, transition: key });
  };
  return (
    <>
      <Group justify="space-between" my="sm">
        {!isNarrow && (
          <SegmentedControl
            aria-label={t('lifecycle.view')}
            value={view}
            onChange={setView}
            data={[
              { value: 'diagram', label: t('lifecycle.diagram') },
              { value: 'table', label: t('lifecycle.table') },
            ]}
          />
        )}
        {mayChange && (
          <Button variant="default" onClick={add}>
            {t('lifecycle.newTransition')}
          </Button>
        )}
      </Group>
      <div className="lifecycle-split" data-open={chosen.state !== null || chosen.transition !== null || undefined}>
        <div>
          {isNarrow ? (
            <TransitionList machine={draft} onChoose={choose} />
          ) : view === 'table' ? (
            <TransitionTable machine={draft} actions={inForce.actions} onChoose={choose} />
          ) : (
            <LifecycleDiagram machine={draft} chosen={chosen} onChoose={setChosen} />
          )}
        </div>
        <Side
          draft={draft}
          inForce={inForce}
          mayChange={mayChange}
          onDraft={onDraft}
          errors={errors}
          chosen={chosen}
          onChoose={setChosen}
        />
      </div>
      <Substates machine={draft} mayChange={mayChange} onChange={onDraft} />
    </>
  );
}

/** What is chosen: a transition with its form, or a state with the transitions that touch it. */
function Side({
  draft,
  inForce,
  mayChange,
  onDraft,
  errors,
  chosen,
  onChoose,
}: MachineProps & { chosen: Chosen; onChoose: (chosen: Chosen) => void }) {
  const at = draft.transitions.findIndex((one) => one.key === chosen.transition);
  const transition = draft.transitions[at];
  const replace = (next: Transition[]): void => onDraft({ ...draft, transitions: next });
  if (transition)
    return (
      <div className="lifecycle-side">
        <TransitionEditor
          key={transition.key}
          machine={draft}
          transition={transition}
          actions={inForce.actions}
          mistakes={errors
            .filter((e) => e.field === `transitions[${at}]` || e.field.startsWith(`transitions[${at}].`))
            .map((e) => e.message)}
          readOnly={!mayChange}
          onChange={(next) => replace(draft.transitions.map((one, i) => (i === at ? next : one)))}
          onRemove={() => {
            replace(draft.transitions.filter((_, i) => i !== at));
            onChoose({ ...chosen, transition: null });
          }}
        />
      </div>
    );
  const { state } = chosen;
  if (state === null) return <p className="dimmed lifecycle-side">{t('lifecycle.choose')}</p>;
  const touching = draft.transitions.filter((one) => stateOf(one.to) === state || one.from.some((f) => stateOf(f) === state));
  return (
    <div className="lifecycle-side">
      <Section title={t('lifecycle.transitionsOf', { state: wordOf(state) })}>
        <TransitionList machine={draft} only={touching} onChoose={(key) => onChoose({ state, transition: key })} />
      </Section>
    </div>
  );
}
