/** What of a fleet lies in an existing flake, and what in the project's TypeScript. */
import { type AttributePath, builtContainers, type Container, type Fleet } from "./fleet.ts";

/** The file with what the TypeScript of a project describes that has a flake of its own, relative to the project. */
export const fleetFile = "nix/fleet.nix";

/** Where in the outputs of an existing flake each part of a fleet is found. */
export interface TakenOver {
  /** The project's folder, whose repository the flake's revision is that of. */
  readonly root: string;
  readonly hosts: Readonly<Record<string, AttributePath>>;
  readonly homes: Readonly<Record<string, AttributePath>>;
  readonly images: Readonly<Record<string, { readonly rootfs: AttributePath; readonly metadata: AttributePath }>>;
  /** Names in `devShells.SYSTEM`. */
  readonly shells: Readonly<Record<string, string>>;
  /** NixOS configurations of hosts and, where they are known, of images: those that have options. */
  readonly machines: Readonly<Record<string, AttributePath>>;
  /** Some of the fleet is described in TypeScript: `fleetFile` is there. */
  readonly isMixed: boolean;
}

/** Undefined for a fleet whose flake floe writes. */
export function takenOver(fleet: Fleet): TakenOver | undefined {
  if (fleet.flake === undefined) return undefined;
  const hosts = pick(fleet.hosts, ({ from }) => from);
  return {
    root: fleet.root,
    hosts,
    homes: pick(fleet.homes ?? {}, ({ from }) => from),
    images: pick(fleet.containers, ({ from }) => from),
    shells: pick(fleet.shells, ({ from }) => from),
    machines: { ...hosts, ...pick(fleet.containers, machineOf) },
    isMixed: isWritten(writtenPart(fleet)),
  };
}

/** The fleet without what an existing flake has: what floe writes as Nix. Images that floe does not build are no part of it either. */
export function writtenPart(fleet: Fleet): Fleet {
  const own = <T extends { readonly from?: unknown }>(parts: Readonly<Record<string, T>>) =>
    pick(parts, (part) => (part.from === undefined ? part : undefined));
  return {
    ...fleet,
    hosts: own(fleet.hosts),
    containers: own(builtContainers(fleet)),
    ...(fleet.homes === undefined ? {} : { homes: own(fleet.homes) }),
    shells: own(fleet.shells),
  };
}

/** Whether there is anything to write for a part of a fleet. */
export function isWritten({ hosts, containers, homes = {}, shells, outputs = {} }: Fleet): boolean {
  return [hosts, containers, homes, shells, outputs].some((group) => Object.keys(group).length > 0);
}

/** What the user adds to an existing flake so that others than floe know what is described in TypeScript. */
export function takeOverLine(fleet: Fleet): string {
  const { hosts, containers, homes = {}, shells } = writtenPart(fleet);
  const has = (part: object): boolean => Object.keys(part).length > 0;
  const output =
    has(hosts) || has(containers)
      ? "nixosConfigurations"
      : has(homes)
        ? "homeConfigurations"
        : has(shells)
          ? "devShells"
          : "nixosModules";
  return `${output} = { ... } // (import ./${fleetFile} inputs).${output};`;
}

/** The containers whose options can be read: of an image from an existing flake that is no `config.system.build`, only its files are known. */
export function configuredContainers(fleet: Fleet): Fleet["containers"] {
  return pick(builtContainers(fleet), (container) =>
    container.from === undefined || machineOf(container) !== undefined ? container : undefined,
  );
}

// --- internal ---

function pick<T, Picked>(
  parts: Readonly<Record<string, T>>,
  of: (part: T) => Picked | undefined,
): Record<string, Picked> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, part]) => {
      const picked = of(part);
      return picked === undefined ? [] : [[name, picked] as const];
    }),
  );
}

/** `nixosConfigurations.web` of `nixosConfigurations.web.config.system.build.tarball`. */
function machineOf({ from }: Container): AttributePath | undefined {
  const [config, system, build] = from?.rootfs.slice(-4) ?? [];
  const isBuild = config === "config" && system === "system" && build === "build";
  if (from !== undefined && isBuild) return from.rootfs.slice(0, -4);
  const images = from?.rootfs.slice(-5) ?? [];
  return from !== undefined && images.slice(0, 4).join(".") === "config.system.build.images"
    ? from.rootfs.slice(0, -5)
    : undefined;
}
