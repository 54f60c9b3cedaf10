/** The values of a record, in the order of their names. */
export function byName<T extends { readonly name: string }>(record: Readonly<Record<string, T>>): T[] {
  return Object.values(record).sort((a, b) => (a.name < b.name ? -1 : 1));
}
