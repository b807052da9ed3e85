export { type KeptDemand, deriveDemand, demandSentence, factLabel } from './demand.ts';
export { type RowsResolver, evaluate, evaluatesTo } from './evaluate.ts';
export { unwire, wire } from './node.ts';
export {
  type DemandGroup,
  type FigureName,
  type PositionTrees,
  demandGroups,
  derivePosition,
  figureNames,
  groupKey,
  positionSentence,
} from './position.ts';
