/** The names on a way from `name` back to itself, it first; undefined where there is none. `after` answers what a name depends on. */
export function circleThrough(name: string, after: (name: string) => readonly string[]): string[] | undefined {
  const seen = new Set<string>();
  const walk = (way: readonly string[]): string[] | undefined => {
    for (const next of after(way.at(-1) ?? name)) {
      if (next === name) return [...way];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk([...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk([name]);
}
