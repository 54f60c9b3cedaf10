/** A second Incus whose whole disk is a few megabytes of memory, to see what happens when it is full. Needs root. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { connect } from "../../src/incus/connect.ts";
import type { IncusClient } from "../../src/incus/types.ts";
import { run } from "./run.ts";

export interface FullDiskIncus {
  readonly client: IncusClient;
  /** Its INCUS_DIR. */
  readonly dir: string;
  remove(): Promise<void>;
}

/** What the daemon itself takes: its database. */
const OWN_MEGABYTES = 26;

/** @param megabytes - that are left for images and instances */
export async function fullDiskIncus(megabytes: number): Promise<FullDiskIncus> {
  // This name lets the next "npm test" find and remove what a killed test leaves.
  const dir = await mkdtemp(path.join(os.tmpdir(), `floe-test-incus-${process.pid}-`));
  await run("mount", ["-t", "tmpfs", "-o", `size=${OWN_MEGABYTES + megabytes}m,mode=711`, "tmpfs", dir]);
  await incusd("start", dir);
  const client = await connect({ name: "full", kind: "unix", socket: path.join(dir, "unix.socket") });
  return {
    client,
    dir,
    async remove() {
      client.close();
      await incusd("stop", dir);
      // Its own mounts lie below.
      await run("umount", ["--recursive", "--lazy", dir]);
      await rm(dir, { recursive: true });
    },
  };
}

const incusd = (verb: string, dir: string) =>
  run(process.execPath, [path.resolve(import.meta.dirname, "../../scripts/setup/incusd.mjs"), verb, "--dir", dir]);
