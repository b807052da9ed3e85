import { numberOfValue, type OidMap, type SnmpValue, textOfValue } from './oid-map.ts';
import { type ComponentKind, entityKinds, type NetworkComponent } from './types.ts';

const entity = '1.3.6.1.2.1.47.1.1.1.1';

/** Physical entities of ENTITY-MIB (RFC 6933), in the order of their index. */
export function componentsOf(oids: OidMap): NetworkComponent[] {
  const found = new Map<number, NetworkComponent>();
  const each = (column: number, set: (component: NetworkComponent, value: SnmpValue) => void): void => {
    for (const [index, value] of oids.column(`${entity}.${column}`)) {
      if (!/^\d{1,10}$/.test(index)) continue;
      const number = Number(index);
      let component = found.get(number);
      if (!component) found.set(number, (component = emptyComponent(number)));
      set(component, value);
    }
  };
  const text = (column: number, field: 'name' | 'description' | 'manufacturer' | 'hardware' | 'firmware' | 'software'): void =>
    each(column, (component, value) => {
      component[field] = textOfValue(value);
    });
  text(2, 'description');
  each(4, (component, value) => {
    const holder = numberOfValue(value);
    component.containedIn = holder === null || holder <= 0 || holder === component.index ? null : holder;
  });
  each(5, (component, value) => {
    component.kind = kindOf(numberOfValue(value));
  });
  text(7, 'name');
  text(8, 'hardware');
  text(9, 'firmware');
  text(10, 'software');
  each(11, (component, value) => {
    component.serial = serialOf(textOfValue(value));
  });
  text(12, 'manufacturer');
  each(13, (component, value) => {
    component.model = modelOf(textOfValue(value));
  });
  each(16, (component, value) => {
    component.replaceable = value.raw === '1' ? true : value.raw === '2' ? false : null;
  });
  return [...found.values()].sort((a, b) => a.index - b.index);
}

const kindOf = (number: number | null): ComponentKind => entityKinds[(number ?? 2) - 1] ?? 'unknown';

export const emptyComponent = (index: number): NetworkComponent => ({
  index,
  containedIn: null,
  kind: 'unknown',
  name: null,
  description: null,
  manufacturer: null,
  model: null,
  serial: null,
  hardware: null,
  firmware: null,
  software: null,
  replaceable: null,
  mac: null,
  ip: null,
  location: null,
  state: null,
});

const saysNothing =
  /^(n\/?a|none|null|unknown|unspecified|not (available|specified|applicable)|builtin|default|empty|invalid|-+|\?+|[0x\s.:-]+)$/i;

/** A serial number without the words around it; null when the text only says that there is none. */
export function serialOf(text: string | null): string | null {
  const value = text?.replace(/^(s\/n|serial( (no|number))?|sn)[.:#\s]+/i, '').trim() ?? '';
  return value.length < 3 || value.length > 120 || saysNothing.test(value) ? null : value;
}

/** Numbers under which parts are ordered stand in the model's place on some devices: `40-1000133-14`. */
const partNumber = /^\d{2}-\d{7}-\d{2}$/;

export function modelOf(text: string | null): string | null {
  return text === null || text.length > 200 || saysNothing.test(text) || partNumber.test(text) ? null : text;
}

/**
 * The entity that is the device: its chassis with the lowest index, of a stack the first member; else what holds all others. Modules
 * and transceivers have serial numbers too, which are not the device's.
 */
export function mainComponent(components: readonly NetworkComponent[]): NetworkComponent | null {
  const withSerial = components.filter((c) => c.serial !== null);
  const pick = (fits: (c: NetworkComponent) => boolean): NetworkComponent | undefined => withSerial.find(fits);
  return (
    pick((c) => c.kind === 'chassis') ??
    pick((c) => c.kind === 'stack') ??
    pick((c) => c.containedIn === null) ??
    components.find((c) => c.kind === 'chassis') ??
    null
  );
}

/** A board that stands for the device where there is no chassis with a serial number. */
export function boardSerial(components: readonly NetworkComponent[]): string | null {
  const boards = components.filter((c) => c.serial !== null && (c.kind === 'module' || c.kind === 'backplane' || c.kind === 'other'));
  return boards.find((c) => !/\b(sfp|xfp|gbic|transceiver|power|fan|psu)\b/i.test(`${c.name} ${c.description}`))?.serial ?? null;
}
