/** Longest raw text that rules look at; the rest of a longer one says nothing more about what it is. */
export const maxLength = 300;

const architectures = new Set([
  'x64',
  'x86',
  '64-bit',
  '32-bit',
  '64bit',
  '32bit',
  'amd64',
  'arm64',
  'x86_64',
  'win64',
  'win32',
  'x86-64',
  '64-bits',
  '32-bits',
  'aarch64',
  'i386',
  'x32',
]);
const languages = new Set(
  'ar bg ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu id is it ja ko lt lv mk ms mt nb nl nn no pl pt ro ru sk sl sq sr sv th tr uk ur vi zh'.split(
    ' ',
  ),
);
const versionWords = new Set(['version', 'ver', 'ver.', 'build', 'v']);
const legalForms = new Set(
  'inc incorporated llc ltd limited corp corporation co company gmbh ag kg sas sa sarl srl spa bv nv oy oyj ab as asa aps plc pty pte sro doo lp llp kk se ug ev ohg'.split(
    ' ',
  ),
);

/** What clean-up leaves of a raw title. */
export interface CleanName {
  /** Lower case, single spaces, without marks, bitness, language and version. */
  name: string;
  /** The version that stood in the name, for example `2023.2.1`. */
  version: string | null;
}

/** Takes bitness, language, trade marks and version out of a title. `version` is the reported version: where the name repeats it, it goes. */
export function cleanName(raw: string, version: string | null): CleanName {
  const text = plain(raw);
  const reported = version === null ? '' : version.trim().toLowerCase();
  const kept: string[] = [];
  let found: string | null = null;
  const tokens = text.split(' ');
  let tail = tokens.length;
  while (tail > 0 && isNoise(tokens[tail - 1] ?? '')) tail--;
  for (const [index, whole] of tokens.entries()) {
    const token = /-(?:x64|x86|amd64|arm64)$/.test(whole) ? whole.slice(0, whole.lastIndexOf('-')) : whole;
    if (isNoise(token)) continue;
    if ((token === '64' || token === '32') && (tokens[index + 1] === 'bit' || tokens[index + 1] === 'bits')) continue;
    if ((token === 'bit' || token === 'bits') && (tokens[index - 1] === '64' || tokens[index - 1] === '32')) continue;
    if (kept.length > 0 && isVersion(token, reported, tokens[index - 1] ?? '', index === tail - 1)) {
      found ??= token.replace(/^v/, '');
      if (versionWords.has(kept.at(-1) ?? '')) kept.pop();
      continue;
    }
    kept.push(token);
  }
  return { name: kept.join(' '), version: found };
}

/** The same normal form for publishers, without their legal form: `Microsoft Corporation` and `MICROSOFT CORP.` are one. */
export function cleanPublisher(raw: string): string {
  const words = plain(raw)
    .replaceAll(/[.'/]/g, '')
    .split(/[\s&]/)
    .filter((word) => word !== '' && word !== '-' && word !== 'and');
  if (words[0] === 'the' && words.length > 1) words.shift();
  while (words.length > 1 && legalForms.has(words.at(-1) ?? '')) words.pop();
  return words.join(' ');
}

/** `1:2.13.0-3+deb12u1` is upstream version 2.13.0: epoch and packaging revision belong to the distribution. */
export function cleanVersion(raw: string | null, channel: string): string | null {
  if (raw === null) return null;
  const text = raw.trim().slice(0, 100);
  if (text === '') return null;
  if (!packageChannels.has(channel)) return text.replace(/^v(?=\d)/i, '');
  const upstream = text.slice(text.indexOf(':') + 1);
  const end = upstream.search(/[-+~]/);
  return end > 0 ? upstream.slice(0, end) : upstream;
}

/** Channels whose name is a package name, not a title for people. */
export const packageChannels: ReadonlySet<string> = new Set(['deb', 'rpm', 'apk', 'pacman', 'brew', 'snap', 'flatpak']);

function plain(raw: string): string {
  const cut = raw.length > maxLength ? raw.slice(0, maxLength) : raw;
  // Pure ASCII is the usual case and needs no normalising, which is the dearest step.
  // oxlint-disable-next-line no-control-regex
  const text = /^[\u0000-\u007F]*$/.test(cut) ? cut : cut.replaceAll(/[®™©\u200B-\u200F\uFEFF]/g, '').normalize('NFKC');
  return text
    .toLowerCase()
    .replaceAll(/\((?:r|tm|c)\)/g, '')
    .replaceAll(/[\s()[\]{},;:|"“”„«»–—]+/g, ' ')
    .trim();
}

const isNoise = (token: string): boolean => token === '' || token === '-' || architectures.has(token) || isLocale(token);

function isLocale(token: string): boolean {
  if (token.length !== 5 || (token[2] !== '-' && token[2] !== '_')) return false;
  return languages.has(token.slice(0, 2)) && /^[a-z]{2}$/.test(token.slice(3));
}

/** Two dots make a version; one dot or none only where a word before says so, or at the end where the reported version agrees. */
function isVersion(token: string, reported: string, before: string, last: boolean): boolean {
  const text = token[0] === 'v' && token.length > 1 ? token.slice(1) : token;
  const first = text.charCodeAt(0);
  if (!(first >= 48 && first <= 57)) return false;
  if (versionWords.has(before) || text.length < token.length) return /^[0-9][0-9a-z.+_-]*$/.test(text);
  const dots = text.split('.').length - 1;
  if (dots >= 2) return /^[0-9.]+[0-9a-z.+_-]*$/.test(text);
  if (!last || reported === '' || !/^[0-9.]+$/.test(text)) return false;
  if (dots === 1) return reported === text || reported.startsWith(`${text}.`) || (reported.startsWith(text) && text.length > 3);
  return reported === text && text.length > 2 && !/^(?:19|20)\d\d$/.test(text);
}
