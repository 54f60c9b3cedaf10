/**
 * An Incus that may be broken: a daemon of its own, which can be killed, with a small pool that can be full and is not the
 * daemon's own disk; reached through a socket that can be cut. Needs root.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { connect } from "../../../src/incus/connect.ts";
import type { IncusClient } from "../../../src/incus/types.ts";
import { type CutSocket, cutSocket } from "../../support/cut.ts";
import { run } from "../../support/run.ts";

export interface Lab {
  /** Its INCUS_DIR. */
  readonly dir: string;
  /** The daemon's socket. */
  readonly direct: string;
  /** The way floe takes to it. */
  readonly cut: CutSocket;
  /** For looking at what is there: it is never cut. */
  readonly client: IncusClient;
  /** The pool of its instances and volumes. */
  readonly pool: string;
  /** Another client of the same server. Answers the metadata, also of what fails. */
  ask(method: string, url: string, body?: unknown): Promise<unknown>;
  /** To the last byte, before it returns. */
  fillDisk(): void;
  freeDisk(): Promise<void>;
  /** SIGKILL, and started again as systemd would. */
  killIncusd(): Promise<void>;
  remove(): Promise<void>;
}

const pool = "small";
const poolMegabytes = 64;
/** For its database, logs and images; memory that is not written to is not taken. */
const ownMegabytes = 1000;

export async function openLab(): Promise<Lab> {
  // This name lets the next "npm test" find and remove what a killed test leaves.
  const dir = await mkdtemp(path.join(os.tmpdir(), `floe-test-incus-${process.pid}-`));
  const poolDir = path.join(dir, "storage-pools", pool);
  const direct = path.join(dir, "unix.socket");
  const filler = path.join(poolDir, "filler");
  await mountMemory(dir, ownMegabytes);
  await incusd("start", dir);
  const client = await connect({ name: "lab", kind: "unix", socket: direct });
  await client.request("POST", "/1.0/storage-pools", { name: pool, driver: "dir" });
  // Over its empty folders: Incus wants to make the folder of a pool itself.
  const folders = await readdir(poolDir);
  await mountMemory(poolDir, poolMegabytes);
  for (const folder of folders) await mkdir(path.join(poolDir, folder), { mode: 0o711 });
  const devices = { root: { type: "disk", path: "/", pool } };
  await client.request("PUT", "/1.0/profiles/default", { config: {}, description: "", devices });
  const cut = await cutSocket(dir, direct);
  const lab: Lab = {
    dir,
    direct,
    cut,
    client,
    pool,
    ask: (method, url, body) => ask(direct, method, url, body),
    fillDisk: () => fill(filler),
    freeDisk: () => rm(filler, { force: true }),
    async killIncusd() {
      const pid = Number(readFileSync(path.join(dir, "floe-incusd.pid"), "utf8"));
      process.kill(pid, "SIGKILL");
      await incusd("start", dir);
    },
    async remove() {
      cut.close();
      for (const { name } of await client.listInstances("default")) {
        await client.setInstanceState("default", name, "stop", { force: true });
        await client.deleteInstance("default", name);
      }
      client.close();
      await incusd("stop", dir);
      // Its own mounts lie below.
      await run("umount", ["--recursive", "--lazy", dir]);
      await rm(dir, { recursive: true });
    },
  };
  return lab;
}

// --- internal ---

async function mountMemory(dir: string, megabytes: number): Promise<void> {
  await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=711`, "tmpfs", dir]);
}

function fill(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(poolMegabytes << 20));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

/** Not through `run`, which would wait for the daemon that inherits its streams. */
function incusd(verb: string, dir: string): Promise<void> {
  const script = path.resolve(import.meta.dirname, "../../../scripts/setup/incusd.mjs");
  const child = spawn(process.execPath, [script, verb, "--dir", dir], { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`incusd.mjs ${verb} ended with code ${code}`)),
    );
  });
}

/** With a connection of its own, so that a daemon that was killed is no matter. */
function ask(socketPath: string, method: string, url: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, method, path: url, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve((JSON.parse(text) as { readonly metadata?: unknown }).metadata));
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
