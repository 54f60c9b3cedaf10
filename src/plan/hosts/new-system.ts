/** What this machine's store knows about a system that is to run. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { NixError } from "../../errors.ts";
import type { NixTool } from "../../nix/find.ts";
import { pathInfo } from "../../nix/path-info.ts";
import { defined } from "../../util/defined.ts";
import type { SystemParts } from "./observed.ts";
import type { Closure } from "./packages.ts";
import type { NewUnits } from "./units.ts";

/** The closure; undefined when the path is not valid here. @throws CancelledError */
export async function closureHere(nix: NixTool, system: string, signal?: AbortSignal): Promise<Closure | undefined> {
  try {
    const infos = await pathInfo(nix, [system], { recursive: true, signal });
    return new Map([...infos.values()].map(({ path, narSize }) => [path, narSize]));
  } catch (error) {
    if (error instanceof NixError) return undefined;
    throw error;
  }
}

/** As the machine that runs it says of itself. */
export function partsHere(system: string): SystemParts {
  const target = (name: string): string | undefined => attempt(() => realpathSync(join(system, name)));
  return defined({
    kernel: target("kernel"),
    initrd: target("initrd"),
    kernelModules: target("kernel-modules"),
    systemd: target("systemd"),
    kernelParams: attempt(() => readFileSync(join(system, "kernel-params"), "utf8").trim()),
  });
}

/** Undefined where its units are not systemd's. */
export function unitsHere(system: string): NewUnits | undefined {
  const folder = join(system, "etc/systemd/system");
  const links = attempt(() => linksIn(folder));
  if (links === undefined) return undefined;
  const read = (file: string): string => attempt(() => readFileSync(join(folder, file), "utf8")) ?? "";
  return { links, textOf: (unit) => `${read(unit)}\n${read(`${unit}.d/overrides.conf`)}` };
}

/** The texts of a unit and of the scripts that it starts. */
export function textsOfUnit(unit: string, { textOf }: NewUnits): string[] {
  const text = textOf(unit);
  const scripts = [...text.matchAll(/^Exec\w+=[-@:+!]*(\/nix\/store\/[0-9a-z]{32}-unit-script-\S+)/gm)];
  const texts = scripts.map(([, path = ""]) => attempt(() => readFileSync(path, "utf8")) ?? "");
  return [...text.split("\n").filter((line) => /^Exec\w+=/.test(line)), ...texts];
}

// --- internal ---

function linksIn(folder: string): Map<string, string> {
  const links = new Map<string, string>();
  const walk = (below: string): void => {
    for (const name of readdirSync(join(folder, below))) {
      const path = below === "" ? name : `${below}/${name}`;
      const full = join(folder, path);
      if (lstatSync(full).isSymbolicLink()) links.set(path, readlinkSync(full));
      else if (below === "" && lstatSync(full).isDirectory()) walk(path);
    }
  };
  walk("");
  return links;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
