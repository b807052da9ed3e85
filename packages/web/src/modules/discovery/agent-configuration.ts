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
      key: 'curl',
      name: 'curl',
      hint: t('sources.curlHint'),
      text: `# ${t('sources.curlComment')}\nglpi-inventory --json > inventory.json\ncurl --data-binary @inventory.json -H 'Content-Type: application/json' ${url}`,
    },
  ];
}
