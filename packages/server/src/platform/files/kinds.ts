import type { FileKind } from '@muster/api/attachments';
import { Problem } from '@muster/api/errors';
import type { Received } from './content-store.ts';
import { zipParts } from './zip-parts.ts';

interface KindFacts {
  readonly mediaType: string;
  /** The first one is given to a file that has none of them. */
  readonly extensions: readonly string[];
}

const office = 'application/vnd.openxmlformats-officedocument';
export const kindFacts: Readonly<Record<FileKind, KindFacts>> = {
  pdf: { mediaType: 'application/pdf', extensions: ['pdf'] },
  png: { mediaType: 'image/png', extensions: ['png'] },
  jpeg: { mediaType: 'image/jpeg', extensions: ['jpg', 'jpeg', 'jpe', 'jfif'] },
  webp: { mediaType: 'image/webp', extensions: ['webp'] },
  gif: { mediaType: 'image/gif', extensions: ['gif'] },
  text: { mediaType: 'text/plain; charset=utf-8', extensions: ['txt', 'log', 'md'] },
  csv: { mediaType: 'text/csv; charset=utf-8', extensions: ['csv'] },
  docx: { mediaType: `${office}.wordprocessingml.document`, extensions: ['docx'] },
  xlsx: { mediaType: `${office}.spreadsheetml.sheet`, extensions: ['xlsx'] },
  pptx: { mediaType: `${office}.presentationml.presentation`, extensions: ['pptx'] },
};

const refused = (message: string): Problem => new Problem('refused_content', message);
const taken = 'PDF, PNG, JPEG, WebP, GIF, text in UTF-8, and Word, Excel and PowerPoint files are.';
const starts = (head: Buffer, bytes: string, at = 0): boolean => head.subarray(at, at + bytes.length).equals(Buffer.from(bytes, 'latin1'));

/**
 * What an upload is, by its bytes; its name only tells CSV from other text. Nothing that carries script is taken.
 * Source: WHATWG MIME Sniffing, section 6; ECMA-376 part 2 for the parts of office documents.
 * @throws Problem refused_content
 */
export async function kindOf(received: Received, name: string): Promise<FileKind> {
  const { head, bytes } = received;
  if (bytes === 0) throw refused('The file is empty.');
  if (starts(head, '%PDF-')) return 'pdf';
  if (starts(head, '\u0089PNG\r\n\u001a\n') && starts(head, 'IHDR', 12)) return 'png';
  if (starts(head, '\u00ff\u00d8\u00ff')) return 'jpeg';
  if (starts(head, 'GIF87a') || starts(head, 'GIF89a')) return 'gif';
  if (starts(head, 'RIFF') && starts(head, 'WEBP', 8)) return 'webp';
  if (starts(head, 'PK\u0003\u0004')) return officeKind(received);
  if (!received.isText) throw refused(`This kind of file is not taken. ${taken}`);
  if (/^\uFEFF?\s*<[!?/a-z]/i.test(head.toString('utf8'))) throw refused('Web pages, SVG and XML are not taken: they can carry script.');
  return /\.csv$/i.test(name) ? 'csv' : 'text';
}

async function officeKind({ path, bytes }: Received): Promise<FileKind> {
  const parts = await zipParts(path, bytes);
  if (typeof parts === 'string') throw refused(parts);
  if (parts.some((part) => /vbaProject\.bin$/i.test(part)))
    throw refused('Office files with macros are not taken. Save it without macros.');
  if (parts.includes('[Content_Types].xml')) {
    if (parts.includes('word/document.xml')) return 'docx';
    if (parts.includes('xl/workbook.xml')) return 'xlsx';
    if (parts.includes('ppt/presentation.xml')) return 'pptx';
  }
  throw refused(`ZIP archives are not taken, only the Word, Excel and PowerPoint files that are ZIP archives within. ${taken}`);
}

const mostCharacters = 180;

/** The name a file is shown and downloaded by: no path, no control or direction characters, and an extension of what it really is. */
export function safeName(given: string, kind: FileKind): string {
  const last = given.normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const clean = last
    .replaceAll(/\p{C}/gu, '')
    .replaceAll(/[<>:"|?*]/g, '_')
    .replaceAll(/^[\s.]+|[\s.]+$/g, '');
  const { extensions } = kindFacts[kind];
  const dot = clean.lastIndexOf('.');
  const has = dot > 0 && extensions.includes(clean.slice(dot + 1).toLowerCase());
  const stem = (has ? clean.slice(0, dot) : clean) || 'file';
  return `${Array.from(stem).slice(0, mostCharacters).join('')}.${has ? clean.slice(dot + 1) : extensions[0]}`;
}

/** Content-Disposition of a name in any script. Source: RFC 6266 and RFC 8187. */
export function disposition(how: 'attachment' | 'inline', name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const full = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${how}; filename="${plain}"; filename*=UTF-8''${full}`;
}
