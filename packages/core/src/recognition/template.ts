/**
 * The little language of title templates in content/software. It compiles to anchored regular expressions that are linear-safe by
 * construction: no quantifier ever stands inside a quantified group, and at most two parts match text of any length.
 *
 *   text        itself           [text]      may be absent
 *   (a|b)       one of           {release}   a number such as `2019`, `15.0`, `2008 r2`
 *   *           any text         {edition}   one of the product's editions
 *   {n}         a number         {of}        the rest, taken as another product's title
 */
export interface Template {
  readonly source: string;
  readonly regex: RegExp;
  /** The first words or numbers a matching name can begin with; null when any can. */
  readonly firstTokens: readonly string[] | null;
  /** Literal characters that must be there; more of them makes a rule stand before others. */
  readonly weight: number;
}

type Node =
  | { kind: 'text'; text: string }
  | { kind: 'any' | 'release' | 'edition' | 'n' | 'of' }
  | { kind: 'optional'; text: string }
  | { kind: 'choice'; texts: string[] };

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
const number = String.raw`\d[\d.]{0,14}`;

/** Compiles a template. Throws with the template's text when it cannot be read. */
export function compileTemplate(source: string, editions: readonly string[] = []): Template {
  // Clean-up takes lone dashes out of titles, so they say nothing in a template either.
  const nodes = parse(source.replaceAll(/(^|[ |[(])- /g, '$1'));
  const parts: string[] = [];
  let weight = 0;
  let open = 0;
  for (const [index, node] of nodes.entries()) {
    const start = parts.length === 0 || nodes.slice(0, index).every((n) => n.kind === 'optional');
    switch (node.kind) {
      case 'text':
        parts.push(escape(start && index > 0 ? node.text.trimStart() : node.text));
        weight += node.text.replaceAll(' ', '').length;
        break;
      case 'any':
      case 'of':
        open++;
        if (node.kind === 'any' && index === nodes.length - 1 && parts.at(-1)?.endsWith(' ') === true) {
          // `name *` also is `name` alone: what followed may have been a version that clean-up took out.
          parts.push(`${(parts.pop() ?? '').slice(0, -1)}(?: .{0,300})?`);
        } else parts.push(node.kind === 'of' ? '(?<of>.{2,300})' : '.{0,300}');
        break;
      case 'n':
        parts.push(number);
        break;
      case 'release':
        parts.push(`(?<release>${number}(?: r2)?)`);
        weight += 1;
        break;
      case 'edition':
        if (editions.length === 0) throw new Error(`"${source}" uses {edition} but the product names none`);
        parts.push(`(?<edition>${editions.map(escape).join('|')})`);
        weight += 4;
        break;
      case 'optional':
        parts.push(
          start ? `(?:${optionalBody(node.text, editions, '', ' ')})?` : `(?:${optionalBody(node.text.trim(), editions, ' ', '')})?`,
        );
        break;
      case 'choice':
        parts.push(`(?:${node.texts.map(escape).join('|')})`);
        weight += Math.min(...node.texts.map((t) => t.length));
        break;
    }
  }
  if (open > 2) throw new Error(`"${source}" has more than two parts of any length`);
  const pattern = `^${parts.join('')}$`;
  if (!isLinearSafe(pattern)) throw new Error(`"${source}" compiles to an unsafe expression`);
  return { source, regex: new RegExp(pattern, 'u'), firstTokens: firstTokens(nodes), weight };
}

function optionalBody(text: string, editions: readonly string[], before: string, after: string): string {
  if (text === '{release}') return `${before}(?<release>${number}(?: r2)?)${after}`;
  if (text === '{n}') return before + number + after;
  if (text === '{edition}') return `${before}(?<edition>${editions.map(escape).join('|')})${after}`;
  return text
    .split('|')
    .map((t) => before + escape(t) + after)
    .join('|');
}

function parse(source: string): Node[] {
  const nodes: Node[] = [];
  const text = (t: string): void => {
    const last = nodes.at(-1);
    if (last?.kind === 'text') last.text += t;
    else nodes.push({ kind: 'text', text: t });
  };
  let i = 0;
  while (i < source.length) {
    const c = source.charAt(i);
    const close = c === '[' ? ']' : c === '(' ? ')' : c === '{' ? '}' : '';
    if (close === '') {
      if (c === '*') nodes.push({ kind: 'any' });
      else text(c);
      i++;
      continue;
    }
    const end = source.indexOf(close, i);
    if (end < 0) throw new Error(`"${source}" lacks ${close}`);
    const inside = source.slice(i + 1, end);
    if (c === '[') {
      // The blank before an optional part belongs to it, so that leaving it out leaves no double blank.
      const last = nodes.at(-1);
      if (last?.kind === 'text' && last.text.endsWith(' ')) {
        last.text = last.text.slice(0, -1);
        if (last.text === '') nodes.pop();
      }
      nodes.push({ kind: 'optional', text: inside });
    } else if (c === '(') nodes.push({ kind: 'choice', texts: inside.split('|') });
    else if (inside === 'release' || inside === 'edition' || inside === 'n' || inside === 'of') nodes.push({ kind: inside });
    else throw new Error(`"${source}" has the unknown part {${inside}}`);
    i = end + 1;
  }
  return nodes;
}

function firstTokens(nodes: readonly Node[]): string[] | null {
  const tokens: string[] = [];
  for (const [index, node] of nodes.entries()) {
    const next = nodes[index + 1];
    if (node.kind === 'optional') {
      if (node.text.startsWith('{')) return null;
      // What follows an absent or present optional part always begins with a blank, so its token is complete.
      tokens.push(...node.text.split('|').map(firstToken));
      continue;
    }
    const texts = node.kind === 'text' ? [node.text.trimStart()] : node.kind === 'choice' ? node.texts : null;
    if (texts === null) return null;
    for (const t of texts) {
      const token = firstToken(t);
      if (token === '') return null;
      const complete =
        skipMarks(t).length > token.length ||
        next === undefined ||
        next.kind === 'optional' ||
        (isDigitNode(next) && !/\d$/.test(token)) ||
        startsNewToken(next, token);
      if (!complete) return null;
      tokens.push(token);
    }
    return tokens.includes('') ? null : tokens;
  }
  return null;
}

const isDigitNode = (node: Node): boolean => node.kind === 'release' || node.kind === 'n';
function startsNewToken(node: Node, token: string): boolean {
  const texts = node.kind === 'text' ? [node.text] : node.kind === 'choice' ? node.texts : [];
  return texts.length > 0 && texts.every((t) => firstToken(token + t) === token);
}

/** A name's leading run of letters, or of digits: the key of the rule index. */
export function firstToken(name: string): string {
  const text = skipMarks(name);
  if (text === '') return '';
  const digits = isDigit(text.charCodeAt(0));
  let end = 1;
  while (end < text.length && (digits ? isDigit(text.charCodeAt(end)) : isLetter(text.charCodeAt(end)))) end++;
  return text.slice(0, end);
}

function skipMarks(name: string): string {
  let start = 0;
  while (start < name.length && !isDigit(name.charCodeAt(start)) && !isLetter(name.charCodeAt(start))) start++;
  return start === 0 ? name : name.slice(start);
}
const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isLetter = (c: number): boolean => (c >= 97 && c <= 122) || c > 127;

/**
 * Whether a regular expression runs in bounded time on the (capped) input: groups are never repeated (only optional), so no quantifier nests in
 * another; no back-references, no look-around, and at most two parts that match text of any length.
 */
export function isLinearSafe(source: string): boolean {
  if (/\\[1-9]|\(\?<?[=!]|\\k</.test(source)) return false;
  if ((source.match(/\.\{0,300\}|\.\{2,300\}|\.\*|\.\+/g) ?? []).length > 2) return false;
  let depth = 0;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const c = source.charAt(i);
    if (c === '\\') i++;
    else if (inClass) inClass = c !== ']';
    else if (c === '[') inClass = true;
    else if (c === '(') depth++;
    else if (c === ')') {
      depth--;
      if ('*+{'.includes(source.charAt(i + 1) || ' ')) return false;
    }
  }
  return depth === 0 && !inClass;
}

/** A glob with `*`, over lower-case text: literal pieces found from left to right, so linear. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const pieces = pattern.toLowerCase().split('*');
  const first = pieces[0] ?? '';
  if (pieces.length === 1) return (text) => text === first;
  const last = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1).filter((p) => p !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
