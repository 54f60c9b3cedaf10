/**
 * Systems on the machine of a server: the same store, and another one that is reached as over ssh. What stands in for `ssh`
 * runs what it is asked to on this machine, with a store and a state folder of its own; copying and linking are real.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findNix, type NixTool } from "../../src/nix/find.ts";
import { deliverPath, retainPaths, type ServerStore, sshArgv } from "../../src/nix/server-store.ts";
import { run } from "../support/run.ts";

const folder = mkdtempSync(path.join(tmpdir(), "floe-stores-"));
const remote = path.join(folder, "remote");
const work = { emit: () => {} };
const owner = "home/crown/default/web";
let nix: NixTool;
let paths: readonly string[];

beforeAll(async () => {
  nix = await findNix({ cacheDir: path.join(folder, "cache") });
  paths = await Promise.all(["one", "two"].map(addPath));
  const bin = path.join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(path.join(bin, "ssh"), standIn);
  chmodSync(path.join(bin, "ssh"), 0o755);
  mkdirSync(path.join(remote, "nix/var/nix/gcroots"), { recursive: true });
  process.env["PATH"] = `${bin}:${process.env["PATH"]}`;
});
afterAll(() => {
  process.env["PATH"] = (process.env["PATH"] ?? "").split(":").slice(1).join(":");
  rmSync(folder, { recursive: true, force: true });
});

/** Nix asks whether a connection is open, wants to hear that one was made, and then talks to a daemon. */
const standIn = `#!/bin/sh
for word in "$@"; do
  [ "$word" != check ] || exit 255
done
case "$*" in
  *LocalCommand=echo*) echo started ;;
esac
case "$*" in
  *nix-daemon*) exec nix-daemon --stdio --store "local?root=${remote}" ;;
esac
for script in "$@"; do :; done
NIX_STATE_DIR=${remote}/nix/var/nix exec sh -c "$script"
`;

async function addPath(name: string): Promise<string> {
  const file = path.join(folder, `floe-test-${name}-${path.basename(folder)}`);
  writeFileSync(file, name);
  return (await run("nix-store", ["--add", file])).trim();
}

function rootsIn(state: string): string[] {
  const roots = path.join(state, "gcroots/floe", owner);
  return readdirSync(roots).map((name) => readlinkSync(path.join(roots, name)));
}

test("a system is copied to the other machine's store, and is protected there until it is not needed", async () => {
  const store: ServerStore = { nix, url: "ssh-ng://root@crown.lan" };
  for (const one of paths) await deliverPath(store, { folder: owner, path: one, isHere: true }, work);
  for (const one of paths) expect(readdirSync(path.join(remote, "nix/store"))).toContain(path.basename(one));
  expect(rootsIn(path.join(remote, "nix/var/nix"))).toEqual([...paths].sort());
  const alive = await run("nix-store", ["--store", `local?root=${remote}`, "--gc", "--print-live"]);
  for (const one of paths) expect(alive).toContain(one);

  await retainPaths(store, { folder: owner, paths: paths.slice(1) }, work);
  expect(rootsIn(path.join(remote, "nix/var/nix"))).toEqual(paths.slice(1));
  // What is there already needs nothing of this machine.
  const [first = ""] = paths;
  await deliverPath(store, { folder: owner, path: first, isHere: false }, work);
  await retainPaths(store, { folder: owner, paths: [] }, work);
  expect(() => rootsIn(path.join(remote, "nix/var/nix"))).toThrow("ENOENT");
});

test("a store that is no machine, and a system that is nowhere, are said to be", async () => {
  const [first = ""] = paths;
  const delivery = { folder: owner, path: first, isHere: true };
  await expect(deliverPath({ nix, url: `local?root=${folder}/x` }, delivery, work)).rejects.toThrow("ssh");
  const gone = `/nix/store/${"0".repeat(32)}-gone`;
  await expect(deliverPath({ nix, url: undefined }, { ...delivery, path: gone, isHere: false }, work)).rejects.toThrow(
    "is not in this machine's store",
  );
});

test("ssh is called as nix calls it", () => {
  expect(sshArgv("ssh-ng://root@crown.lan?ssh-key=/k", { NIX_SSHOPTS: "-p 2222" })).toEqual([
    "ssh",
    "-p",
    "2222",
    "-i",
    "/k",
    "-o",
    "BatchMode=yes",
    "--",
    "root@crown.lan",
  ]);
  expect(sshArgv("ssh://crown:2200", {})).toEqual(["ssh", "-p", "2200", "-o", "BatchMode=yes", "--", "crown"]);
  expect(sshArgv("s3://bucket", {})).toBeUndefined();
});
