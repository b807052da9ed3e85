import { expect, test } from 'vitest';
import { measuredFacts } from './measures.ts';

test('cartridges by their names: a share, a word, pages left, or the older three figures', () => {
  const row = {
    tonerblack: '42',
    TONERCYAN: '7.6',
    drummagenta: 'WARNING',
    cartridgephotoblack: '1200pages',
    wastetoner: 'OK',
    informations: 'x',
  };
  const older = { toneryellowmax: 4000, toneryellowused: 3000, toneryellowremaining: 1000 };
  expect(measuredFacts({ cartridges: [row, older] }).supplies).toMatchObject([
    { description: 'Toner black', kind: 'toner', colour: 'black', percent: 42 },
    { description: 'Toner cyan', colour: 'cyan', percent: 8 },
    { description: 'Drum magenta', kind: 'drum', percent: null, state: 'low' },
    { description: 'Ink photo black', kind: 'ink', colour: 'photo black', level: 1200, unit: 'pages' },
    { description: 'Waste toner', kind: 'waste_toner', colour: null, percent: null, state: 'ok' },
    { description: 'Toner yellow', percent: 25, capacity: 4000, level: 1000 },
  ]);
});

test('counters of pages by either of their names; nothing where none is a number', () => {
  expect(measuredFacts({ pagecounters: { total: 900, printblack: '700', color: 200, duplex: 50, scanned: 12 } }).pages).toEqual({
    total: 900,
    black: 700,
    colour: 200,
    duplex: 50,
    scanned: 12,
  });
  expect(measuredFacts({ pagecounters: { total: 'many' } })).toEqual({ supplies: null, pages: null, power: null });
});

test('what a report says out of range is not kept', () => {
  const { power, supplies } = measuredFacts({
    ups: { chargePercent: 9000, batteryStatus: 'exploding', onBattery: 'yes', inputVolts: '230' },
    supplies: [{ description: 'A', kind: 'rubbish', percent: -1, level: '9'.repeat(30) }],
  });
  expect(power).toMatchObject({ chargePercent: null, batteryStatus: null, onBattery: null, inputVolts: null });
  expect(supplies).toMatchObject([{ description: 'A', kind: 'other', percent: null, level: null }]);
});
