/** The texts of what a signed link opens. */
export const handoverEn = {
  'accept.title': 'Hand-over document',
  'accept.handedOver': 'Handed over by {by} to {to}',
  'accept.name': 'Your name',
  'accept.nameHint': 'It stands as your signature.',
  'accept.accept': 'Accept and sign',
  'accept.decline': 'Decline',
  'accept.accepted': 'Thank you: it is accepted. You may close this page.',
  'accept.declined': 'It is declined. Whoever handed it over sees that.',
} as const;
