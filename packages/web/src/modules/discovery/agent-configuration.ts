import { t } from '../../app/messages.ts';

export interface AgentRecipe {
  key: string;
  name: string;
  hint: string;
  text: string;
}

/** What to write where, for each agent, with this server's own address and the key. */
export function agentRecipes(origin: string, key: string): AgentRecipe[] {
  const url = `${origin}/agent/${key}`;
  return [
    {
      key: 'glpi',
      name: 'GLPI Agent',
      hint: t('sources.glpiHint'),
      text: `# /etc/glpi-agent/conf.d/muster.cfg\nserver = ${url}\n\n# ${t('sources.sendNow')}\nglpi-agent --force --server ${url}\n\n# Windows\nmsiexec /i GLPI-Agent-x64.msi /quiet SERVER="${url}" RUNNOW=1`,
    },
    {
      key: 'fusioninventory',
      name: 'FusionInventory',
      hint: t('sources.fusionHint'),
      text: `# /etc/fusioninventory/agent.cfg\nserver = ${url}\n\n# ${t('sources.sendNow')}\nfusioninventory-agent --force --server ${url}`,
    },
    {
      key: 'ocs',
      name: 'OCS Inventory',
      hint: t('sources.ocsHint'),
      text: `# /etc/ocsinventory/ocsinventory-agent.cfg\nserver=${origin}/ocsinventory/${key}\n\n# ${t('sources.sendNow')}\nocsinventory-agent --force --server=${origin}/ocsinventory/${key}`,
    },
    {
      key: 'osquery',
      name: 'osquery',
      hint: t('sources.osqueryHint'),
      text: osqueryFlags(origin, key),
    },
    {
      key: 'curl',
      name: 'curl',
      hint: t('sources.curlHint'),
      text: `# ${t('sources.curlComment')}\nglpi-inventory --json > inventory.json\ncurl --data-binary @inventory.json -H 'Content-Type: application/json' ${url}`,
    },
  ];
}

function osqueryFlags(origin: string, key: string): string {
  const flags = [
    `--tls_hostname=${new URL(origin).host}`,
    '--enroll_secret_path=/etc/osquery/muster.secret',
    '--enroll_tls_endpoint=/api/osquery/enroll',
    '--config_plugin=tls',
    '--config_tls_endpoint=/api/osquery/config',
    '--logger_plugin=tls',
    '--logger_tls_endpoint=/api/osquery/log',
    '--logger_tls_compress=true',
    '--disable_distributed=false',
    '--distributed_plugin=tls',
    '--distributed_tls_read_endpoint=/api/osquery/distributed/read',
    '--distributed_tls_write_endpoint=/api/osquery/distributed/write',
    '--host_identifier=uuid',
  ];
  return `# /etc/osquery/muster.secret\n${key}\n\n# /etc/osquery/osquery.flags\n${flags.join('\n')}`;
}
