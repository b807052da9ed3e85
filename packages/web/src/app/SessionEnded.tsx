import { Modal, Text } from '@mantine/core';
import { refreshAll } from './api.ts';
import { t } from './messages.ts';
import { useSession } from './Session.tsx';
import { SignInForm } from './SignInForm.tsx';

/** Over the page, which stays as it is: nothing that was typed is lost when a session ends. */
function SessionEnded() {
  const { user } = useSession();
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('session.ended')}
    >
      <Text size="sm" mb="sm">
        {t('session.endedHint')}
      </Text>
      <SignInForm
        email={user.email}
        onDone={() => {
          void refreshAll();
        }}
      />
    </Modal>
  );
}

// Loaded lazily, which needs a default export.
// oxlint-disable-next-line import/no-default-export
export default SessionEnded;
