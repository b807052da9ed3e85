/** A header without case, spaces and punctuation: `Asset Tag`, `asset_tag` and `assetTag` are one. */
export const headerKey = (header: string): string => header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The field that a header means by its name, its label or another name it goes by; undefined when none. */
export function guessField(
  header: string,
  fields: readonly { readonly name: string; readonly label: string; readonly aliases?: readonly string[] | undefined }[],
): string | undefined {
  const key = headerKey(header);
  if (key === '') return undefined;
  const called = (f: (typeof fields)[number]): string[] => [f.name, f.label, ...(f.aliases ?? [])].map(headerKey);
  return fields.find((f) => called(f).includes(key))?.name;
}
