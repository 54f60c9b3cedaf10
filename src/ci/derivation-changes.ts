/** What differs between two derivations, as far as their files in the store tell: nothing is built for it. */
import { drvName, readDrv } from "../nix/drv.ts";
import { readDeclared } from "../plan/hosts/declared.ts";

/** The system in an image, or of a host: what has packages and units. Undefined for what is no NixOS, or is not in the store. */
export function systemIn(drvPath: string): string | undefined {
  const seen = new Set([drvPath]);
  for (const path of seen) {
    if (drvName(path).startsWith("nixos-system-")) return path;
    if (seen.size > systemsWithin) return undefined;
    for (const input of readDrv(path)?.inputDrvs ?? []) seen.add(input);
  }
  return undefined;
}

/** Names of units that differ between two systems, as `nginx.service`; empty where a derivation is not in the store. */
export function changedUnits(before: string, after: string): string[] {
  const [old, fresh] = [readDeclared(before)?.units, readDeclared(after)?.units];
  if (old === undefined || fresh === undefined) return [];
  const names = new Set([...old.keys(), ...fresh.keys()]);
  const differing = [...names].filter((name) => old.get(name)?.path !== fresh.get(name)?.path);
  return differing.map((name) => name.replace(/^unit-/, "")).sort();
}

/**
 * Where a difference begins: derivations of which nothing that they are made of differs, or which only one side has. By name, as many as are told;
 * the walk ends at a limit, for after an update of nixpkgs it would find the compilers of compilers.
 */
export function originsOf(before: string, after: string): string[] {
  const origins = new Set<string>();
  const seen = new Set<string>();
  const pairs: [before: string, after: string][] = [[before, after]];
  for (const [left, right] of pairs) {
    if (seen.has(`${left} ${right}`) || seen.size > pairsToRead) continue;
    seen.add(`${left} ${right}`);
    const [old, fresh] = [readDrv(left), readDrv(right)];
    if (old === undefined || fresh === undefined) continue;
    const differing = matched(old.inputDrvs, fresh.inputDrvs);
    if (differing.length === 0) origins.add(drvName(right));
    for (const [one, other] of differing) {
      if (one !== undefined && other !== undefined) pairs.push([one, other]);
      else origins.add(other === undefined ? `-${drvName(one ?? "")}` : `+${drvName(other)}`);
    }
  }
  return [...origins].sort();
}

// --- internal ---

/** An image is one or two steps from its system. */
const systemsWithin = 200;
const pairsToRead = 2000;

/** Inputs of both sides that are not the same, paired by their names. */
function matched(before: readonly string[], after: readonly string[]): [string | undefined, string | undefined][] {
  const [old, fresh] = [new Set(before), new Set(after)];
  const gone = before.filter((path) => !fresh.has(path));
  const added = new Map<string, string[]>();
  for (const path of after) if (!old.has(path)) added.set(drvName(path), [...(added.get(drvName(path)) ?? []), path]);
  const pairs = gone.map((path): [string, string | undefined] => [path, takeLike(drvName(path), added)]);
  const left = [...added.values()].flat().map((path): [undefined, string] => [undefined, path]);
  return [...pairs, ...left];
}

/** Of the same name, else of the same package in another version. */
function takeLike(name: string, added: Map<string, string[]>): string | undefined {
  const like = added.has(name) ? name : [...added.keys()].find((other) => packageOf(other) === packageOf(name));
  const paths = like === undefined ? undefined : added.get(like);
  const path = paths?.shift();
  if (like !== undefined && paths?.length === 0) added.delete(like);
  return path;
}

function packageOf(name: string): string {
  return name.replace(/-\d.*$/, "");
}
