/** Which of the nixosConfigurations are machines and which are container images. Pure. */
import { attributePath } from "./attribute-path.ts";
import type { FoundContainer, FoundHost, ImageForm, Unclassified } from "./found.ts";
import type { RawHost, RawOutputs } from "./raw.ts";

export interface ClassifiedHosts {
  readonly hosts: readonly FoundHost[];
  readonly containers: readonly FoundContainer[];
  readonly unclassified: readonly Unclassified[];
}

/** `paired`: images that packages make; the NixOS of the same name is what they are made of. */
export function classifyHosts(outputs: RawOutputs, system: string, paired: readonly FoundContainer[]): ClassifiedHosts {
  const hosts: FoundHost[] = [];
  const containers: FoundContainer[] = [];
  const unclassified: Unclassified[] = [];
  const packaged = new Set(paired.map(({ name }) => name));
  for (const [name, raw] of Object.entries(outputs.hosts).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const from = attributePath(["nixosConfigurations", name]);
    const image = raw === null ? undefined : imageOf(from, raw);
    if (raw?.isContainer === true && packaged.has(name)) continue;
    if (image !== undefined) containers.push({ name, ...image, system: raw?.system ?? system });
    else if (raw !== null && isHalfImage(raw)) unclassified.push(halfImage(name, from, raw));
    else hosts.push(hostOf(name, from, raw, { system, target: outputs.targets[name] ?? null }));
  }
  return { hosts, containers, unclassified };
}

// --- internal ---

function hostOf(
  name: string,
  from: string,
  raw: RawHost | null,
  { system, target }: { readonly system: string; readonly target: RawOutputs["targets"][string] },
): FoundHost {
  const note = noteOf(raw);
  return {
    name,
    from,
    system: raw?.system ?? system,
    ...(target === null ? {} : { target: target.user === null ? target.host : `${target.user}@${target.host}` }),
    homes: raw?.users ?? [],
    ...(note === undefined ? {} : { note }),
  };
}

function noteOf(raw: RawHost | null): string | undefined {
  if (raw === null) return "could not be evaluated: its system is a guess";
  if (raw.kind === "proxmox") return "a container of Proxmox, which makes its image; floe switches it as a host";
  if (raw.kind === "wsl") return "a NixOS of WSL";
  if (raw.system === null) return "does not say its system";
  return undefined;
}

/** The image that it can be made into; a squashfs is made in a fraction of the time that a tarball takes. */
function imageOf(
  from: string,
  { isContainer, builds, images }: RawHost,
): Pick<FoundContainer, "from" | "form" | "note"> | undefined {
  const rootfs = ["squashfs", "tarball"].find((name) => builds.includes(name));
  const note = isContainer ? "boot.isContainer is true" : "it has no root file system, so it is no machine";
  const at = (form: ImageForm, root: string, metadata: string) => ({
    from: { rootfs: `${from}.config.${form}.${root}`, metadata: `${from}.config.${form}.${metadata}` },
    form,
    note,
  });
  if (rootfs !== undefined && builds.includes("metadata")) return at("system.build", rootfs, "metadata");
  if (images.includes("lxc") && images.includes("lxc-metadata"))
    return at("system.build.images", "lxc", "lxc-metadata");
  return undefined;
}

/** A container's root file system without metadata: of an old nixpkgs, or not for Incus. */
function isHalfImage({ isContainer, kind, builds }: RawHost): boolean {
  return isContainer && kind === "" && builds.length > 0;
}

function halfImage(name: string, from: string, { builds }: RawHost): Unclassified {
  const [root = "tarball"] = builds;
  return {
    path: from,
    reason: `boot.isContainer is true and there is a ${root}, but no metadata, which Incus needs: its nixpkgs may be older than 23.05`,
    byHand: `as a machine: ${name}: host({ from: "${from}" }); as an image: container({ from: { rootfs: "${from}.config.system.build.${root}", metadata: "..." } })`,
  };
}
