import { Alert, Button, Group, List, Text } from '@mantine/core';
import { ApiProblem } from '@muster/api/client';
import { t, type MessageKey } from '../app/messages.ts';
import { en } from '../app/messages/en.ts';
import { ErrorIcon } from './Icons.tsx';

/** What happened, said by the code (never by the text); the server's own sentence when the catalogue has none. */
export function problemTitle(error: unknown): string {
  if (error instanceof ApiProblem) {
    const key = `error.${error.code}`;
    return key in en ? t(key as MessageKey) : error.document.title;
  }
  if (error instanceof TypeError) return t('error.noConnection');
  return error instanceof Error ? error.message : t('error.internal');
}

/** An error with what to do about it: the sentence, every bad field, the request id to quote, a way to try again. */
export function ProblemNotice({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  if (!error) return null;
  const problem = error instanceof ApiProblem ? error.document : undefined;
  const heading = title ?? problemTitle(error);
  return (
    <Alert color="var(--bad)" variant="outline" icon={<ErrorIcon />} title={heading} role="alert" className="problem">
      {problem?.detail && problem.detail !== heading && <Text size="sm">{problem.detail}</Text>}
      {problem?.errors && problem.errors.length > 0 && (
        <List size="sm" mt={4}>
          {problem.errors.map((e) => (
            <List.Item key={`${e.field}:${e.code}:${e.message}`}>
              <strong>{e.field}</strong>: {e.message}
            </List.Item>
          ))}
        </List>
      )}
      {(problem?.requestId || onRetry) && (
        <Group gap="sm" mt={8}>
          {onRetry && (
            <Button variant="default" onClick={onRetry}>
              {t('action.retry')}
            </Button>
          )}
          {problem?.requestId && (
            <Text size="xs" c="dimmed">
              {t('error.requestId')} <code>{problem.requestId}</code>
            </Text>
          )}
        </Group>
      )}
    </Alert>
  );
}
