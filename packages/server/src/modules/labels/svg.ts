import type { LabelDefinition } from '@muster/api/labels';
import { type Drawn, pointsPerMm } from './layout.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const mm = (value: number): string => String(Math.round(value * 1000) / 1000);

/** One label as an SVG whose unit is the millimetre. Texts are as wide as printed whatever font the viewer has. */
export function svgOf(definition: LabelDefinition, label: readonly Drawn[]): string {
  const parts = label.map((one) => {
    const at = `x="${mm(one.x)}" y="${mm(one.y)}" width="${mm(one.width)}" height="${mm(one.height)}"`;
    if (one.kind === 'rect') return `<rect ${at}/>`;
    if (one.kind === 'image') return `<image ${at} href="data:image/png;base64,${one.png}"/>`;
    if (one.kind === 'text') {
      const size = one.size / pointsPerMm;
      const baseline = one.y + size * (1901 / 2048);
      return `<text x="${mm(one.x)}" y="${mm(baseline)}" font-size="${mm(size)}" textLength="${mm(one.textWidth)}" lengthAdjust="spacingAndGlyphs"${one.bold ? ' font-weight="bold"' : ''}>${escaped(one.text)}</text>`;
    }
    const across = one.width / one.bars.columns;
    const down = one.height / one.bars.rows;
    const path = one.bars.dark
      .map(
        (dark) =>
          `M${mm(one.x + dark.x * across)} ${mm(one.y + dark.y * down)}h${mm(dark.width * across)}v${mm(dark.height * down)}h${mm(-dark.width * across)}z`,
      )
      .join('');
    return `<path d="${path}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${mm(definition.width)}mm" height="${mm(definition.height)}mm" viewBox="0 0 ${mm(definition.width)} ${mm(definition.height)}" font-family="DejaVu Sans, Verdana, sans-serif"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>`;
}
