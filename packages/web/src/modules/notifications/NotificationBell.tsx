import './bell.css';
import { ActionIcon, Tooltip } from '@mantine/core';
import { countUnread } from '@muster/api/notifications';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useFollow } from '../../ui/AppLink.tsx';
import { number } from '../../ui/formatting.ts';
import { BellIcon } from '../../ui/Icons.tsx';

/** The way to the notifications, with how many are unread. */
export function NotificationBell() {
  const follow = useFollow();
  const { data } = useQuery({ ...apiQuery(countUnread, {}), refetchInterval: 60_000 });
  const unread = data?.unread ?? 0;
  const label = unread > 0 ? t('notify.bellUnread', { count: number(unread) }) : t('notify.bell');
  return (
    <Tooltip label={label}>
      <ActionIcon className="bell" aria-label={label} size="lg" onClick={() => follow('/notifications')}>
        <BellIcon />
        {unread > 0 && (
          <span className="bell-count number" aria-hidden="true">
            {unread > 99 ? '99+' : number(unread)}
          </span>
        )}
      </ActionIcon>
    </Tooltip>
  );
}
