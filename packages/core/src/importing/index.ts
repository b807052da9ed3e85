export { type CellFormats, type CellType, exactMoney, readCell, type ReadCell, unescapeCell } from './cells.ts';
export { type DateOrder, dateOrderOf, readDate } from './dates.ts';
export { readNumber } from './numbers.ts';
export { guessField, headerKey } from './headers.ts';
