import type { DerivationNode } from '@muster/api/licensing';
import { type Demand, exemptionSentence } from '../demand/index.ts';
import { isExact, numberText, quantity, type Range, rangeText } from '../quantity.ts';
import type { Exemptions, MetricRule } from '../rules.ts';
import { evaluate } from './evaluate.ts';
import { attributeLeaf, node, ruleOf, wire } from './node.ts';

/** A need as it is kept with a position: enough to explain it again. */
export type KeptDemand = Omit<Demand, 'assetIds'>;

/** The tree of one consumer's need, down to the facts of the device and the numbers of the rule. */
export function deriveDemand(demand: KeptDemand, rule: MetricRule, exemptions: Exemptions): DerivationNode {
  const sentence = demandSentence(demand, rule, exemptions);
  const root = demand.exemption === null ? byMetric[rule.key](demand, rule) : exempted(demand, rule, exemptions);
  return {
    ...root,
    id: `demand:${demand.consumer}`,
    label: demand.label,
    sentence,
    unit: rule.unit,
    value: wire(demand.required),
    rule: ruleOf(rule),
    ref: asset(demand),
  };
}

/** The need in a sentence with its arithmetic, for example `PAR-SRV-01 needs 32 core licences = max(16, 2 sockets x max(8, 16 cores))`. */
export function demandSentence(demand: KeptDemand, rule: MetricRule, exemptions: Exemptions): string {
  if (demand.exemption !== null) return `${demand.label} needs none: ${lowerFirst(exemptionSentence(demand.exemption, exemptions))}`;
  const needs = `${demand.label} needs ${rangeText(demand.required)} ${singular(rule, demand.required)}`;
  const doubt = isExact(demand.required) ? '' : `; not known: ${demand.missing.map((f) => factLabel(f, rule)).join(', ')}`;
  return `${needs}${sentences[rule.key](demand, rule)}${doubt}`;
}

/** What a missing fact is called. */
export function factLabel(fact: string, rule: MetricRule): string {
  return rule.needs.find((n) => n.fact === fact)?.label ?? fact;
}

const number = (demand: KeptDemand, key: string): number => Number(demand.facts[key] ?? 0);
const fact = (demand: KeptDemand, key: string): Range => ({
  min: quantity(number(demand, `${key}Min`)),
  max: quantity(number(demand, `${key}Max`)),
});
const titles = (n: number): string => (n === 1 ? '1 installed title' : `${numberText(n)} installed titles`);
const devices = (n: number): string => (n === 1 ? '1 device' : `${numberText(n)} devices`);

const sentences: Record<MetricRule['key'], (d: KeptDemand, rule: MetricRule) => string> = {
  per_device: (d) => `: one device with ${titles(number(d, 'installs'))}`,
  per_installation: (d) => `: ${titles(number(d, 'installs'))}`,
  per_named_user: (d) =>
    d.missing.includes('user')
      ? ': its user may be somebody already counted or somebody new'
      : `: one person on ${devices(number(d, 'devices'))}`,
  site: (d) => `: used on ${devices(number(d, 'devices'))}`,
  windows_server_core: (d, rule) => ` = ${windowsArithmetic(d, rule)}`,
};

function windowsArithmetic(d: KeptDemand, rule: MetricRule): string {
  const value = (key: string): number => rule.attributes.find((a) => a.key === key)!.value!;
  if (d.facts.as === 'vm') return `max(${rangeText(fact(d, 'floor'))}, ${rangeText(fact(d, 'cores'))} virtual cores), licensed alone`;
  const sockets = fact(d, 'sockets');
  const cores = fact(d, 'cores');
  const times = fact(d, 'times');
  const even = isExact(sockets) && isExact(cores) && cores.min.modulo(sockets.min).isZero();
  const base = even
    ? `max(${value('minCoresPerServer')}, ${count(sockets.min.toNumber(), 'socket')} x max(${value('minCoresPerProcessor')}, ${count(cores.min.dividedBy(sockets.min).toNumber(), 'core')}))`
    : `max(${value('minCoresPerServer')}, ${rangeText(sockets)} sockets x ${value('minCoresPerProcessor')}, ${rangeText(cores)} cores)`;
  const stacked = times.max.equals(1) ? base : `${base} x ${rangeText(times)} for ${number(d, 'guests')} virtual machines`;
  return d.facts.as === 'undecided'
    ? `${stacked} as a server, or ${number(d, 'vmMin')} to ${numberText(number(d, 'vmMax'))} as a virtual machine`
    : stacked;
}

