import { defineResource } from './fields.ts';
import { listRoutesOf } from './resource.ts';

export const agentLineKinds = ['status', 'result'] as const;
export const agentLineSeverities = ['info', 'warning', 'error', 'fatal'] as const;

/** What agents wrote into their own logs and sent; osquery does. The same line again counts. */
export const agentLineResource = defineResource({
  name: 'agent-lines',
  label: 'Log line',
  plural: 'Log lines',
  titleField: 'message',
  defaultSort: '-lastAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional' },
    agent: { type: 'text', label: 'Agent', about: 'Family and device id.', notNull: true, filterable: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', filterable: true, column: 'shown' },
    kind: { type: 'enum', label: 'Kind', values: agentLineKinds, notNull: true, filterable: true, facet: true, column: 'shown' },
    severity: {
      type: 'enum',
      label: 'Severity',
      about: 'Of status lines.',
      values: agentLineSeverities,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    message: { type: 'text', label: 'Message', notNull: true, filterable: true, column: 'shown' },
    name: {
      type: 'text',
      label: 'Where',
      about: 'The place in the agent, or the query.',
      notNull: true,
      filterable: true,
      column: 'shown',
    },
    times: { type: 'integer', label: 'Times', notNull: true, filterable: true, column: 'shown' },
    firstAt: { type: 'instant', label: 'First received', notNull: true, filterable: true, column: 'optional' },
    lastAt: { type: 'instant', label: 'Last received', notNull: true, sortable: true, filterable: true, column: 'shown' },
  },
});

export const agentLineListRoutes = listRoutesOf(agentLineResource, '/api/v1/agent-lines', 'discovery:read');
