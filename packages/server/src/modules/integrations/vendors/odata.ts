import type { Json } from '@muster/protocols';
import { VendorError } from '../connector.ts';
import { isObj, type Obj, objects } from '../vendor-values.ts';

/** The rows of an OData answer. */
export function valuesOf(answer: Json): Obj[] {
  if (!isObj(answer) || !Array.isArray(answer['value'])) throw new VendorError('failed', 'The answer has no list of values.');
  return objects(answer['value']);
}

/** The link to the next page of an OData answer; links are longer than texts of devices. */
export function nextLinkOf(answer: Json): string | null {
  const link = isObj(answer) ? answer['@odata.nextLink'] : null;
  return typeof link === 'string' && link !== '' && link.length < 8000 ? link : null;
}
