import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './app/app.css';
import './ui/ui.css';
import './ui/record.css';
import './ui/form.css';
import './ui/figures.css';
import './ui/derivation.css';
import './ui/pages.css';
import './modules/attachments/attachments.css';
import './modules/lifecycle/lifecycle.css';
import './ui/table/table.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { rememberedLanguage, switchLanguage } from './app/messages.ts';
import { Root } from './app/Root.tsx';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no #root');
// The catalogue first: the first paint is already in the right language.
await switchLanguage(rememberedLanguage());
createRoot(element).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
