/**
 * What the derivations of a system tell before anything is built: its kernel, what `environment.systemPackages` names, and its units. What
 * only another package needs is not among it: whether something is needed at run time shows in a build alone.
 */
import { readFileSync } from "node:fs";
import { drvName, readDrv } from "../../nix/drv.ts";
import { defined } from "../../util/defined.ts";
import { programsOf } from "./important.ts";
import type { SystemParts } from "./observed.ts";
import type { NewUnits } from "./units.ts";

export interface DeclaredSystem {
  readonly parts: SystemParts;
  /** Store paths that the system will hold for sure. */
  readonly paths: ReadonlySet<string>;
  /** Units by the name of their store path, `unit-nginx.service`, with the path they will have and their text. */
  readonly units: ReadonlyMap<string, DeclaredUnit>;
}

export interface DeclaredUnit {
  readonly path: string;
  readonly text: string;
}

/** Undefined when the derivation is not in the store. */
export function readDeclared(drvPath: string): DeclaredSystem | undefined {
  const toplevel = variablesOf(drvPath);
  if (toplevel === undefined) return undefined;
  const parts = partsDeclared(toplevel);
  const packages = variablesOf(inputOf(drvPath, "system-path") ?? inputOf(drvPath, "home-manager-path"));
  // nixpkgs' buildEnv writes them down as JSON; others as a list, and all of it is JSON with structured attributes.
  const selected = storePaths(packages?.get("pkgs") ?? packages?.get("paths") ?? packages?.get("__json") ?? "");
  const units = declaredUnits(drvPath);
  const heavy = [parts.kernel, parts.systemd].flatMap((path) => storePaths(path ?? ""));
  const programs = [...units.values()].flatMap(({ text }) => programPaths(text));
  return { parts, paths: new Set([...heavy, ...selected, ...programs]), units };
}

/** The units as if they were built; what runs has the names of their files. */
export function unitsDeclared({ units }: DeclaredSystem, old: ReadonlyMap<string, string>): NewUnits {
  const links = new Map<string, string>();
  const texts = new Map<string, string>();
  for (const [file, link] of old) {
    const [, own = ""] = /^\/nix\/store\/[0-9a-z]{32}-(unit-[^/]+)\//.exec(link) ?? [];
    const unit = units.get(own);
    // Units that packages bring have no derivation of their own: they change with the package, which is told elsewhere.
    if (own === "" || unit !== undefined)
      links.set(file, unit === undefined ? link : `${unit.path}/${file.replace(/^.*\//, "")}`);
    if (unit !== undefined) texts.set(file, unit.text);
  }
  return { links, textOf: (file) => texts.get(file) ?? "" };
}

/** The variables of a build; undefined when the derivation is gone. */
export function variablesOf(drvPath: string | undefined): Map<string, string> | undefined {
  if (drvPath === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(drvPath, "utf8");
  } catch {
    return undefined;
  }
  const pairs = text.matchAll(/\("((?:[^"\\]|\\.)*)","((?:[^"\\]|\\.)*)"\)/g);
  return new Map([...pairs].map(([, key = "", value = ""]) => [unescaped(key), unescaped(value)]));
}

// --- internal ---

function declaredUnits(drvPath: string): Map<string, DeclaredUnit> {
  const etc = inputOf(drvPath, "etc");
  const folder = etc && inputOf(etc, "system-units");
  const drvs = (folder && readDrv(folder)?.inputDrvs) || [];
  return new Map(
    drvs.flatMap((drv) => {
      const name = drvName(drv);
      const path = name.startsWith("unit-") ? readDrv(drv)?.outputs[0] : undefined;
      return path === undefined ? [] : [[name, { path, text: variablesOf(drv)?.get("text") ?? "" }] as const];
    }),
  );
}

/** The links are made by the build's script; kernelParams and systemd are variables of it. */
function partsDeclared(variables: ReadonlyMap<string, string>): SystemParts {
  const script = variables.get("buildCommand") ?? "";
  const link = (name: string): string | undefined =>
    new RegExp(`^\\s*ln -s (/nix/store/\\S+) \\$out/${name}$`, "m").exec(script)?.[1];
  return defined({
    kernel: link("kernel"),
    initrd: link("initrd"),
    kernelModules: link("kernel-modules"),
    kernelParams: variables.get("kernelParams"),
    systemd: variables.get("systemd"),
  });
}

function inputOf(drvPath: string, name: string): string | undefined {
  return readDrv(drvPath)?.inputDrvs.find((input) => drvName(input) === name);
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, character: string) => ({ n: "\n", t: "\t", r: "\r" })[character] ?? character);
}

function storePaths(text: string): string[] {
  return [...text.matchAll(/\/nix\/store\/[0-9a-z]{32}-[\w.+?=-]+/g)].map(([path]) => path);
}

function programPaths(text: string): string[] {
  const lines = text.split("\n").filter((line) => /^Exec\w+=/.test(line));
  return lines.filter((line) => programsOf([line]).length > 0).flatMap((line) => storePaths(line).slice(0, 1));
}
