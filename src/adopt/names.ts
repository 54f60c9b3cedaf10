/** Names of hosts and containers that a project has already. */
export type ProjectNames = ReadonlySet<string>;

/** The first of the wishes that can be the name of a container and is free; else the last with a number. */
export function freeName(wishes: readonly (string | undefined)[], taken: ProjectNames): string {
  const usable = wishes.flatMap((wish) => {
    const name = wish
      ?.replaceAll(/[^A-Za-z0-9-]+/g, "-")
      .replace(/^[-0-9]+|-+$/g, "")
      .slice(0, 60);
    return name === undefined || name === "" ? [] : [name];
  });
  const free = usable.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  const base = usable.at(-1) ?? "container";
  for (let count = 2; ; count++) if (!taken.has(`${base}-${count}`)) return `${base}-${count}`;
}
