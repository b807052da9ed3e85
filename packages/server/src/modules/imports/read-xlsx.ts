import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { refused } from './refusals.ts';
import type { SheetRow } from './sheet.ts';
import { ZipArchive, type ZipEntry } from './zip-archive.ts';

// SpreadsheetML as ECMA-376 part 1, 18.2 to 18.8 describes it, the first sheet only.

/** Characters of all distinct texts together, which must be at hand while the rows are read. */
const mostSharedText = 64 * 1024 * 1024;
const mostPart = 4 * 1024 * 1024;

/**
 * The rows of the first sheet, streamed. Cells are text: dates as `YYYY-MM-DD` (with `T` and a time when there is one), booleans as true and
 * false, formulas as they are written and never what they came to.
 */
export async function* openXlsx(path: string): AsyncGenerator<SheetRow> {
  const archive = await ZipArchive.open(path);
  try {
    const { sheet, epoch1904 } = await firstSheet(archive);
    const texts = await sharedTexts(archive);
    const dateStyles = await dateStylesOf(archive);
    const reader = new SheetReader(texts, dateStyles, epoch1904);
    for await (const chunk of characters(archive, sheet)) yield* reader.take(chunk);
    reader.end();
  } catch (error) {
    // The parser's own errors name a line of XML, which helps nobody.
    if (error instanceof Error && /^\d+:\d+: /.test(error.message)) throw refused('The file is damaged: its XML cannot be read.');
    throw error;
  } finally {
    await archive.close();
  }
}

async function* characters(archive: ZipArchive, entry: ZipEntry): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of archive.read(entry)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

function newParser(): SaxesParser {
  const parser = new SaxesParser();
  parser.on('doctype', () => {
    throw refused('The file declares XML entities, which no spreadsheet program does.');
  });
  parser.on('error', (error) => {
    throw error;
  });
  return parser;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);
const attribute = (tag: SaxesTagPlain, name: string): string | undefined => tag.attributes[name];

function elements(xml: string, onOpen: (name: string, tag: SaxesTagPlain) => void): void {
  const parser = newParser();
  parser.on('opentag', (tag) => onOpen(local(tag.name), tag));
  parser.write(xml).close();
}

async function firstSheet(archive: ZipArchive): Promise<{ sheet: ZipEntry; epoch1904: boolean }> {
  const workbook = await archive.text('xl/workbook.xml', mostPart);
  const relations = await archive.text('xl/_rels/workbook.xml.rels', mostPart);
  if (workbook === null || relations === null) throw refused('The file is a ZIP archive, but not an XLSX workbook.');
  let id: string | undefined;
  let epoch1904 = false;
  elements(workbook, (name, tag) => {
    if (name === 'workbookPr') epoch1904 = ['1', 'true'].includes(attribute(tag, 'date1904') ?? '');
    if (name === 'sheet' && (attribute(tag, 'state') ?? 'visible') === 'visible') id ??= attribute(tag, 'r:id');
  });
  let target: string | undefined;
  elements(relations, (name, tag) => {
    if (name === 'Relationship' && attribute(tag, 'Id') === id) target = attribute(tag, 'Target');
  });
  const path = target?.startsWith('/') ? target.slice(1) : `xl/${target ?? ''}`;
  const sheet = archive.entries.get(path);
  if (!sheet) throw refused('The workbook has no sheet that can be read.');
  return { sheet, epoch1904 };
}

async function sharedTexts(archive: ZipArchive): Promise<string[]> {
  const texts: string[] = [];
  const entry = archive.entries.get('xl/sharedStrings.xml');
  if (!entry) return texts;
  let text: string | null = null;
  let inText = false;
  let phonetic = false;
  let total = 0;
  const parser = newParser();
  parser.on('opentag', ({ name }) => {
    const tag = local(name);
    if (tag === 'si') text = '';
    if (tag === 'rPh') phonetic = true;
    inText = tag === 't';
  });
  parser.on('text', (part) => {
    if (inText && !phonetic && text !== null) text += part;
  });
  parser.on('closetag', ({ name }) => {
    const tag = local(name);
    if (tag === 't') inText = false;
    if (tag === 'rPh') phonetic = false;
    if (tag !== 'si' || text === null) return;
    total += text.length;
    if (total > mostSharedText)
      throw refused('The workbook has too many different texts to be read here. Save it as CSV, which has no limit.');
    texts.push(text);
    text = null;
  });
  for await (const chunk of characters(archive, entry)) parser.write(chunk);
  parser.close();
  return texts;
}

/** Number formats that show a date or a time: ECMA-376 part 1, 18.8.30, and those of East Asian languages. */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

