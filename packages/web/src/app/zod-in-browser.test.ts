import { expect, test, vi } from 'vitest';

// As the build does it: see the alias in vite.config.ts.
vi.mock('zod', () => import('./zod-in-browser.ts'));

const language = import.meta.glob<object>(['../../../api/src/*.ts', '!../../../api/src/*.test.ts']);

test.each(Object.entries(language))('%s loads in the browser bundle, where schemas cannot be read', async (_path, load) => {
  expect(Object.keys(await load()).length).toBeGreaterThanOrEqual(0);
});

test('the whole shared language was looked at, through the stand-in', async () => {
  expect(Object.keys(language).length).toBeGreaterThan(20);
  const { z } = await import('zod');
  expect(() => z.object({}).shape).toThrow('not part of the browser bundle');
});