const byMetric: Record<MetricRule['key'], (d: KeptDemand, rule: MetricRule) => DerivationNode> = {
  per_device: (d, rule) =>
    step('max', 'at least one right for the device', rule, d.required, [
      node(
        'assumption',
        'one',
        'One right for a device with an installation',
        rule.unit,
        { min: 1, max: 1 },
        'A device with at least one installation needs one right.',
        { rule: ruleOf(rule) },
      ),
      step('divide_up', 'Rights by the number of its titles', rule, null, [
        installations(d),
        attributeLeaf(rule, 'maxInstallsPerRight', 'per-right'),
      ]),
    ]),
  per_installation: (d, rule) => step('sum', 'Its installed titles', rule, d.required, [installations(d)]),
  per_named_user: (d, rule) => step('sum', 'The person', rule, d.required, [person(d, rule)]),
  site: (d, rule) =>
    step('sum', 'The site', rule, d.required, [
      node(
        'assumption',
        'used',
        'Used at all',
        rule.unit,
        wire(d.required),
        `It is used on ${devices(number(d, 'devices'))}, so the site needs its right.`,
        { rule: ruleOf(rule) },
      ),
    ]),
  windows_server_core: windowsTree,
};

function windowsTree(d: KeptDemand, rule: MetricRule): DerivationNode {
  if (d.facts.as === 'vm') {
    return step('max', 'The virtual machine alone', rule, d.required, [floorLeaf(d, rule), deviceFact(d, 'cores', 'Virtual cores')]);
  }
  const base = step('max', 'All cores once', rule, null, [
    attributeLeaf(rule, 'minCoresPerServer', 'min-server'),
    step('multiply', 'The least for its processors', rule, null, [
      deviceFact(d, 'sockets', 'Occupied sockets'),
      attributeLeaf(rule, 'minCoresPerProcessor', 'min-processor'),
    ]),
    deviceFact(d, 'cores', 'Physical cores'),
  ]);
  const server = fact(d, 'times').max.equals(1)
    ? base
    : step('multiply', 'Once for every 2 virtual machines', rule, null, [base, timesNode(d, rule)]);
  if (d.facts.as !== 'undecided') return server;
  return node(
    'assumption',
    'undecided',
    'A server or a virtual machine',
    rule.unit,
    wire(d.required),
    `Whether it is a virtual machine is not known. As a server it needs ${rangeText(fact(d, 'server'))}, as a virtual machine ${rangeText(fact(d, 'vm'))}.`,
    {
      inputs: [server],
    },
  );
}

function timesNode(d: KeptDemand, rule: MetricRule): DerivationNode {
  const times = fact(d, 'times');
  if (!isExact(times)) {
    return node(
      'assumption',
      'times',
      'Times the cores are licensed',
      '',
      wire(times),
      `Between what is known of edition and virtual machines and what may be: ${rangeText(times)} times.`,
    );
  }
  const guests = number(d, 'guests');
  return step('max', 'Times the cores are licensed', rule, times, [
    node('assumption', 'once', 'At least once', '', { min: 1, max: 1 }, 'The server is licensed at least once.'),
    step('divide_up', 'Once for every 2 virtual machines', rule, null, [
      node(
        'device_fact',
        'guests',
        'Virtual machines on the host',
        'virtual machines',
        { min: guests, max: guests },
        `${guests} virtual machines run on ${d.label}.`,
        { ref: asset(d) },
      ),
      attributeLeaf(rule, 'vmsPerStandardLicensing', 'per-licensing'),
    ]),
  ]);
}

