let names: Promise<Record<string, string>> | null = null;

/**
 * Whom the IEEE gave the first 24 bits of these addresses to, by address in twelve digits; absent when nobody is known. The register is read
 * at the first question: it is five megabytes that most processes never need.
 */
export async function vendorsOf(macs: readonly string[]): Promise<Map<string, string>> {
  if (macs.length === 0) return new Map();
  names ??= import('oui-data', { with: { type: 'json' } }).then((module) => module.default as Record<string, string>);
  const register = await names;
  return new Map(
    macs.flatMap((mac) => {
      const name = register[mac.slice(0, 6).toUpperCase()]?.split('\n')[0]?.trim();
      return name ? [[mac, name.slice(0, 200)] as const] : [];
    }),
  );
}
