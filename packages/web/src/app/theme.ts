import {
  ActionIcon,
  Button,
  createTheme,
  Drawer,
  Input,
  Menu,
  Modal,
  type MantineColorsTuple,
  Select,
  Table,
  Tabs,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';

/** The one accent: links, the primary button, the focus ring, the selection. */
const accent: MantineColorsTuple = [
  '#eef0fd',
  '#dfe2fa',
  '#bdc3f3',
  '#99a2ec',
  '#7c87e6',
  '#636fde',
  '#4f5bd0',
  '#4350c4',
  '#3843a8',
  '#2d3687',
];
/** Neutral greys without a tint. Index 6 keeps 4.5:1 on white, so dimmed text stays readable. */
const gray: MantineColorsTuple = [
  '#f8f8f9',
  '#f1f1f3',
  '#e6e6e9',
  '#d8d8dd',
  '#bfbfc6',
  '#8f8f99',
  '#63636d',
  '#4a4a53',
  '#313138',
  '#1c1c21',
];
/** The dark scale runs from text (0) to the page (9), as Mantine expects. */
const dark: MantineColorsTuple = [
  '#e4e4e8',
  '#c9c9d0',
  '#a9a9b3',
  '#7d7d88',
  '#46464e',
  '#37373e',
  '#2a2a30',
  '#1e1e22',
  '#18181b',
  '#111113',
];

/** Type, colour and spacing of the whole UI: 13-14 px type on a 4 px grid, one accent, no shadow beyond one level. */
export const theme = createTheme({
  colors: { accent, gray, dark },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.4' },
      h2: { fontSize: '1rem', lineHeight: '1.5' },
      h3: { fontSize: '0.875rem', lineHeight: '1.5' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    // The hint stands below its input, so that the inputs of a row are level.
    InputWrapper: Input.Wrapper.extend({ defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'sm' } }),
    Select: Select.extend({ defaultProps: { size: 'sm' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 6, horizontalSpacing: 12 } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    // The head of a dialog is a <header>, which outside <main> would be a second banner of the page.
    Modal: Modal.extend({
      defaultProps: { shadow: 'sm', overlayProps: { backgroundOpacity: 0.4 }, attributes: { header: { role: 'presentation' } } },
    }),
    Drawer: Drawer.extend({ defaultProps: { attributes: { header: { role: 'presentation' } } } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'sm' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: false, events: { hover: true, focus: true, touch: false } } }),
  },
});