function floorLeaf(d: KeptDemand, rule: MetricRule): DerivationNode {
  const floor = fact(d, 'floor');
  const lone = rule.attributes.find((a) => a.key === 'minCoresPerCustomer')!;
  const text = floor.max.equals(lone.value ?? 0)
    ? 'It is licensed alone, with Software Assurance or a subscription, and the least for all such machines rests on it.'
    : 'It is licensed alone, with Software Assurance or a subscription, because no licensed host is known.';
  return node('assumption', 'licensed-alone', 'Licensed by virtual machine', rule.unit, wire(floor), text, {
    rule: { id: `${rule.key}.minCoresPerVm`, version: rule.version, source: lone.source.url ?? lone.source.title },
  });
}

function deviceFact(d: KeptDemand, key: 'cores' | 'sockets', label: string): DerivationNode {
  const value = fact(d, key);
  const text = isExact(value)
    ? `${d.label} has ${rangeText(value)} ${label.toLowerCase()}.`
    : `${label} of ${d.label} are not known: between ${rangeText(value)}.`;
  return node('device_fact', key, label, key, wire(value), text, { ref: asset(d) });
}

function installations(d: KeptDemand): DerivationNode {
  const n = number(d, 'installs');
  return node(
    'installation',
    'installations',
    'Installed titles',
    'installations',
    { min: n, max: n },
    `${titles(n)} of it on ${d.label}.`,
    { ref: asset(d) },
  );
}

function person(d: KeptDemand, rule: MetricRule): DerivationNode {
  const names = Array.isArray(d.facts.names) ? d.facts.names : [];
  const more = number(d, 'devices') - names.length;
  const where = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  if (d.missing.length > 0 || d.consumer.startsWith('asset:')) {
    return node(
      'assumption',
      'user',
      'A user who is not known',
      rule.unit,
      wire(d.required),
      `Who uses ${where} is not known: somebody already counted, or somebody new.`,
      { ref: asset(d) },
    );
  }
  return node(
    'person_fact',
    'person',
    'A person',
    rule.unit,
    wire(d.required),
    `${d.label} uses it on ${where}.`,
    d.consumer.startsWith('person:') ? { ref: { resource: 'people', id: d.consumer.slice('person:'.length), label: d.label } } : {},
  );
}

function exempted(d: KeptDemand, rule: MetricRule, exemptions: Exemptions): DerivationNode {
  return node('assumption', 'exempt', d.label, rule.unit, { min: 0, max: 0 }, exemptionSentence(d.exemption!, exemptions));
}

/** An inner step; its value is shown where it is a figure of its own and computed from its inputs in any case. */
function step(op: DerivationNode['op'], label: string, rule: MetricRule, value: Range | null, inputs: DerivationNode[]): DerivationNode {
  const computed = value ?? computeStep(op, inputs);
  return node(op, label.toLowerCase().replaceAll(' ', '-'), label, rule.unit, wire(computed), `${label}: ${rangeText(computed)}.`, {
    inputs,
  });
}

function computeStep(op: DerivationNode['op'], inputs: readonly DerivationNode[]): Range {
  return evaluate(node(op, 'step', '', '', null, '', { inputs: [...inputs] }), () => undefined) ?? { min: quantity(0), max: quantity(0) };
}

function asset(d: KeptDemand): DerivationNode['ref'] {
  return d.assetId === null
    ? undefined
    : {
        resource: 'assets',
        id: d.assetId,
        label: d.consumer.startsWith('asset:') ? d.label : ((d.facts.names as string[] | undefined)?.[0] ?? d.label),
      };
}
function count(n: number, word: string): string {
  return `${numberText(n)} ${word}${n === 1 ? '' : 's'}`;
}
function singular(rule: MetricRule, r: Range): string {
  return isExact(r) && r.min.equals(1) ? 'right' : rule.unit === 'core licences' ? 'core licences' : 'rights';
}
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
