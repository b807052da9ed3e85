/** The name with its sign. */
export function Brand() {
  return (
    <span className="brand">
      <svg width={20} height={20} viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="var(--mantine-primary-color-filled)" />
        <path d="M8 23V10l8 8 8-8v13" fill="none" stroke="#fff" strokeWidth="3.2" strokeLinejoin="round" strokeLinecap="round" />
      </svg>
      Muster
    </span>
  );
}
