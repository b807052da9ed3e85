import { type OidMap, textOfValue } from './oid-map.ts';
import type { HostSoftware } from './types.ts';
import { dayOfOctets } from './values.ts';

/** hrSWInstalledTable of HOST-RESOURCES-MIB (RFC 2790). */
export function softwareOf(oids: OidMap): HostSoftware[] {
  const dates = oids.column('1.3.6.1.2.1.25.6.3.1.5');
  return [...oids.column('1.3.6.1.2.1.25.6.3.1.2')].flatMap(([index, value]) => {
    const name = textOfValue(value);
    return name === null ? [] : [{ name, installedOn: dayOfOctets(dates.get(index)?.raw ?? '') }];
  });
}
