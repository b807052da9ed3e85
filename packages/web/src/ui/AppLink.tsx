import { Anchor, type AnchorProps } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import type { ComponentPropsWithRef, MouseEvent, ReactNode } from 'react';

type Props = AnchorProps & Omit<ComponentPropsWithRef<'a'>, keyof AnchorProps | 'href'> & { to: string; children?: ReactNode };

/** Follows `to` inside the application; a modified click, or a link elsewhere, is left to the browser. */
export function useFollow(): (to: string, event?: MouseEvent) => void {
  const router = useRouter();
  return (to, event) => {
    if (event && (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)) return;
    event?.preventDefault();
    router.history.push(to);
  };
}

/** A link to a path of the application, query string included. */
export function AppLink({ to, onClick, ...rest }: Props) {
  const follow = useFollow();
  return (
    <Anchor
      href={to}
      inherit
      {...rest}
      onClick={(event) => {
        onClick?.(event);
        follow(to, event);
      }}
    />
  );
}
