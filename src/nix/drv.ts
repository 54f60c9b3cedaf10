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
