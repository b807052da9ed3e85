import { open } from 'node:fs/promises';

const mostParts = 10_000;
const mostDirectoryBytes = 4 * 1024 * 1024;
/** More than any office document unpacks to within the size of an upload that is taken. */
const mostUnpackedBytes = 512 * 1024 * 1024;
const endBytes = 22;
const mostCommentBytes = 65_535;

/**
 * The names of the parts of a ZIP archive, read from its directory; nothing is unpacked. A string says why it is not one that is taken:
 * what unpacks to far more than it is, or whose parts lie over each other, is made to harm whoever opens it.
 * Source: PKWARE APPNOTE 6.3.10, sections 4.3.12 and 4.3.16.
 */
export async function zipParts(path: string, size: number): Promise<string[] | string> {
  const file = await open(path);
  try {
    const tail = Buffer.alloc(Math.min(size, endBytes + mostCommentBytes));
    await file.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
    if (end < 0 || end + endBytes > tail.length) return 'The archive is cut off.';
    const count = tail.readUInt16LE(end + 10);
    const bytes = tail.readUInt32LE(end + 12);
    const start = tail.readUInt32LE(end + 16);
    if (count > mostParts || bytes > mostDirectoryBytes || start + bytes > size) return 'The directory of the archive is not valid.';
    const directory = Buffer.alloc(bytes);
    await file.read(directory, 0, bytes, start);
    return namesIn(directory, count, size);
  } finally {
    await file.close();
  }
}

function namesIn(directory: Buffer, count: number, size: number): string[] | string {
  const names: string[] = [];
  let at = 0;
  let packed = 0;
  let unpacked = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x0201_4b50) return 'The directory of the archive is not valid.';
    packed += directory.readUInt32LE(at + 20);
    unpacked += directory.readUInt32LE(at + 24);
    const length = directory.readUInt16LE(at + 28);
    names.push(directory.toString('utf8', at + 46, at + 46 + length));
    at += 46 + length + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  if (packed > size || unpacked > mostUnpackedBytes) return 'The archive unpacks to more than a document can be.';
  return names;
}
