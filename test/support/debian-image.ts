/**
 * A container image of a real Debian with systemd, for what a busybox cannot show: units, the journal, a guest that says it
 * is ready. It is made with debootstrap once (some 40 s) and kept in floe's state folder, where later runs and other test
 * files find it; only the lists and packages of the mirror are fetched for it.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { debianMirror } from "../../scripts/setup/backports.mjs";
import { stateDir } from "../../scripts/setup/incusd.mjs";
import type { ImageUpload } from "../../src/incus/types.ts";
import { run } from "./run.ts";
import { fingerprintOf } from "./tiny-image.ts";

const DEBOOTSTRAP = "/usr/sbin/debootstrap";
const SUITE = "bookworm";
/** perl-base, which is always there, can speak over a Unix socket: nothing else in so small a Debian can. */
const PACKAGES = ["systemd", "systemd-sysv", "dbus"];
/** What a container for a test does without. */
const SUPERFLUOUS = [
  "var/cache/apt",
  "var/lib/apt/lists",
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/info",
];
/** Counted up when the recipe below changes. */
const RECIPE = 2;

/** For `describe.skipIf`: true where a Debian can neither be found nor made, unless FLOE_REQUIRE demands it. */
export function skipDebian(): boolean {
  if (existsSync(folderOf(DEBIAN))) return false;
  if (process.getuid?.() === 0 && existsSync(DEBOOTSTRAP)) return false;
  if ((process.env.FLOE_REQUIRE ?? "").split(",").includes("incus")) return false;
  console.warn("Skipped: no Debian to test with. As root: apt-get install debootstrap");
  return true;
}

export interface DebianOptions {
  /** Names of services that are started with the system and fail. */
  readonly failing?: readonly string[];
}

/** The image's files. @throws Error when debootstrap fails, with what it said */
export async function debianImage({ failing = [] }: DebianOptions = {}): Promise<ImageUpload> {
  const folder = await debianFolder();
  const metadataPath = path.join(folder, failing.length === 0 ? "metadata.tar" : `metadata-${failing.join("-")}.tar`);
  if (!existsSync(metadataPath)) await writeMetadata(metadataPath, failing);
  return uploadOf(folder, metadataPath);
}

/** Unpacks the root file system into a folder that is not there yet. */
export async function unpackDebian(root: string): Promise<void> {
  await run("unsquashfs", [
    "-quiet",
    "-no-progress",
    "-dest",
    root,
    path.join(await debianFolder(), "rootfs.squashfs"),
  ]);
}

export interface CachedImage {
  readonly name: string;
  /** All that the content depends on, for the name of the folder. */
  readonly recipe: unknown;
  /** Makes the root file system in this folder, which is not there yet. */
  readonly fill: (root: string) => Promise<void>;
}

/** An image in floe's state folder, made where it is not there yet. */
export async function cachedImage(image: CachedImage): Promise<ImageUpload> {
  const folder = folderOf(image);
  if (!existsSync(folder)) await make(folder, image.fill);
  return uploadOf(folder, path.join(folder, "metadata.tar"));
}

// --- internal ---

const DEBIAN: CachedImage = {
  name: `debian-${SUITE}`,
  recipe: [SUITE, PACKAGES, SUPERFLUOUS, RECIPE],
  fill: bootstrap,
};

function folderOf({ name, recipe }: CachedImage): string {
  const key = createHash("sha256").update(JSON.stringify(recipe)).digest("hex");
  return path.join(stateDir(), "test-images", `${name}-${key.slice(0, 12)}`);
}

async function debianFolder(): Promise<string> {
  const folder = folderOf(DEBIAN);
  if (!existsSync(folder)) await make(folder, DEBIAN.fill);
  return folder;
}

async function uploadOf(folder: string, metadataPath: string): Promise<ImageUpload> {
  const rootfsPath = path.join(folder, "rootfs.squashfs");
  return { metadataPath, rootfsPath, fingerprint: await fingerprintOf([metadataPath, rootfsPath]), properties: {} };
}

async function bootstrap(root: string): Promise<void> {
  // Without one, debootstrap takes its own.
  const mirror = debianMirror() ?? [];
  await run(DEBOOTSTRAP, ["--variant=minbase", `--include=${PACKAGES.join(",")}`, SUITE, root].concat(mirror));
  await writeFile(path.join(root, "etc/hostname"), "debian\n");
}

async function make(folder: string, fill: CachedImage["fill"]): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  try {
    const root = path.join(work, "root");
    await fill(root);
    await Promise.all(SUPERFLUOUS.map((name) => rm(path.join(root, name), { recursive: true, force: true })));
    // Each container makes its own at its first start.
    await writeFile(path.join(root, "etc/machine-id"), "");
    await pack(work, root);
    await rm(root, { recursive: true });
    // Two test files may make it at once: the first one stays.
    await rename(work, folder).catch(() => {});
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function pack(work: string, root: string): Promise<void> {
  const fast = ["-comp", "zstd", "-Xcompression-level", "1", "-no-xattrs", "-noappend", "-quiet", "-no-progress"];
  await run("mksquashfs", [root, path.join(work, "rootfs.squashfs"), ...fast]);
  await writeMetadata(path.join(work, "metadata.tar"), []);
}

/** What differs between two images is a template of Incus: a unit that is written when the container is made. */
async function writeMetadata(file: string, failing: readonly string[]): Promise<void> {
  const architecture = { x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch;
  const work = await mkdtemp(`${file}-`);
  const unit = "/etc/systemd/system";
  const templates = Object.fromEntries(
    failing.flatMap((name) => [
      [`${unit}/${name}.service`, { when: ["create"], template: "unit.tpl" }],
      [`${unit}/multi-user.target.d/${name}.conf`, { when: ["create"], template: `${name}.tpl` }],
    ]),
  );
  const properties = { description: "Debian with systemd, for tests" };
  // JSON is YAML.
  const metadata = JSON.stringify({ architecture, creation_date: 1, properties, templates });
  await writeFile(path.join(work, "metadata.yaml"), metadata);
  await mkdir(path.join(work, "templates"));
  await writeFile(path.join(work, "templates/unit.tpl"), "[Service]\nType=oneshot\nExecStart=/bin/false\n");
  for (const name of failing)
    await writeFile(path.join(work, "templates", `${name}.tpl`), `[Unit]\nWants=${name}.service\n`);
  const owner = ["--owner=0", "--group=0", "--mtime=@1", "--sort=name"];
  const made = `${work}.tar`;
  await run("tar", [
    "--create",
    "--format=ustar",
    ...owner,
    "--file",
    made,
    "--directory",
    work,
    "metadata.yaml",
    "templates",
  ]);
  await rm(work, { recursive: true });
  await rename(made, file);
}
