import { z } from 'zod';
import { refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { defineRoute } from './route.ts';

/** From which side of a rack something is mounted; `both` takes the whole depth. */
export const rackSides = ['front', 'rear', 'both'] as const;
export type RackSide = (typeof rackSides)[number];

const shared = { tag: 'Places' } as const;
const params = z.object({ id: idSchema });

export const rackMountSchema = z.object({
  asset: refSchema,
  /** The label of its class. */
  class: z.string(),
  /** The lowest unit that it takes; units are numbered from 1 at the bottom. */
  unit: z.number().int(),
  height: z.number().int(),
  side: z.enum(rackSides),
});
export type RackMount = z.infer<typeof rackMountSchema>;

export const elevationSchema = z.object({
  rack: refSchema,
  units: z.number().int(),
  /** From the top down. */
  mounts: z.array(rackMountSchema),
  /** Placed in the rack, but nobody said where. At most 200. */
  unmounted: z.array(refSchema),
  /** Units where nothing is mounted on either side. */
  freeUnits: z.number().int(),
  /** Things mounted here that the caller's role does not reach: they take room and have no name. */
  hidden: z.number().int(),
});
export type Elevation = z.infer<typeof elevationSchema>;

export const getElevation = defineRoute({
  ...shared,
  method: 'GET',
  path: '/api/v1/places/:id/elevation',
  summary: 'What is mounted in a rack, unit by unit',
  access: 'assets:read',
  params,
  response: elevationSchema,
  errors: ['not_found', 'conflict'],
});

export const mountAsset = defineRoute({
  ...shared,
  method: 'PUT',
  path: '/api/v1/assets/:id/rack-mount',
  summary: 'Mount an asset in a rack, or move it within one',
  description: 'Its place becomes the rack. Refused with `conflict` where something else is mounted, naming what.',
  access: 'assets:write',
  params,
  body: z.strictObject({
    rackId: idSchema,
    unit: z.number().int().min(1).max(100),
    height: z.number().int().min(1).max(100).default(1),
    side: z.enum(rackSides).default('both'),
  }),
  response: elevationSchema,
  errors: ['not_found', 'validation_failed', 'conflict'],
});

export const unmountAsset = defineRoute({
  ...shared,
  method: 'DELETE',
  path: '/api/v1/assets/:id/rack-mount',
  summary: 'Take an asset out of its position in a rack',
  description: 'It stays placed in the rack until it is placed elsewhere.',
  access: 'assets:write',
  params,
  status: 204,
  errors: ['not_found', 'conflict'],
});
