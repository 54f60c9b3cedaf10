/** The Nix functions that pick the wanted parts out of the flake's output `floe`. */
import type { FleetNames } from "./evaluation-cache.ts";
import { quoteNix } from "./quote.ts";

/** One part of the fleet: `floe.GROUP.NAME`. */
export interface FleetAttribute {
  readonly group: "hosts" | "images" | "homes" | "shells";
  readonly name: string;
}

export function attributesOf(names: FleetNames): FleetAttribute[] {
  return [
    ...names.hosts.map((name) => ({ group: "hosts" as const, name })),
    ...names.containers.map((name) => ({ group: "images" as const, name })),
    ...(names.homes ?? []).map((name) => ({ group: "homes" as const, name })),
    ...names.shells.map((name) => ({ group: "shells" as const, name })),
  ];
}

// An attribute set with `outPath` turns into that path when it becomes JSON, hence the other names.
const READERS = `
  derivation = x: { drv = x.drvPath; out = x.outPath; };
  image = x: { rootfs = derivation x.rootfs; metadata = derivation x.metadata; } // inPlace x;
  inPlace = x: if x ? toplevel then { root = derivation x.root; toplevel = derivation x.toplevel; } else { };
  read = { hosts = derivation; homes = derivation; shells = derivation; images = image; };`;

/** Everything at once. A part that throws becomes `null`; what Nix cannot catch still ends the whole. */
export function fleetExpression(attributes: readonly FleetAttribute[]): string {
  const parts = attributes.map((attribute) => `${path(attribute)} = attempt (${reading(attribute)});`);
  return `fleet: let ${READERS}
  attempt = x: let tried = builtins.tryEval (builtins.deepSeq x x); in if tried.success then tried.value else null;
in { ${parts.join(" ")} }`;
}

/** One part, with whatever error it has. */
export function aloneExpression(attribute: FleetAttribute): string {
  return `fleet: let ${READERS} in ${reading(attribute)}`;
}

/** Fails only when the flake itself does. */
export function namesExpression(): string {
  return "fleet: builtins.mapAttrs (group: builtins.attrNames) fleet";
}

// --- internal ---

function reading(attribute: FleetAttribute): string {
  const missing = quoteNix(`The flake has no floe.${attribute.group}.${attribute.name}`);
  return `read.${attribute.group} (fleet.${path(attribute)} or (throw ${missing}))`;
}

function path({ group, name }: FleetAttribute): string {
  return `${group}.${quoteNix(name)}`;
}
