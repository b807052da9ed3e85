/** How a number of a sequence becomes a tag. */
export interface TagForm {
  readonly prefix: string;
  readonly suffix: string;
  /** Digits; the number is filled with zeros, and a longer number keeps all of its own. */
  readonly width: number;
  readonly checkDigit: 'none' | 'luhn';
}

/** The check digit of a run of decimal digits by the Luhn formula (ISO/IEC 7812-1, Annex B). */
export function luhnDigit(digits: string): string {
  let sum = 0;
  for (const [index, character] of Array.from(digits).reverse().entries()) {
    const digit = Number(character) * (index % 2 === 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return String((10 - (sum % 10)) % 10);
}

/** The tag of a number, for example `NB-000042` or, with its check digit after the number, `NB-0000426`. */
export function tagOf(form: TagForm, number: number): string {
  const digits = String(number).padStart(form.width, '0');
  return `${form.prefix}${digits}${form.checkDigit === 'luhn' ? luhnDigit(digits) : ''}${form.suffix}`;
}
