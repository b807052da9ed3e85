import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createCanvas } from '@napi-rs/canvas';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) } });

export interface ScannedPage {
  /** In millimetres. */
  width: number;
  height: number;
  codes: { format: string; text: string; x: number; y: number }[];
  /** Each run of text with where it begins and how wide it is, in millimetres from the upper left corner. */
  texts: { text: string; x: number; y: number; width: number; height: number }[];
}

const mm = (points: number): number => (points * 25.4) / 72;

/** What a scanner and a reader find on the pages of a PDF: each is rendered at 300 dpi and read by the scanner library of the browser. */
export async function scanPdf(bytes: Uint8Array): Promise<ScannedPage[]> {
  const task = getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, verbosity: 0 });
  const pdf = await task.promise;
  const pages: ScannedPage[] = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const scale = 300 / 72;
    const viewport = page.getViewport({ scale });
    const canvas = createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
    const context = canvas.getContext('2d');
    await page.render({ canvas: canvas as never, canvasContext: context as never, viewport }).promise;
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- where the browser's types are known, its ImageData has more
    const found = await readBarcodes(image as never, { tryHarder: true, maxNumberOfSymbols: 255 });
    const content = await page.getTextContent();
    pages.push({
      width: mm(viewport.width / scale),
      height: mm(viewport.height / scale),
      codes: found.map((one) => ({
        format: one.format,
        text: one.text,
        x: mm(one.position.topLeft.x / scale),
        y: mm(one.position.topLeft.y / scale),
      })),
      texts: content.items.flatMap((item) =>
        'str' in item && item.str.trim() !== ''
          ? [
              {
                text: item.str,
                x: mm(item.transform[4] as number),
                y: mm(viewport.height / scale - (item.transform[5] as number)),
                width: mm(item.width),
                height: mm(item.height),
              },
            ]
          : [],
      ),
    });
  }
  await task.destroy();
  return pages;
}
