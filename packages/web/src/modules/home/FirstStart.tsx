import { Button } from '@mantine/core';
import { createEnrolmentKey } from '@muster/api/access';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { CopyBlock } from '../../ui/CopyBlock.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { AgentTabs } from '../discovery/KeyDialog.tsx';

/** An empty database: the ways in, each with what to copy, and the demo organisation. */
export function FirstStart() {
  const { can } = useSession();
  const key = useChange(async () => (await call(createEnrolmentKey, { body: { name: t('first.keyName') } })).data);
  return (
    <section className="first" aria-labelledby="first-title">
      <h2 id="first-title">{t('first.title')}</h2>
      <ol className="first-ways">
        <li>
          <h3>{t('first.agent')}</h3>
          <p>{t('first.agentHint')}</p>
          <ProblemNotice error={key.error} />
          {key.data ? (
            <>
              <p className="once">{t('sources.once')}</p>
              <CopyBlock text={key.data.key} label={t('sources.key')} />
              <AgentTabs enrolmentKey={key.data.key} />
            </>
          ) : (
            can('discovery:write') && (
              <Button loading={key.isPending} onClick={() => key.mutate()}>
                {t('first.makeKey')}
              </Button>
            )
          )}
        </li>
        <li>
          <h3>{t('first.send')}</h3>
          <p>{t('first.sendHint')}</p>
          <CopyBlock
            label={t('first.send')}
            text={`curl --data-binary @inventory.json \\\n  -H 'Content-Type: application/json' \\\n  ${window.location.origin}/agent/${key.data?.key ?? t('sources.placeholder')}`}
          />
        </li>
        <li>
          <h3>{t('first.manual')}</h3>
          <p>{t('first.manualHint')}</p>
          <div className="first-links">
            {can('assets:write') && <AppLink to="/assets/new">{t('asset.new')}</AppLink>}
            {can('people:write') && <AppLink to="/people/new">{t('person.new')}</AppLink>}
            {can('licences:write') && <AppLink to="/entitlements/new">{t('entitlement.new')}</AppLink>}
          </div>
        </li>
        <li>
          <h3>{t('first.demo')}</h3>
          <p>{t('first.demoHint')}</p>
          <CopyBlock label={t('first.demo')} text="npm start -- --demo" />
        </li>
      </ol>
    </section>
  );
}
