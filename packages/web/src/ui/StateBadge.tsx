import { CheckIcon, ClockIcon, ErrorIcon, MoreLessIcon, WarningIcon } from './Icons.tsx';
import { toneOf, wordOf, type Tone } from './value-words.ts';

const icons: Record<Tone, typeof CheckIcon> = {
  good: CheckIcon,
  warning: WarningIcon,
  bad: ErrorIcon,
  info: ClockIcon,
  neutral: MoreLessIcon,
};

/** A state as icon, word and colour together: never colour alone. */
export function StateBadge({ value, tone = toneOf(value), label = wordOf(value) }: { value: string; tone?: Tone; label?: string }) {
  const Icon = icons[tone];
  return (
    <span className="state" data-tone={tone}>
      <Icon width={12} height={12} />
      {label}
    </span>
  );
}
