import { Problem } from '@muster/api/errors';
import type { Signature } from '@muster/api/handover';
import { PNG } from 'pngjs';

const mostWidth = 2000;
const mostHeight = 1000;

/**
 * A signature ready to be stored. A drawn one must be a PNG of at most 2000 × 1000 pixels on which something is drawn; its size is read
 * before its pixels are. @throws Problem validation_failed `not_png`, `too_large`, `empty`.
 */
export function readSignature(signature: Signature): { kind: 'typed' | 'drawn'; name: string; png: Buffer | null } {
  if (signature.kind === 'typed') return { ...signature, png: null };
  const png = Buffer.from(signature.png, 'base64');
  const refuse = (code: string, message: string): Problem =>
    new Problem('validation_failed', undefined, { errors: [{ field: 'body.signature.png', code, message }] });
  // The file signature and the first chunk of every PNG (W3C PNG, 5.2 and 11.2.1).
  const isPng = png.subarray(0, 8).toString('hex') === '89504e470d0a1a0a' && png.subarray(12, 16).toString('latin1') === 'IHDR';
  if (!isPng || png.length < 33) throw refuse('not_png', 'This is not a PNG.');
  if (png.readUInt32BE(16) > mostWidth || png.readUInt32BE(20) > mostHeight)
    throw refuse('too_large', `A signature has at most ${mostWidth} × ${mostHeight} pixels.`);
  let pixels: Buffer;
  try {
    pixels = PNG.sync.read(png).data;
  } catch {
    throw refuse('not_png', 'The PNG is damaged.');
  }
  const [red, green, blue, alpha] = pixels;
  let drawn = false;
  for (let at = 4; at < pixels.length && !drawn; at += 4)
    drawn = pixels[at] !== red || pixels[at + 1] !== green || pixels[at + 2] !== blue || pixels[at + 3] !== alpha;
  if (!drawn) throw refuse('empty', 'Nothing is drawn yet.');
  return { kind: 'drawn', name: signature.name, png };
}
