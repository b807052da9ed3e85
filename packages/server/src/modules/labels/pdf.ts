import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { LabelDefinition } from '@muster/api/labels';
// oxlint-disable-next-line import/no-named-as-default -- its types know only the default
import PDFDocument from 'pdfkit';
import { type Drawn, type Measure, placeOnSheet, pointsPerMm } from './layout.ts';

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const fontFiles = { regular: join(fonts, 'DejaVuSans.ttf'), bold: join(fonts, 'DejaVuSans-Bold.ttf') };

type Pdf = InstanceType<typeof PDFDocument>;

function newDocument(compress = true): Pdf {
  const pdf = new PDFDocument({ autoFirstPage: false, compress, info: { Title: 'Labels', Producer: 'Muster', Creator: 'Muster' } });
  pdf.registerFont('regular', fontFiles.regular).registerFont('bold', fontFiles.bold);
  return pdf;
}

/** Measures with the font that is printed. One document serves many texts. */
export function createMeasure(): Measure {
  const pdf = newDocument();
  return (text, size, bold) =>
    pdf
      .font(bold ? 'bold' : 'regular')
      .fontSize(size)
      .widthOfString(text);
}

/** Lets other requests be answered between labels: drawing is work of this thread. */
const breathe = async (): Promise<void> => new Promise((done) => void setImmediate(done));

/**
 * A PDF of labels at their true size. On sheets the first label lies on place `startAt` (from 1); on a roll each label is a page.
 * Resolves when all is drawn.
 */
export async function pdfOf(definition: LabelDefinition, labels: readonly Drawn[][], startAt: number): Promise<Buffer> {
  const pdf = newDocument();
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    pdf.once('end', resolve);
    pdf.once('error', reject);
  });
  const { media } = definition;
  let page = -1;
  for (const [index, label] of labels.entries()) {
    const at = media.kind === 'sheet' ? placeOnSheet(media, startAt - 1 + index) : { page: index, x: 0, y: 0 };
    if (at.page !== page) {
      const size = media.kind === 'sheet' ? [media.pageWidth, media.pageHeight] : [definition.width, definition.height];
      pdf.addPage({ size: size.map((mm) => mm * pointsPerMm) as [number, number], margin: 0 });
      page = at.page;
    }
    drawLabel(pdf, label, at.x, at.y);
    if (index % 20 === 19) await breathe();
  }
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

function drawLabel(pdf: Pdf, label: readonly Drawn[], left: number, top: number): void {
  for (const one of label) {
    const x = (left + one.x) * pointsPerMm;
    const y = (top + one.y) * pointsPerMm;
    const width = one.width * pointsPerMm;
    const height = one.height * pointsPerMm;
    if (one.kind === 'rect') pdf.rect(x, y, width, height).fill('black');
    else if (one.kind === 'image')
      pdf.image(Buffer.from(one.png, 'base64'), x, y, { fit: [width, height], align: 'center', valign: 'center' });
    else if (one.kind === 'text')
      pdf
        .fillColor('black')
        .font(one.bold ? 'bold' : 'regular')
        .fontSize(one.size)
        .text(one.text, x, y, { lineBreak: false });
    else {
      const across = width / one.bars.columns;
      const down = height / one.bars.rows;
      for (const dark of one.bars.dark) pdf.rect(x + dark.x * across, y + dark.y * down, dark.width * across, dark.height * down);
      pdf.fill('black');
    }
  }
}
