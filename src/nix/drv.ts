import { existsSync, readFileSync } from "node:fs";

/** A derivation file as far as floe needs it. Its format (ATerm) is the same in every release, unlike that of the commands that show it. */
export interface DrvFile {
  readonly outputs: readonly string[];
  readonly inputDrvs: readonly string[];
}

/** `web` of `/nix/store/HASH-web.drv`. */
export function drvName(drvPath: string): string {
  return drvPath.replace(/^.*\/[0-9a-z]{32}-/, "").replace(/\.drv$/, "");
}

/** Reads a derivation file; `undefined` when it is gone. */
export function readDrv(drvPath: string): DrvFile | undefined {
  let text: string;
  try {
    text = readFileSync(drvPath, "utf8");
  } catch {
    return undefined;
  }
  // Derive([outputs],[inputDrvs],[sources],system,builder,...): store paths in the first two lists need no unescaping.
  const head = /^Derive\(\[(.*?)\],\[(.*?)\],\[/s.exec(text.replace(/\["[^\]]*?"\]/g, "[]"));
  const outputs = [...(head?.[1] ?? "").matchAll(/\("[^"]*","([^"]*)"/g)].map((match) => match[1] as string);
  const inputDrvs = [...(head?.[2] ?? "").matchAll(/\("([^"]*\.drv)"/g)].map((match) => match[1] as string);
  return { outputs: outputs.filter((path) => path !== ""), inputDrvs };
}

/** True when the first output is there. Sandboxed builds move it into place as their last step. */
export function hasOutput(drvPath: string): boolean {
  const output = readDrv(drvPath)?.outputs[0];
  return output !== undefined && existsSync(output);
}

/** The first of `wanted` that `drvPath` is or needs, nearest first. */
export function findInClosure(drvPath: string, wanted: ReadonlySet<string>): string | undefined {
  const seen = new Set([drvPath]);
  for (const path of seen) {
    if (wanted.has(path)) return path;
    // Adding to a set while walking it visits what was added: a breadth-first walk.
    for (const input of readDrv(path)?.inputDrvs ?? []) seen.add(input);
  }
  return undefined;
}

/** Who needs what, of some derivations. */
export interface Users {
  /** For each of the wanted that is there, every derivation that is or needs it. */
  readonly users: ReadonlyMap<string, ReadonlySet<string>>;
  /** False when the file of one is gone, and with it what it needs. */
  readonly isWhole: boolean;
}

/** Which of `roots` need which of `wanted`. What several need is read once, and what a wanted one needs is not read. */
export function usersInClosures(roots: readonly string[], wanted: ReadonlySet<string>): Users {
  const neededBy = new Map<string, string[]>(roots.map((root) => [root, []]));
  let isWhole = true;
  // Adding to a map while walking it visits what was added.
  for (const path of neededBy.keys()) {
    if (wanted.has(path)) continue;
    const file = readDrv(path);
    if (file === undefined) isWhole = false;
    for (const input of file?.inputDrvs ?? []) {
      const known = neededBy.get(input);
      if (known === undefined) neededBy.set(input, [path]);
      else known.push(path);
    }
  }
  const found = [...wanted].filter((path) => neededBy.has(path));
  return { users: new Map(found.map((path) => [path, above(path, neededBy)])), isWhole };
}

// --- internal ---

function above(path: string, neededBy: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set([path]);
  for (const one of seen) for (const user of neededBy.get(one) ?? []) seen.add(user);
  return seen;
}
