import type { Ref } from '@muster/api/fields';
import { AppLink } from './AppLink.tsx';

/** What kind it is, and the way to it from the root: each step above is a link. */
export function PathLine({ kind, path, to }: { kind: string; path: Ref[]; to: string }) {
  return (
    <span>
      {kind}
      {path.slice(0, -1).map((step) => (
        <span key={step.id}>
          {' · '}
          <AppLink to={to + step.id}>{step.label}</AppLink>
        </span>
      ))}
    </span>
  );
}
