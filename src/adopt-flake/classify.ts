/** From what Nix said of the outputs to hosts, homes, containers and shells. Pure. */
import { attributePath } from "./attribute-path.ts";
import type { Found, FoundContainer, FoundHome, FoundHost, Unclassified } from "./found.ts";
import { classifyHosts } from "./hosts.ts";
import { lonelyMetadata, pairsIn } from "./pairs.ts";
import type { NamesBySystem, RawOutputs } from "./raw.ts";

export function classify(outputs: RawOutputs, system: string): Found {
  const paired = packageImages(outputs, system);
  const fromHosts = classifyHosts(outputs, system, paired.containers);
  const elsewhere = otherImages(outputs, system);
  const { containers, clashes } = distinct([...paired.containers, ...fromHosts.containers, ...elsewhere.containers]);
  const { description } = outputs;
  return {
    ...(description === null || description === "" ? {} : { description }),
    system,
    hosts: fromHosts.hosts,
    homes: homesOf(outputs, system),
    containers,
    shells: shellsOf(outputs, system).map((name) => ({ name })),
    packages: paired.others,
    checks: outputs.checks[system] ?? [],
    hasFormatter: outputs.formatters.includes(system),
    unclassified: [
      ...fromHosts.unclassified,
      ...paired.unclassified,
      ...elsewhere.unclassified,
      ...clashes,
      ...oddShells(outputs, system),
    ],
  };
}

/** `container({ ... })` for a person to complete. */
export function containerByHand(rootfs: string, metadata: string): string {
  return `container({ from: { rootfs: ${quote(rootfs)}, metadata: ${quote(metadata)} }, instances: {} })`;
}

