import type { ReactNode, SVGProps } from 'react';

/** One stroke, one size: every icon is drawn on a 16 px grid and takes the colour of its text. Always beside a word or a label. */
function icon(children: ReactNode) {
  return function Icon(props: SVGProps<SVGSVGElement>) {
    return (
      <svg
        width={16}
        height={16}
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.4}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        {...props}
      >
        {children}
      </svg>
    );
  };
}

export const HomeIcon = icon(<path d="M2.5 7.5 8 3l5.5 4.5V13h-4V9.5h-3V13h-4z" />);
export const HistoryIcon = icon(<path d="M2.5 3v3h3M2.7 6A5.5 5.5 0 1 1 2.5 8M8 5v3l2 1.5" />);
export const AssetIcon = icon(
  <>
    <rect x="2" y="3" width="12" height="8" rx="1" />
    <path d="M1.5 13.5h13" />
  </>,
);
export const SoftwareIcon = icon(
  <>
    <rect x="2" y="2.5" width="12" height="11" rx="1" />
    <path d="M2 5.5h12M4.5 8.5 6 10l-1.5 1.5M8 11.5h3" />
  </>,
);
export const ProductIcon = icon(
  <>
    <path d="M8 2 13.5 5v6L8 14 2.5 11V5z" />
    <path d="M2.5 5 8 8l5.5-3M8 8v6" />
  </>,
);
export const UnknownIcon = icon(
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M6.3 6.3A1.8 1.8 0 0 1 8 5c1 0 1.8.7 1.8 1.6C9.8 7.9 8 7.9 8 9.3M8 11.4v.1" />
  </>,
);
export const LicenceIcon = icon(
  <>
    <rect x="2" y="3" width="12" height="8" rx="1" />
    <path d="M4.5 6h4M4.5 8.3h2.5" />
    <circle cx="11" cy="8" r="1.5" />
    <path d="M10 9.3V14l1-.8 1 .8V9.3" />
  </>,
);
export const PositionIcon = icon(<path d="M2 13.5h12M3.5 13V8M6.5 13V3.5M9.5 13V6M12.5 13v-3" />);
export const DiscoveryIcon = icon(
  <>
    <circle cx="8" cy="8" r="1.5" />
    <path d="M4.8 11.2a4.5 4.5 0 0 1 0-6.4M11.2 4.8a4.5 4.5 0 0 1 0 6.4M2.7 13.3a7.5 7.5 0 0 1 0-10.6M13.3 2.7a7.5 7.5 0 0 1 0 10.6" />
  </>,
);
export const ReportIcon = icon(
  <>
    <path d="M4 2h5.5L12.5 5v9H4z" />
    <path d="M9.5 2v3h3M6 8h4.5M6 10.5h4.5" />
  </>,
);
export const KeyIcon = icon(
  <>
    <circle cx="5.2" cy="10.8" r="2.7" />
    <path d="m7.2 8.8 6-6M11 5l2 2" />
  </>,
);
export const JobIcon = icon(
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 4.5V8l2.5 1.5" />
  </>,
);
export const PeopleIcon = icon(
  <>
    <circle cx="6" cy="5.5" r="2.5" />
    <path d="M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 3.2a2.5 2.5 0 0 1 0 4.6M12 9.8c1.6.6 2.5 1.9 2.5 3.7" />
  </>,
);
export const PlaceIcon = icon(
  <path d="M8 14.5c3-3.3 4.5-5.7 4.5-7.7a4.5 4.5 0 0 0-9 0c0 2 1.5 4.4 4.5 7.7zM8 8.3a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2z" />,
);
export const SettingsIcon = icon(
  <>
    <path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6" />
    <circle cx="10" cy="4.5" r="1.8" />
    <circle cx="6" cy="11.5" r="1.8" />
  </>,
);
export const UserIcon = icon(
  <>
    <circle cx="8" cy="5.5" r="2.8" />
    <path d="M2.8 13.7c.4-2.7 2.5-4.2 5.2-4.2s4.8 1.5 5.2 4.2" />
  </>,
);
export const TokenIcon = icon(
  <>
    <path d="M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4" />
  </>,
);
export const AuditIcon = icon(
  <>
    <path d="M3 3h10M3 6.3h10M3 9.6h6M3 13h4" />
    <path d="m9.5 12 1.5 1.5 3-3" />
  </>,
);
export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.5" />
    <path d="m10.5 10.5 3.5 3.5" />
  </>,
);
export const MenuIcon = icon(<path d="M2.5 4h11M2.5 8h11M2.5 12h11" />);
export const CollapseIcon = icon(
  <>
    <rect x="2" y="2.5" width="12" height="11" rx="1" />
    <path d="M6 2.5v11M11 6 9 8l2 2" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" />
  </>,
);
export const MoonIcon = icon(<path d="M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z" />);
export const CheckIcon = icon(<path d="m3 8.5 3.2 3.2L13 4.8" />);
export const WarningIcon = icon(
  <>
    <path d="M8 2.2 14.5 13.5h-13z" />
    <path d="M8 6.5v3.2M8 11.6v.1" />
  </>,
);
export const ErrorIcon = icon(
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 4.8v3.8M8 11v.1" />
  </>,
);
export const CloseIcon = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const CopyIcon = icon(
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1" />
    <path d="M10.5 5.5v-3h-8v8h3" />
  </>,
);
export const ChevronRightIcon = icon(<path d="m6 3.5 4.5 4.5L6 12.5" />);
export const ChevronDownIcon = icon(<path d="M3.5 6 8 10.5 12.5 6" />);
export const SortUpIcon = icon(<path d="M8 13V3.5M4.5 7 8 3.5 11.5 7" />);
export const SortDownIcon = icon(<path d="M8 3v9.5M4.5 9 8 12.5 11.5 9" />);
export const FilterIcon = icon(<path d="M2 4h12M4.5 8h7M6.5 12h3" />);
export const ColumnsIcon = icon(
  <>
    <rect x="2" y="3" width="12" height="10" rx="1" />
    <path d="M6 3v10M10 3v10" />
  </>,
);
export const DownloadIcon = icon(<path d="M8 2.5V10M4.8 7 8 10.2 11.2 7M2.5 13.5h11" />);
export const DensityIcon = icon(<path d="M2.5 3.5h11M2.5 6.5h11M2.5 9.5h11M2.5 12.5h11" />);
export const PlusIcon = icon(<path d="M8 3v10M3 8h10" />);
export const EditIcon = icon(<path d="M10.5 3 13 5.5 5.5 13H3v-2.5z" />);
export const DotsIcon = icon(<path d="M3.5 8v.01M8 8v.01M12.5 8v.01" strokeWidth={2.2} />);
export const ClockIcon = JobIcon;
export const KeyboardIcon = icon(
  <>
    <rect x="1.5" y="4" width="13" height="8" rx="1" />
    <path d="M4 6.7v.01M6.5 6.7v.01M9 6.7v.01M11.7 6.7v.01M5 9.5h6" />
  </>,
);
export const LinkIcon = icon(<path d="M6 3H3v10h10v-3M9 3h4v4M13 3 7.5 8.5" />);
export const MoreLessIcon = icon(<path d="M3 8h10" />);
export const ScanIcon = icon(<path d="M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11M5 5.5v5M7 5.5v5M9 5.5v5M11 5.5v5" />);
export const BellIcon = icon(<path d="M4 11V7a4 4 0 0 1 8 0v4l1 1.5H3zM6.7 14h2.6" />);
export const LabelIcon = icon(<path d="M2.5 3h6l5 5-5.5 5.5-5.5-5zM5 5.5h.01" />);
