// Quantity items: what is counted and has no record each.
export { issue as issueStock, receive as receiveStock } from './moves.ts';
export { holdingsOfPerson } from './person-stock.ts';
export { takeBack as takeBackStock } from './returns.ts';
export { type LowStock, lowStockRows as lowStock } from './store.ts';
export { type CarriedHolding, carryHoldings, returnHoldings } from './store-merge.ts';
