import './handover.css';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Signature } from '@muster/api/handover';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { SignaturePad } from './SignaturePad.tsx';

export type SignDecision = { decision: 'accepted'; signature: Signature } | { decision: 'declined' };

/** Accepts or declines a document once: the name, and a drawn signature when there is one. */
export function SignForm({ decide, onDone }: { decide: (decision: SignDecision) => Promise<unknown>; onDone?: () => void }) {
  const form = useForm({ initialValues: { name: '' } });
  const [png, setPng] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const send = useMutation({
    mutationFn: (decision: 'accepted' | 'declined') => {
      const { name } = form.getValues();
      return decide(
        decision === 'declined'
          ? { decision }
          : { decision, signature: png === null ? { kind: 'typed', name } : { kind: 'drawn', name, png } },
      );
    },
    onSuccess: () => onDone?.(),
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  const choose = (decision: 'accepted' | 'declined'): void => {
    setProblem(null);
    send.mutate(decision);
  };
  return (
    <form noValidate onSubmit={form.onSubmit(() => choose('accepted'))}>
      <Stack gap="sm">
        <ProblemNotice error={problem} />
        <TextInput
          label={t('accept.name')}
          description={t('accept.nameHint')}
          autoComplete="name"
          required
          {...form.getInputProps('name')}
          error={form.errors['name'] ?? form.errors['signature.name']}
        />
        <SignaturePad onChange={setPng} />
        <Group>
          <Button type="submit" loading={send.isPending && send.variables === 'accepted'}>
            {t('accept.accept')}
          </Button>
          <Button variant="default" loading={send.isPending && send.variables === 'declined'} onClick={() => choose('declined')}>
            {t('accept.decline')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
