import type { LabelDefinition, LabelElement } from '@muster/api/labels';

/** The grid that boxes are moved on, in millimetres. */
export const gridMm = 1;

const rounded = (value: number): number => Math.round(value * 10) / 10;
const within = (value: number, most: number): number => rounded(Math.max(0, Math.min(value, Math.max(0, most))));

/** A box at another place: on the grid, and never beyond the label. */
export function movedTo<T extends LabelElement>(element: T, x: number, y: number, label: LabelDefinition): T {
  const onGrid = (value: number): number => Math.round(value / gridMm) * gridMm;
  return { ...element, x: within(onGrid(x), label.width - element.width), y: within(onGrid(y), label.height - element.height) };
}

/** A box moved by so many millimetres, as the arrow keys do. */
export function movedBy<T extends LabelElement>(element: T, x: number, y: number, label: LabelDefinition): T {
  return { ...element, x: within(element.x + x, label.width - element.width), y: within(element.y + y, label.height - element.height) };
}

/** What a new template begins with: a code that leads here, the tag and the name, as large as there is room. */
export function beginning(width: number, height: number, media: LabelDefinition['media']): LabelDefinition {
  const side = rounded(Math.min(height - 2, width * 0.45));
  const left = rounded(side + 2);
  const rest = rounded(Math.max(5, width - left - 1));
  const line = rounded(Math.min(7, height / 3));
  return {
    width,
    height,
    media,
    elements: [
      { type: 'code', x: 1, y: 1, width: side, height: side, symbology: 'qr', content: '{url}' },
      { type: 'text', x: left, y: 1, width: rest, height: line, content: '{tag}', size: 12, align: 'left', bold: true },
      { type: 'text', x: left, y: rounded(1 + line), width: rest, height: line, content: '{name}', size: 9, align: 'left', bold: false },
    ],
  };
}