/** A TypeScript string, with the quotes that need fewer escapes. */
export function quote(text: string): string {
  return text.includes('"') && !/['\\\n]/.test(text) ? `'${text}'` : JSON.stringify(text);
}

// --- internal ---

interface Images {
  readonly containers: readonly FoundContainer[];
  readonly unclassified: readonly Unclassified[];
}

/** Names of NixOS images that lack the half that Incus needs. */
const looksLikeImage = /^(tarball|nixos-lxc-image|nixos-image-lxc|nixos-system-.*\.tar)/;

function packageImages(outputs: RawOutputs, system: string): Images & { readonly others: readonly string[] } {
  const containers = new Map<string, FoundContainer>();
  for (const of of preferred(outputs.packages, system))
    for (const { name, rootfs, metadata } of pairsIn(outputs.packages[of] ?? []))
      if (!containers.has(name)) containers.set(name, pairAt(["packages", of], { name, rootfs, metadata }, of));
  const names = outputs.packages[system] ?? [];
  const halves = new Set(pairsIn(names).flatMap(({ rootfs, metadata }) => [rootfs, metadata]));
  const odd = Object.entries(outputs.images).flatMap(([name, drv]) =>
    drv && looksLikeImage.test(drv) && !halves.has(name) ? [name] : [],
  );
  const lonely = lonelyMetadata(names);
  const place = (name: string): string => attributePath(["packages", system, name]);
  return {
    containers: [...containers.values()],
    others: names.filter((name) => !halves.has(name) && !odd.includes(name) && !lonely.includes(name)),
    unclassified: [
      ...odd.map((name) => ({
        path: place(name),
        reason: `an image (${outputs.images[name]}) without its metadata: there is no "${name}Metadata" or "${name}-metadata", and Incus takes both halves`,
        byHand: `${name}: ${containerByHand(place(name), "...")}`,
      })),
      ...lonely.map((name) => ({
        path: place(name),
        reason: "metadata of an image, but no package is named like it without the ending",
        byHand: containerByHand("...", place(name)),
      })),
    ],
  };
}

/** Pairs in outputs that have a name of the flake's own, such as `images.web`. */
function otherImages({ others }: RawOutputs, system: string): Images {
  const containers: FoundContainer[] = [];
  const unclassified: Unclassified[] = [];
  for (const [output, members] of Object.entries(others)) {
    const inner = members ?? {};
    const systems = Object.keys(inner).filter((name) => /-linux$/.test(name));
    const pairs = [
      ...pairsIn(Object.keys(inner)).map((pair) => pairAt([output], pair, system)),
      ...preferred(Object.fromEntries(systems.map((name) => [name, inner[name] ?? []])), system).flatMap((of) =>
        pairsIn(inner[of] ?? []).map((pair) => pairAt([output, of], pair, of)),
      ),
    ];
    containers.push(...pairs);
    if (pairs.length === 0) unclassified.push(ofOutput(output, Object.keys(inner)));
  }
  return { containers, unclassified };
}

function ofOutput(output: string, names: readonly string[]): Unclassified {
  const known: Readonly<Record<string, readonly [reason: string, byHand: string]>> = {
    darwinConfigurations: ["machines with macOS, which floe does not manage", "darwin-rebuild as before"],
    nixOnDroidConfigurations: ["Android devices, which floe does not manage", "nix-on-droid as before"],
    systemConfigs: ["system-manager's machines, which floe does not manage", "system-manager as before"],
    colmena: ["colmena's own description of the hosts", 'put where a host is reached into its `target: "root@HOST"`'],
    colmenaHive: [
      "colmena's own description of the hosts",
      'put where a host is reached into its `target: "root@HOST"`',
    ],
  };
  const [reason, byHand] = known[output] ?? [
    names.length === 0
      ? "an output of a name that nix has no meaning for"
      : `an output of a name that nix has no meaning for; it has ${shortList(names)}`,
    "if there is an image in it: container({ from: { rootfs, metadata } }); a NixOS: host({ from })",
  ];
  return { path: output, reason, byHand };
}

function pairAt(
  place: readonly string[],
  { name, rootfs, metadata }: { readonly name: string; readonly rootfs: string; readonly metadata: string },
  system: string,
): FoundContainer {
  const at = (half: string): string => attributePath([...place, half]);
  return { name, from: { rootfs: at(rootfs), metadata: at(metadata) }, system, form: "packages" };
}

/** This machine's system first, then the others. */
function preferred(names: NamesBySystem, system: string): string[] {
  return Object.keys(names).sort((a, b) => Number(b === system) - Number(a === system) || (a < b ? -1 : 1));
}

/** The first of a name stays; the others are told. */
function distinct(all: readonly FoundContainer[]): {
  readonly containers: FoundContainer[];
  readonly clashes: Unclassified[];
} {
  const containers = new Map<string, FoundContainer>();
  const clashes: Unclassified[] = [];
  for (const container of all) {
    const { name, from } = container;
    if (!containers.has(name)) containers.set(name, container);
    else
      clashes.push({
        path: from.rootfs,
        reason: `another image is the container "${name}" already: ${containers.get(name)?.from.rootfs}`,
        byHand: `under another name: ${containerByHand(from.rootfs, from.metadata)}`,
      });
  }
  return { containers: [...containers.values()].sort(byName), clashes };
}

function homesOf(outputs: RawOutputs, system: string): FoundHome[] {
  return Object.entries(outputs.homes)
    .flatMap(([set, members]) =>
      Object.entries(members).map(([name, raw]): FoundHome => {
        const [user = name] = name.split("@");
        return {
          name,
          from: `${set}.${attributePath([name])}`,
          system: raw?.system ?? system,
          user: raw?.user ?? user,
          ...(raw === null ? { note: "could not be evaluated: user and system are guesses" } : {}),
        };
      }),
    )
    .sort(byName);
}

/** `devShell` is the name that nix 2.7 gave up for the default shell; `nix develop` still takes it, and so does `from: "default"`. */
function shellsOf({ shells, oldShells }: RawOutputs, system: string): string[] {
  const names = shells[system] ?? [];
  return oldShells.includes(system) && !names.includes("default") ? ["default", ...names] : [...names];
}

function oddShells(outputs: RawOutputs, system: string): Unclassified[] {
  if (shellsOf(outputs, system).length > 0) return [];
  return Object.entries(outputs.shells)
    .filter(([of, names]) => of !== system && (names ?? []).length > 0)
    .map(([of, names]) => ({
      path: `devShells.${of}`,
      reason: `dev shells for another system (${shortList(names ?? [])}); this machine is ${system}`,
      byHand: `run \`floe adopt\` on a machine with ${of}`,
    }));
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

function byName(a: FoundHost | FoundHome | FoundContainer, b: FoundHost | FoundHome | FoundContainer): number {
  return a.name < b.name ? -1 : 1;
}
