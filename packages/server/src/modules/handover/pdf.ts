import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { HandoverDocument, HandoverLanguage } from '@muster/api/handover';
// oxlint-disable-next-line import/no-named-as-default -- its types know only the default
import PDFDocument from 'pdfkit';

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
type Pdf = InstanceType<typeof PDFDocument>;
const margin = 50;

const words = {
  en: {
    document: 'Hand-over document',
    from: 'Handed over by',
    to: 'Received by',
    date: 'Date',
    asset: 'Asset',
    tag: 'Asset tag',
    serial: 'Serial number',
    model: 'Model',
    pending: 'Not signed yet',
    accepted: 'Accepted',
    declined: 'Declined',
    withdrawn: 'Withdrawn',
    signature: 'Signature',
    typed: 'signed by typing the name',
    text: 'Text version',
  },
  de: {
    document: 'Übergabeprotokoll',
    from: 'Übergeben von',
    to: 'Erhalten von',
    date: 'Datum',
    asset: 'Asset',
    tag: 'Inventarnummer',
    serial: 'Seriennummer',
    model: 'Modell',
    pending: 'Noch nicht unterschrieben',
    accepted: 'Angenommen',
    declined: 'Abgelehnt',
    withdrawn: 'Zurückgezogen',
    signature: 'Unterschrift',
    typed: 'durch Eingabe des Namens unterschrieben',
    text: 'Textversion',
  },
} as const satisfies Record<HandoverLanguage, Record<string, string>>;

/** A moment as it is printed: UTC, to the minute. */
const moment = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** The document on A4, with the signature once it is accepted. The same document gives the same pages. */
export async function pdfOfDocument(document: HandoverDocument, organisation: string): Promise<Buffer> {
  const word = words[document.language];
  const pdf = new PDFDocument({
    size: 'A4',
    margin,
    lang: document.language,
    info: {
      Title: `${word.document} ${document.number}`,
      Producer: 'Muster',
      Creator: 'Muster',
      CreationDate: new Date(document.decidedAt ?? document.createdAt),
    },
  });
  pdf.registerFont('regular', join(fonts, 'DejaVuSans.ttf')).registerFont('bold', join(fonts, 'DejaVuSans-Bold.ttf'));
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    pdf.once('end', resolve);
    pdf.once('error', reject);
  });
  pdf.font('regular').fontSize(10).text(organisation);
  pdf.font('bold').fontSize(18).text(`${word.document} ${document.number}`).moveDown(0.5);
  fact(pdf, word.from, document.issuedBy);
  fact(pdf, word.to, document.person.label);
  fact(pdf, word.date, moment(document.createdAt));
  pdf.moveDown();
  table(pdf, document);
  pdf.moveDown();
  pdf.font('bold').fontSize(12).text(document.text.title).moveDown(0.3);
  pdf.font('regular').fontSize(10).text(document.text.body).moveDown();
  signed(pdf, document);
  pdf
    .font('regular')
    .fontSize(8)
    .text(`${word.text} ${document.text.textVersion} (${document.language}) · SHA-256 ${document.text.sha256}`);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

function fact(pdf: Pdf, label: string, value: string): void {
  pdf.font('bold').fontSize(10).text(`${label}: `, { continued: true }).font('regular').text(value);
}

/** A page more when what comes next does not fit. */
function room(pdf: Pdf, height: number): void {
  if (pdf.y + height > pdf.page.height - margin) pdf.addPage();
}

function table(pdf: Pdf, { assets, language }: HandoverDocument): void {
  const word = words[language];
  const width = (pdf.page.width - 2 * margin) / 4;
  const row = (cells: readonly string[], font: string): void => {
    pdf.font(font).fontSize(9);
    const height = Math.max(...cells.map((cell) => pdf.heightOfString(cell, { width: width - 8 }))) + 6;
    room(pdf, height);
    const top = pdf.y;
    for (const [index, cell] of cells.entries()) pdf.text(cell, margin + index * width, top + 3, { width: width - 8 });
    pdf
      .moveTo(margin, top + height)
      .lineTo(pdf.page.width - margin, top + height)
      .lineWidth(0.5)
      .stroke('#888888');
    pdf.x = margin;
    pdf.y = top + height;
  };
  row([word.asset, word.tag, word.serial, word.model], 'bold');
  for (const one of assets) row([`${one.label} (${one.class})`, one.tag ?? '–', one.serial ?? '–', one.model ?? '–'], 'regular');
}

function signed(pdf: Pdf, { state, signature, decidedAt, reason, language }: HandoverDocument): void {
  const word = words[language];
  room(pdf, 130);
  pdf
    .font('bold')
    .fontSize(10)
    .text(`${word[state]}${decidedAt ? `, ${moment(decidedAt)}` : ''}`);
  if (reason) pdf.font('regular').text(reason);
  pdf.moveDown(0.5);
  if (signature?.png) {
    pdf.image(Buffer.from(signature.png, 'base64'), margin, pdf.y, { fit: [220, 70] });
    pdf.x = margin;
    pdf.y += 74;
  } else if (state === 'pending') pdf.moveDown(3).text('______________________________');
  if (signature) pdf.font('regular').text(`${word.signature}: ${signature.name}${signature.png ? '' : ` (${word.typed})`}`);
  else if (state === 'pending') pdf.font('regular').text(word.signature);
  pdf.moveDown();
}
