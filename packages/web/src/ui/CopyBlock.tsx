import { Button, CopyButton } from '@mantine/core';
import { t } from '../app/messages.ts';
import { CheckIcon, CopyIcon } from './Icons.tsx';

/** Commands or a secret, to copy with one press. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="copy-block">
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            size="compact-xs"
            onClick={copy}
            leftSection={copied ? <CheckIcon width={12} height={12} /> : <CopyIcon width={12} height={12} />}
          >
            <span aria-live="polite">{copied ? t('action.copied') : t('action.copy')}</span>
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
