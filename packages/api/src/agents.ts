import { z } from 'zod';
import { agentFamilies } from './discovery.ts';
import { defineResource } from './fields.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What is wrong with an agent, the worst first: `silent` for three days, `never_full`, `incomplete` sections, a wrong `clock`. */
export const agentHealths = ['silent', 'never_full', 'incomplete', 'clock', 'healthy'] as const;
/** What a full report of a computer is expected to tell. */
export const expectedSections = [
  'bios',
  'operatingsystem',
  'cpus',
  'memories',
  'storages',
  'drives',
  'networks',
  'softwares',
  'users',
] as const;

/** One agent on one machine: what the server last heard of it and whether it tells everything. */
export const agentResource = defineResource({
  name: 'agents',
  label: 'Agent',
  plural: 'Agents',
  titleField: 'device',
  defaultSort: 'id',
  fields: {
    id: { type: 'text', label: 'Id', about: 'Family and device id.', notNull: true, sortable: true, filterable: true, column: 'optional' },
    device: {
      type: 'text',
      label: 'Device',
      about: 'The agent’s own name for the machine.',
      notNull: true,
      filterable: true,
      column: 'shown',
    },
    family: {
      type: 'enum',
      label: 'Agent',
      values: agentFamilies,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    version: { type: 'text', label: 'Version', sortable: true, filterable: true, facet: true, column: 'shown' },
    health: {
      type: 'enum',
      label: 'Health',
      about: 'The worst that is wrong: silent for three days, never reported in full, sections missing, clock more than five minutes off.',
      values: agentHealths,
      notNull: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    asset: { type: 'ref', to: 'assets', label: 'Asset', filterable: true, column: 'shown' },
    lastContactAt: { type: 'instant', label: 'Last contact', notNull: true, sortable: true, filterable: true, column: 'shown' },
    lastReportAt: { type: 'instant', label: 'Last report', sortable: true, filterable: true, column: 'optional' },
    lastFullAt: {
      type: 'instant',
      label: 'Last full report',
      about: 'When it last sent everything, not only what changed.',
      filterable: true,
      column: 'shown',
    },
    missing: {
      type: 'text',
      label: 'Missing sections',
      about: 'What the last full report did not tell although computers have it.',
      column: 'shown',
    },
    lacks: {
      type: 'text',
      label: 'Lacks the section',
      about: 'One of the missing sections, for example softwares.',
      filterable: true,
      column: 'none',
    },
    clockSkew: {
      type: 'integer',
      label: 'Clock',
      unit: 's',
      about:
        'How far the machine’s clock was ahead when its report came; below zero is behind, the time of the way included. Known when a report tells its time and time zone.',
      filterable: true,
      column: 'shown',
      aliases: ['skew'],
    },
    forceFull: {
      type: 'boolean',
      label: 'Asked for everything',
      about: 'At its next contact it is told to send everything.',
      notNull: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    enrolmentKey: { type: 'ref', to: 'enrolment-keys', label: 'Enrolment key', filterable: true, column: 'optional', aliases: ['key'] },
  },
});

export const agentListRoutes = listRoutesOf(agentResource, '/api/v1/agents', 'discovery:read');

export const forceFullReports = defineRoute({
  method: 'POST',
  path: '/api/v1/agents/force-full',
  summary: 'Ask agents for everything at their next contact',
  description:
    'For GLPI Agent, which otherwise sends only what changed. The other families send everything each time and are counted in `always`.',
  tag: 'Discovery',
  access: 'discovery:write',
  body: z.object({ ids: z.array(z.string().min(1).max(600)).min(1).max(500) }),
  response: z.object({ asked: z.number().int(), always: z.number().int() }),
  errors: ['not_found', 'validation_failed'],
});