async function dateStylesOf(archive: ZipArchive): Promise<ReadonlySet<number>> {
  const xml = await archive.text('xl/styles.xml', mostPart);
  const dates = new Set<number>();
  if (xml === null) return dates;
  const own = new Map<number, boolean>();
  let inCells = false;
  let index = 0;
  elements(xml, (name, tag) => {
    if (name === 'numFmt') own.set(Number(attribute(tag, 'numFmtId')), isDateFormat(attribute(tag, 'formatCode') ?? ''));
    if (name === 'cellXfs') inCells = true;
    else if (name === 'cellStyles' || name === 'cellStyleXfs') inCells = false;
    if (name !== 'xf' || !inCells) return;
    const id = Number(attribute(tag, 'numFmtId'));
    if (own.get(id) ?? isBuiltInDate(id)) dates.add(index);
    index++;
  });
  return dates;
}

/** A format with day, month, year, hour or second outside of quotes and brackets. */
const isDateFormat = (code: string): boolean => /[dmyhs]/i.test(code.replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, '').replaceAll(/general/gi, ''));

interface OpenCell {
  readonly type: string;
  readonly style: number;
  value: string;
  formula: string | null;
}

class SheetReader {
  readonly #texts: readonly string[];
  readonly #dateStyles: ReadonlySet<number>;
  readonly #epochDays: number;
  readonly #parser = newParser();
  #rows: SheetRow[] = [];
  #no = 0;
  #cells: string[] = [];
  #column = 0;
  #cell: OpenCell | null = null;
  #into: 'value' | 'formula' | null = null;

  constructor(texts: readonly string[], dateStyles: ReadonlySet<number>, epoch1904: boolean) {
    this.#texts = texts;
    this.#dateStyles = dateStyles;
    // Days from the epoch of the workbook to 1 January 1970.
    this.#epochDays = epoch1904 ? 24_107 : 25_569;
    this.#parser.on('opentag', (tag) => this.#open(local(tag.name), tag));
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('closetag', ({ name }) => this.#close(local(name)));
  }

  /** The rows that are whole after these characters. */
  take(chunk: string): SheetRow[] {
    this.#parser.write(chunk);
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  /** @throws when the XML ends in the middle of an element */
  end(): void {
    this.#parser.close();
  }

  #open(name: string, tag: SaxesTagPlain): void {
    if (name === 'row') {
      this.#no = Number(attribute(tag, 'r') ?? this.#no + 1);
      this.#cells = [];
      this.#column = 0;
    } else if (name === 'c') {
      const place = attribute(tag, 'r');
      if (place) this.#column = columnOf(place);
      this.#cell = { type: attribute(tag, 't') ?? 'n', style: Number(attribute(tag, 's') ?? -1), value: '', formula: null };
    } else if (this.#cell && name === 'f') {
      this.#cell.formula = '';
      this.#into = 'formula';
    } else if (this.#cell && (name === 'v' || name === 't')) this.#into = 'value';
  }

  #text(text: string): void {
    if (!this.#cell || this.#into === null) return;
    if (this.#into === 'formula') this.#cell.formula = (this.#cell.formula ?? '') + text;
    else this.#cell.value += text;
  }

  #close(name: string): void {
    if (name === 'v' || name === 't' || name === 'f') this.#into = null;
    if (name === 'c' && this.#cell) {
      const text = this.#textOf(this.#cell);
      if (this.#column >= 16_384) throw refused('The file is damaged: a cell stands beyond the last column.');
      if (text !== '') {
        while (this.#cells.length < this.#column) this.#cells.push('');
        this.#cells[this.#column] = text;
      }
      this.#column++;
      this.#cell = null;
    }
    if (name === 'row') this.#rows.push({ no: this.#no, cells: this.#cells });
  }

  #textOf(cell: OpenCell): string {
    if (cell.formula !== null) return cell.formula === '' ? cell.value : `=${cell.formula}`;
    if (cell.type === 's') return this.#texts[Number(cell.value)] ?? '';
    if (cell.type === 'b') return cell.value === '1' ? 'true' : cell.value === '0' ? 'false' : cell.value;
    if (cell.type !== 'n' || cell.value === '') return cell.value;
    const number = Number(cell.value);
    if (Number.isNaN(number)) return cell.value;
    if (this.#dateStyles.has(cell.style)) return this.#dateOf(number);
    // As a person sees it: 12 and not 1.2E1.
    return Number.isSafeInteger(number) ? String(number) : cell.value.includes('E') ? String(number) : cell.value;
  }

  #dateOf(serial: number): string {
    // Excel counts 29 February 1900, which never was.
    const days = this.#epochDays === 25_569 && serial < 60 ? serial + 1 : serial;
    const at = new Date(Math.round((days - this.#epochDays) * 86_400) * 1000);
    if (Number.isNaN(at.getTime())) return String(serial);
    const text = at.toISOString();
    return serial % 1 === 0 ? text.slice(0, 10) : text.slice(0, 19);
  }
}

/** `C7` is column 2. */
function columnOf(place: string): number {
  let column = 0;
  for (const letter of place) {
    const code = letter.charCodeAt(0) - 64;
    if (code < 1 || code > 26) break;
    column = column * 26 + code;
  }
  return column - 1;
}
