/** Container images that are two packages: nixos-generators makes a root file system and its metadata, and people name them alike. */

export interface Pair {
  /** The container's name. */
  readonly name: string;
  readonly rootfs: string;
  readonly metadata: string;
}

const endings = ["Metadata", "-metadata", "_metadata"] as const;
/** `web-lxc` with `web-lxc-metadata` is the container `web`. */
const rootEndings = /(?:[-_](?:lxc|rootfs|image|container|tarball|squashfs)|Rootfs|Image|Tarball)+$/;
/** What the other half may be called when it has an ending of its own. */
const rootNames = [
  "-rootfs",
  "-image",
  "-lxc",
  "-tarball",
  "-squashfs",
  "_rootfs",
  "_image",
  "Rootfs",
  "Image",
  "Tarball",
];

/** Every pair among these names: `web` with `webMetadata`, and `web-rootfs` with `web-metadata`. */
export function pairsIn(names: readonly string[]): Pair[] {
  const all = new Set(names);
  const pairs = names.flatMap((metadata) => {
    const stem = stemOf(metadata);
    const rootfs = stem && ["", ...rootNames].map((end) => stem + end).find((name) => all.has(name));
    return rootfs === undefined || isMetadata(rootfs) ? [] : [{ rootfs, metadata }];
  });
  const short = pairs.map(({ rootfs }) => rootfs.replace(rootEndings, "") || rootfs);
  return pairs.map((pair, index) => {
    const name = short[index] ?? pair.rootfs;
    const isFree = short.indexOf(name) === short.lastIndexOf(name) && (name === pair.rootfs || !all.has(name));
    return { name: isFree ? name : pair.rootfs, ...pair };
  });
}

/** Metadata that belongs to no image. */
export function lonelyMetadata(names: readonly string[]): string[] {
  const taken = new Set(pairsIn(names).map(({ metadata }) => metadata));
  return names.filter((name) => isMetadata(name) && !taken.has(name));
}

// --- internal ---

function isMetadata(name: string): boolean {
  return stemOf(name) !== undefined;
}

/** `web` of `webMetadata`. */
function stemOf(name: string): string | undefined {
  const end = endings.find((each) => name.endsWith(each) && name !== each);
  return end === undefined ? undefined : name.slice(0, -end.length);
}
