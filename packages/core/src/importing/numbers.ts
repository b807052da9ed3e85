/**
 * A written number as an exact decimal (`1.234,50 €` with the decimal mark `,` -> `1234.50`); null when it is none. Currency signs,
 * letters of a currency and spaces around it are let go; marks that group thousands must stand between groups of three.
 */
export function readNumber(text: string, decimal: '.' | ','): string | null {
  const bare = text
    .trim()
    .replace(/^(?:\p{Sc}|[A-Za-z]{3}(?=[\s\d-]))\s*/u, '')
    .replace(/\s*(?:\p{Sc}|[A-Za-z]{3})$/u, '')
    .replace(/[\s\u00a0\u202f'’]/g, '')
    .replace(/^\((.*)\)$/, '-$1');
  const group = decimal === '.' ? ',' : '.';
  const [whole = '', fraction, ...more] = bare.split(decimal);
  if (more.length > 0 || fraction?.includes(group)) return null;
  const grouped = whole.split(group);
  if (grouped.length > 1 && !grouped.slice(1).every((g) => g.length === 3)) return null;
  const digits = grouped.join('');
  if (!/^[-+]?\d+$/.test(digits) || (fraction !== undefined && !/^\d+$/.test(fraction))) return null;
  const sign = digits.startsWith('-') ? '-' : '';
  const plain = digits.replace(/^[-+]/, '').replace(/^0+(?=\d)/, '');
  return `${sign}${plain}${fraction === undefined ? '' : `.${fraction}`}`;
}
