import type { Symbology } from '@muster/api/codes';
import { type LabelDefinition, type LabelElement, type LabelField, labelFields } from '@muster/api/labels';
import { barsOf, type Bars } from './bars.ts';

/** What one label says, by field; what is not known is empty. */
export type LabelValues = Partial<Record<LabelField, string>>;

/** What is drawn, in millimetres from the label's corner; font sizes in points. The same for PDF, ZPL and the preview. */
export type Drawn =
  | { kind: 'text'; x: number; y: number; width: number; height: number; text: string; size: number; textWidth: number; bold: boolean }
  | { kind: 'code'; x: number; y: number; width: number; height: number; symbology: Symbology; value: string; bars: Bars; module: number }
  | { kind: 'rect'; x: number; y: number; width: number; height: number }
  | { kind: 'image'; x: number; y: number; width: number; height: number; png: string };

/** Width of a text in points at a size in points. */
export type Measure = (text: string, size: number, bold: boolean) => number;

export const pointsPerMm = 72 / 25.4;
/** From ascender to descender of DejaVu Sans, per point of size (its hhea table: 1901 + 483 of 2048 units). */
export const lineHeight = (1901 + 483) / 2048;
/** Smaller is not read. */
const smallestSize = 4;
/** Smaller modules are not reliably printed and scanned: two dots of a 300 dpi printer. */
export const smallestModuleMm = 0.16;

/** A code that cannot be printed, with the reason as a sentence. */
export class CannotDraw extends Error {}

/** `Property of {organisation}` with the values filled in; a value that is not there leaves nothing. */
export function filledIn(content: string, values: LabelValues): string {
  return content
    .replace(/\{(\w+)\}/g, (whole, name: string) =>
      (labelFields as readonly string[]).includes(name) ? (values[name as LabelField] ?? '') : whole,
    )
    .replace(/\s+/g, ' ')
    .trim();
}

/** Names in braces that are no field. */
export function unknownFields(content: string): string[] {
  return [...content.matchAll(/\{(\w+)\}/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !(labelFields as readonly string[]).includes(name));
}

/** Everything on one label. Throws CannotDraw for a code that is too long for its room or its symbology. */
export function layOut(definition: LabelDefinition, values: LabelValues, measure: Measure): Drawn[] {
  return definition.elements.flatMap((element) => drawnOf(element, values, measure));
}

function drawnOf(element: LabelElement, values: LabelValues, measure: Measure): Drawn[] {
  const { x, y, width, height } = element;
  if (element.type === 'line') return [{ kind: 'rect', x, y, width, height }];
  if (element.type === 'image') return [{ kind: 'image', x, y, width, height, png: element.png }];
  const content = filledIn(element.content, values);
  if (content === '') return [];
  return element.type === 'code' ? [codeOf(element, content)] : textOf(element, content, measure);
}

function codeOf(element: Extract<LabelElement, { type: 'code' }>, value: string): Drawn {
  const { symbology, width, height } = element;
  let bars: Bars;
  try {
    bars = barsOf(symbology, value);
  } catch (error) {
    throw new CannotDraw(`“${value}” cannot be drawn as ${symbology}: ${error instanceof Error ? error.message : 'unknown'}.`);
  }
  const module = bars.rows === 1 ? width / bars.columns : Math.min(width / bars.columns, height / bars.rows);
  if (module < smallestModuleMm)
    throw new CannotDraw(
      `“${value}” as ${symbology} needs at least ${Math.ceil(bars.columns * smallestModuleMm * 10) / 10} mm of width${bars.rows === 1 ? '' : ' and height'}.`,
    );
  const drawnWidth = module * bars.columns;
  const drawnHeight = bars.rows === 1 ? height : module * bars.rows;
  return {
    kind: 'code',
    x: element.x + (width - drawnWidth) / 2,
    y: element.y + (height - drawnHeight) / 2,
    width: drawnWidth,
    height: drawnHeight,
    symbology,
    value,
    bars,
    module,
  };
}

/** One line in the middle of its box: first smaller, down to what is still read, then cut with an ellipsis; never beyond the box. */
function textOf(element: Extract<LabelElement, { type: 'text' }>, content: string, measure: Measure): Drawn[] {
  const { bold, align } = element;
  const room = element.width * pointsPerMm;
  const least = Math.min(smallestSize, element.size);
  const tallest = Math.min(element.size, (element.height * pointsPerMm) / lineHeight);
  const atOne = measure(content, 1, bold);
  const size = Math.max(Math.min(tallest, room / atOne), Math.min(least, tallest));
  const text = measure(content, size, bold) <= room + 0.01 ? content : cut(content, (part) => measure(part, size, bold) <= room);
  if (text === '') return [];
  const textWidth = measure(text, size, bold) / pointsPerMm;
  const spare = Math.max(0, element.width - textWidth);
  const height = (size * lineHeight) / pointsPerMm;
  return [
    {
      kind: 'text',
      x: element.x + (align === 'left' ? 0 : align === 'center' ? spare / 2 : spare),
      y: element.y + (element.height - height) / 2,
      width: textWidth,
      height,
      text,
      size,
      textWidth,
      bold,
    },
  ];
}

/** The longest beginning that fits with an ellipsis behind it, cut between characters as people see them. */
function cut(text: string, fits: (part: string) => boolean): string {
  const characters = [...new Intl.Segmenter().segment(text)].map((one) => one.segment);
  let low = 0;
  let high = characters.length;
  const shortened = (count: number): string => `${characters.slice(0, count).join('').trimEnd()}…`;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(shortened(middle))) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : shortened(low);
}

/** Where the label of a place lies on its sheet, and on which page; places count row by row from 0. */
export function placeOnSheet(
  media: Extract<LabelDefinition['media'], { kind: 'sheet' }>,
  place: number,
): { page: number; x: number; y: number } {
  const perPage = media.columns * media.rows;
  const within = place % perPage;
  return {
    page: Math.floor(place / perPage),
    x: media.marginLeft + (within % media.columns) * media.pitchX,
    y: media.marginTop + Math.floor(within / media.columns) * media.pitchY,
  };
}
