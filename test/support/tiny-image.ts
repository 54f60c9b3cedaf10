/**
 * A container image small enough to be made in a test: busybox, and an init that serves one page over HTTP. It is an
 * image like any other: metadata and a squashfs root file system.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, chmod, copyFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { ImageUpload, StringMap } from "../../src/incus/types.ts";
import { run } from "./run.ts";

export interface TinyImageOptions {
  /** What `/` answers. */
  readonly page?: string;
  readonly port?: number;
  /** `silent` runs and never serves; `exits` ends some 0.1 s after its start. */
  readonly broken?: "silent" | "exits";
  /** Makes the root file system larger by this much. */
  readonly ballastBytes?: number;
  /** True: the ballast shrinks to nothing in the image, and needs its room only when it is unpacked. */
  readonly compressible?: boolean;
  readonly properties?: StringMap;
}

/** The image's files, made once for each content and kept in the temporary folder. */
export async function tinyImage(options: TinyImageOptions = {}): Promise<ImageUpload> {
  const { properties = {}, ...content } = options;
  const key = createHash("sha256")
    .update(JSON.stringify({ content, init: initOf(content), applets: APPLETS }))
    .digest("hex")
    .slice(0, 16);
  const folder = path.join(os.tmpdir(), `floe-tiny-images-${process.getuid?.() ?? 0}`, key);
  if (!(await exists(folder))) await make(folder, content);
  const metadataPath = path.join(folder, "metadata.tar");
  const rootfsPath = path.join(folder, "rootfs.squashfs");
  return { metadataPath, rootfsPath, fingerprint: await fingerprintOf([metadataPath, rootfsPath]), properties };
}

/** SHA-256 over the files' bytes, one after the other. */
export async function fingerprintOf(files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

// --- internal ---

type Content = Omit<TinyImageOptions, "properties">;

const BUSYBOX_PLACES = ["/bin/busybox", "/usr/bin/busybox", "/run/current-system/sw/bin/busybox"];
const APPLETS = [
  "sh",
  "cat",
  "cp",
  "echo",
  "env",
  "false",
  "httpd",
  "id",
  "ip",
  "ls",
  "mkdir",
  "nc",
  "printf",
  "pwd",
  "rm",
  "sleep",
  "stty",
  "touch",
  "true",
  "wget",
];

/** Signals end it at once, so that a stop need not wait for its time-out. */
function initOf({ port = 80, broken }: Content): string {
  const served = broken === undefined ? `httpd -f -p ${port} -h /www &` : "sleep 1000000 &";
  return [
    "#!/bin/sh",
    "export PATH=/bin",
    "trap 'exit 0' PWR TERM INT",
    "ip link set lo up",
    "echo tiny-image: started > /dev/console",
    ...(broken === "exits" ? ["sleep 0.1", "exit 1"] : [served, "while :; do wait; done"]),
    "",
  ].join("\n");
}

async function make(folder: string, content: Content): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}-`);
  const root = path.join(work, "root");
  await makeRoot(root, content);
  await run("mksquashfs", [
    root,
    path.join(work, "rootfs.squashfs"),
    "-comp",
    "zstd",
    "-Xcompression-level",
    "1",
    "-all-root",
    "-no-xattrs",
    "-noappend",
    "-quiet",
    "-no-progress",
  ]);
  await writeFile(
    path.join(work, "metadata.yaml"),
    `architecture: ${machine()}\ncreation_date: 1\nproperties:\n  description: tiny image for tests\n`,
  );
  await run("tar", [
    "--create",
    "--format=ustar",
    "--owner=0",
    "--group=0",
    "--mtime=@1",
    "--file",
    path.join(work, "metadata.tar"),
    "--directory",
    work,
    "metadata.yaml",
  ]);
  await rm(root, { recursive: true });
  // Two tests may make the same image at once: the first one stays.
  await rename(work, folder).catch(() => rm(work, { recursive: true }));
}

async function makeRoot(root: string, content: Content): Promise<void> {
  for (const name of ["bin", "dev", "etc", "proc", "root", "run", "sbin", "sys", "tmp", "var", "www"])
    await mkdir(path.join(root, name), { recursive: true });
  await copyFile(await busybox(), path.join(root, "bin/busybox"));
  await chmod(path.join(root, "bin/busybox"), 0o755);
  await Promise.all(APPLETS.map((applet) => symlink("busybox", path.join(root, "bin", applet))));
  await writeFile(path.join(root, "sbin/init"), initOf(content), { mode: 0o755 });
  await writeFile(path.join(root, "www/index.html"), content.page ?? "hello from the tiny image\n");
  await writeFile(
    path.join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000:guest:/tmp:/bin/sh\n",
  );
  await writeFile(path.join(root, "etc/group"), "root:x:0:\nguest:x:1000:\n");
  if (content.ballastBytes)
    await writeBallast(path.join(root, "var/ballast"), content.ballastBytes, content.compressible === true);
}

async function writeBallast(file: string, bytes: number, compressible: boolean): Promise<void> {
  // Not zeros: those would become a hole, which needs no room at all.
  const source = compressible ? "yes ballast" : "cat /dev/urandom";
  await run("sh", ["-c", `${source} | head -c "$1" > "$2"`, "sh", String(bytes), file]);
}

async function busybox(): Promise<string> {
  for (const place of BUSYBOX_PLACES) {
    if (await exists(place)) return place;
  }
  throw new Error(
    `No busybox found: looked for ${BUSYBOX_PLACES.join(", ")}; on Debian: apt-get install busybox-static`,
  );
}

function machine(): string {
  return { x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
