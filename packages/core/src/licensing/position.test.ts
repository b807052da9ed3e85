import { describe, expect, test } from 'vitest';
import { demandSentence, positionSentence } from './derive/index.ts';
import type { ConsumerFact } from './facts.ts';
import { bought, device, facts, on, one, plain, rules, today, win } from './facts.testing.ts';
import { positionsOf } from './position.ts';

describe('positions', () => {
  test('too few rights are a shortfall, at the latest price', () => {
    const p = one(
      facts(
        [on(device('a')), on(device('b'), { count: 3 }), on(device('c'))],
        [bought('1', 'per_device', '2', { unitPrice: '10.005', currency: 'EUR', purchasedOn: '2026-01-01' })],
      ),
    );
    expect(plain(p.required)).toEqual([3, 3]);
    expect(p.owned!.toNumber()).toBe(2);
    expect(plain(p.shortfall)).toEqual([1, 1]);
    expect(p.status).toBe('short');
    expect(p.costToCure).toMatchObject({ currency: 'EUR' });
    expect(p.costToCure!.amount.toFixed(2)).toBe('10.01');
  });
  test('an expired entitlement counts nothing, even when unlimited', () => {
    const p = one(facts([on(device('a'))], [bought('1', 'per_device', null, { endsOn: '2026-11-23' })]));
    expect(p.owned!.toNumber()).toBe(0);
    expect(p.status).toBe('short');
  });
  test('both ends of the term are covered days', () => {
    const e = bought('1', 'per_device', '1', { startsOn: '2026-11-24', endsOn: '2026-11-24' });
    expect(one(facts([on(device('a'))], [e])).status).toBe('compliant');
    expect(one(facts([on(device('a'))], [e]), '2026-11-25').status).toBe('short');
    expect(one(facts([on(device('a'))], [e]), '2026-11-23').status).toBe('short');
  });
  test('never bought is unlicensed', () => {
    expect(one(facts([on(device('a'))], [])).status).toBe('unlicensed');
  });
  test('a right for one edition does not cover another', () => {
    const p = one(
      facts(
        [on(device('a'), { edition: 'Pro' }), on(device('b'), { edition: 'Standard' })],
        [bought('1', 'per_device', '5', { edition: 'Pro Edition' })],
      ),
    );
    expect(plain(p.shortfall)).toEqual([1, 1]);
    expect(plain(p.surplus)).toEqual([4, 4]);
  });
  test('rights of an edition are used before rights for any', () => {
    const p = one(
      facts(
        [on(device('a'), { edition: 'Pro' }), on(device('b'))],
        [bought('1', 'per_device', '1'), bought('2', 'per_device', '1', { edition: 'Pro' })],
      ),
    );
    expect(p.status).toBe('compliant');
  });
  test('components, free editions and retired assets leave a record and need nothing', () => {
    const f = facts(
      [
        on(device('a'), { kind: 'component' }),
        on(device('b', { state: 'retired' })),
        on(device('c'), { edition: 'Express' }),
        on(device('d')),
      ],
      [bought('1', 'per_device', '1')],
      { key: 'microsoft/sql-server' },
    );
    const p = one(f);
    expect(plain(p.required)).toEqual([1, 1]);
    expect(p.demands.map((d) => d.demand.exemption)).toEqual([null, 'not_licensable', 'decommissioned', 'free_edition']);
  });
  test('a person counts once on many devices; a device without a user is a range', () => {
    const ana = { key: 'person:1', label: 'Ana' };
    const p = one(
      facts([on(device('a', { user: ana })), on(device('b', { user: ana })), on(device('c'))], [bought('1', 'per_named_user', '1')]),
    );
    expect(plain(p.required)).toEqual([1, 2]);
    expect(plain(p.shortfall)).toEqual([0, 1]);
    expect(p.status).toBe('unknown');
    expect(p.missingFacts).toBe(1);
  });
  test('a site right is unlimited while it is in force', () => {
    const p = one(facts([on(device('a')), on(device('b'))], [bought('1', 'site', null)]));
    expect(p.owned).toBeNull();
    expect(plain(p.required)).toEqual([1, 1]);
    expect(p.status).toBe('compliant');
  });
  test('two metrics: the first serves whom it can, the last carries the rest', () => {
    const ana = { key: 'person:1', label: 'Ana' };
    const ps = positionsOf(
      facts(
        [on(device('a', { user: ana })), on(device('b', { user: ana })), on(device('c', { user: ana }))],
        [bought('1', 'per_device', '1'), bought('2', 'per_named_user', '1')],
      ),
      rules,
      today,
    );
    expect(ps.map((p) => [p.metric, p.required.max.toNumber(), p.shortfall.max.toNumber()])).toEqual([
      ['per_device', 1, 0],
      ['per_named_user', 1, 0],
    ]);
  });
  test('a pool serves only the org unit of its name', () => {
    const ps = positionsOf(
      facts(
        [on(device('a', { orgUnits: ['Payroll', 'HR'] })), on(device('b'))],
        [bought('1', 'per_device', '3', { pool: 'HR' }), bought('2', 'per_device', '1')],
      ),
      rules,
      today,
    );
    expect(ps.map((p) => [p.pool, p.required.max.toNumber(), p.surplus.max.toNumber()])).toEqual([
      ['HR', 1, 2],
      ['global', 1, 0],
    ]);
  });
  test('surplus in two currencies is two sums', () => {
    const p = one(
      facts(
        [],
        [
          bought('1', 'per_device', '2', { unitPrice: '5', currency: 'EUR' }),
          bought('2', 'per_device', '1', { unitPrice: '7', currency: 'USD' }),
        ],
      ),
    );
    expect(p.surplusValue.map((m) => `${m.amount.toFixed(2)} ${m.currency}`)).toEqual(['10.00 EUR', '7.00 USD']);
  });
});

