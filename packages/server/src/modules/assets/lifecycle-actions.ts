import type { ActionKind, Transition } from '@muster/api/lifecycle';
import { builtInActions, type Inputs, type Standing } from '@muster/core/lifecycle';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { AssetRow } from './store.ts';

/** Assets that make one transition together, with what was typed. They stand already where they moved to. */
export interface TransitionRun {
  readonly actor: Actor;
  readonly now: Date;
  readonly transition: Transition;
  readonly to: Standing;
  readonly inputs: Inputs;
  /** What the machine sets for this action; stands in for an input of the same name that was not given. */
  readonly parameters: Readonly<Record<string, string>>;
  /** As they were before the move; locked. */
  readonly assets: readonly AssetRow[];
}

/** Does what an action says to all assets of the run, in the transaction of the move. A Problem it throws refuses the move. */
export type TransitionActionHandler = (tx: Tx, run: TransitionRun) => Promise<void>;

const handlers = new Map<string, { kind: ActionKind; handler: TransitionActionHandler }>();

/**
 * Makes an action known that transitions may have; modules call it when they start. Registering a key again replaces its handler: so may a
 * module take over a built-in action, which then keeps what it needs, gives and takes unless the kind is given anew.
 * @param kind The action with what it needs and does to person and place, or just its key.
 */
export function registerTransitionAction(kind: ActionKind | string, handler: TransitionActionHandler): void {
  const made = typeof kind === 'string' ? kindOf(kind) : kind;
  handlers.set(made.key, { kind: made, handler });
}

const kindOf = (key: string): ActionKind =>
  handlers.get(key)?.kind ??
  builtInActions.find((a) => a.key === key) ?? { key, label: key.replaceAll('_', ' '), needs: [], gives: [], takes: [] };

/** The actions that transitions may have, the built-in ones first. */
export const actionKinds = (): ActionKind[] => [...handlers.values()].map((h) => h.kind);

export const handlerOf = (key: string): TransitionActionHandler | undefined => handlers.get(key)?.handler;

/** Reads a fact of assets that another module keeps; an asset without one is left out. */
export type FactReader = (db: Db, assetIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

const facts = new Map<string, FactReader>();

/** Makes a fact known that guards ask for: `condition`. Without a reader no asset has one, and the guard says so. */
export function registerTransitionFact(key: 'condition', read: FactReader): void {
  facts.set(key, read);
}

export const factReader = (key: 'condition'): FactReader | undefined => facts.get(key);
