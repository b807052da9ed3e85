import type { LabelDefinition, LabelElement } from '@muster/api/labels';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginning, movedBy, movedTo } from './design.ts';

const label: LabelDefinition = { width: 60, height: 30, media: { kind: 'roll' }, elements: [] };
const box: LabelElement = { type: 'line', x: 5.4, y: 5, width: 20, height: 10 };
const away = fc.double({ min: -500, max: 500, noNaN: true });

test('a box is moved on the grid or by a step, and never beyond the label', () => {
  fc.assert(
    fc.property(away, away, (x, y) => {
      for (const moved of [movedTo(box, x, y, label), movedBy(box, x, y, label)]) {
        expect(moved.x).toBeGreaterThanOrEqual(0);
        expect(moved.y).toBeGreaterThanOrEqual(0);
        expect(moved.x + moved.width).toBeLessThanOrEqual(60);
        expect(moved.y + moved.height).toBeLessThanOrEqual(30);
      }
    }),
  );
  expect(movedTo(box, 7.4, 3.6, label)).toMatchObject({ x: 7, y: 4 });
  expect(movedBy(box, 1, -1, label)).toMatchObject({ x: 6.4, y: 4 });
});

test('a new template holds its elements, however small the label is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 15, max: 300 }), fc.integer({ min: 8, max: 300 }), (width, height) => {
      for (const one of beginning(width, height, { kind: 'roll' }).elements) {
        expect(one.x + one.width).toBeLessThanOrEqual(width + 0.05);
        expect(one.y + one.height).toBeLessThanOrEqual(height + 0.05);
      }
    }),
  );
});
