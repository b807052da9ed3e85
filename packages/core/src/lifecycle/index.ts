export { checkMachine, reachableFrom, standings } from './check.ts';
export {
  type Block,
  inputBlocks,
  type Inputs,
  judgeTransition,
  type LifecycleFacts,
  type Offer,
  offersOf,
  type TransitionAnswer,
  type Wanted,
} from './judge.ts';
export { builtInActions, isWithin, type Machine, machineOf, say, type Standing, standingOf, textOf, transitionsFrom } from './machine.ts';