describe('Windows Server cores', () => {
  test('a whole server explains itself', () => {
    const p = one(
      facts(
        [on(device('par-srv-01', { sockets: 2, cores: 32 }), { edition: 'Standard', kind: 'os' })],
        [bought('1', 'windows_server_core', '16')],
        win,
      ),
    );
    expect(plain(p.required)).toEqual([32, 32]);
    expect(demandSentence(p.demands[0]!.demand, rules.metrics.windows_server_core, rules.exemptions)).toBe(
      'PAR-SRV-01 needs 32 core licences = max(16, 2 sockets x max(8, 16 cores))',
    );
    expect(positionSentence(p, rules.metrics.windows_server_core, 'Windows Server')).toBe(
      'Windows Server: 32 core licences required, 16 owned; 16 short.',
    );
  });
  test('Standard stacks for the virtual machines of the host, which then need nothing', () => {
    const host = device('host', { sockets: 2, cores: 16, guests: { total: 5, running: 5 } });
    const guest = device('vm', { virtual: true, cores: 4, hostId: 'host' });
    const p = one(
      facts([on(host, { edition: 'Standard' }), on(guest, { edition: 'Standard' })], [bought('1', 'windows_server_core', '48')], win),
    );
    expect(plain(p.required)).toEqual([48, 48]);
    expect(p.demands.find((d) => d.demand.label === 'VM')!.demand.exemption).toBe('covered_by_host');
  });
  test('Datacenter does not stack', () => {
    const p = one(
      facts([on(device('h', { sockets: 2, cores: 16, guests: { total: 9, running: 0 } }), { edition: 'Datacenter' })], [], win),
    );
    expect(plain(p.required)).toEqual([16, 16]);
  });
  test('missing cores give a range and are listed, not a shortfall', () => {
    const p = one(
      facts([on(device('s', { sockets: 2, threads: 64 }), { edition: 'Standard' })], [bought('1', 'windows_server_core', '32')], win),
    );
    expect(plain(p.required)).toEqual([32, 64]);
    expect(p.status).toBe('unknown');
    expect(p.demands[0]!.demand.missing).toEqual(['cores']);
  });
  test('one virtual machine alone carries the customer’s minimum, two do not', () => {
    const vm = (id: string): ConsumerFact => on(device(id, { virtual: true, cores: 4 }), { edition: 'Standard' });
    expect(plain(one(facts([vm('a')], [], win)).required)).toEqual([16, 16]);
    expect(plain(one(facts([vm('a'), vm('b')], [], win)).required)).toEqual([16, 16]);
    expect(plain(one(facts([vm('a'), vm('b'), vm('c')], [], win)).required)).toEqual([24, 24]);
  });
});
