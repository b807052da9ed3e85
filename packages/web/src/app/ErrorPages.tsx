import { Button } from '@mantine/core';
import { ApiProblem } from '@muster/api/client';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { AppLink } from '../ui/AppLink.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { useDocumentTitle } from '../ui/page-title.ts';
import { ProblemNotice } from '../ui/ProblemNotice.tsx';
import { t } from './messages.ts';

export function NotFoundPage() {
  useDocumentTitle(t('notFound.title'));
  return (
    <div className="page">
      <h1 className="visually-hidden">{t('notFound.title')}</h1>
      <EmptyState title={t('notFound.title')} action={<AppLink to="/">{t('notFound.home')}</AppLink>}>
        {t('notFound.text')}
      </EmptyState>
    </div>
  );
}

/** A bug of ours or an answer that could not be shown: what is known about it, and two ways on. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useDocumentTitle(t('error.page'));
  // A new version was installed while this page was open: its parts have other names now.
  const isOld = error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
  return (
    <div className="page">
      <h1>{t('error.page')}</h1>
      <ProblemNotice
        error={error}
        {...(isOld ? { title: t('error.newVersion') } : error instanceof ApiProblem ? {} : { title: t('error.pageHint') })}
      />
      <p className="page-actions">
        <Button
          onClick={() => {
            if (isOld) window.location.reload();
            else {
              reset();
              void router.invalidate();
            }
          }}
        >
          {isOld ? t('action.reload') : t('action.retry')}
        </Button>
        <AppLink to="/">{t('notFound.home')}</AppLink>
      </p>
    </div>
  );
}
