import { createTransport, type Transporter } from 'nodemailer';
import type { Platform } from '../../platform/context.ts';
import type { SettingsRow } from './store-mail.ts';

const timeoutMs = 30_000;

/** A connection to the mail server as it is set; certificates are checked against the authorities that Node trusts. */
export function openTransport(platform: Platform, s: SettingsRow): Transporter {
  const password = s.password_sealed === null ? '' : platform.secrets.decrypt(s.password_sealed);
  return createTransport({
    host: s.host,
    port: s.port,
    secure: s.security === 'tls',
    requireTLS: s.security === 'starttls',
    ignoreTLS: s.security === 'none',
    ...(s.user_name ? { auth: { user: s.user_name, pass: password } } : {}),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // What goes out is written here: no file and no address is ever read in.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

export const senderOf = (s: SettingsRow): { name: string; address: string } => ({ name: s.from_name, address: s.from_address });

/** What the mail server said, or what went wrong on the way to it; never with the password, which no server repeats and no error names. */
export function answerOf(error: unknown): { answer: string; isFinal: boolean } {
  const { response, responseCode, message, code } = error as { response?: string; responseCode?: number; message?: string; code?: string };
  // RFC 5321, 4.2.1: 5yz will not change by trying again. A refused sign-in or greeting may, once the settings are put right.
  const isFinal = (code === 'EENVELOPE' || code === 'EMESSAGE') && (responseCode ?? 0) >= 500;
  return { answer: (response ?? message ?? 'unknown').slice(0, 1000), isFinal };
}
