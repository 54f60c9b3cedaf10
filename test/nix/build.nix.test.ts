import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { CancelledError, NixError } from "../../src/errors.ts";
import { type BuildOutcome, type BuildRequest, buildDerivations } from "../../src/nix/build.ts";
import { evaluateFleet } from "../../src/nix/evaluate.ts";
import { imageFile } from "../../src/nix/image-file.ts";
import { pathInfo } from "../../src/nix/path-info.ts";
import { addRoots, dropRoots } from "../../src/nix/roots.ts";
import { fingerprintOf, sha256OfFiles } from "../../src/util/hash.ts";
import { flake, type MiniProject, miniProject, unique } from "./fixtures/mini.ts";
import { nixStoreDelete, nixStoreRoots } from "./fixtures/store.ts";

/** A project whose hosts are these scripts, and the requests to build them. */
async function prepare(
  scripts: Readonly<Record<string, string>>,
  lets = "",
): Promise<{ project: MiniProject; requests: BuildRequest[] }> {
  const hosts = Object.entries(scripts).map(
    ([name, script]) => `${name} = part (sh "${name}" ${JSON.stringify(script).replaceAll("@{", "${")});`,
  );
  const project = await miniProject({ "flake.nix": flake(`let ${lets} in { hosts = { ${hosts.join(" ")} }; }`) });
  const names = { hosts: Object.keys(scripts), containers: [], shells: [] };
  const evaluation = await evaluateFleet({ ...project, names });
  const requests = Object.entries(evaluation.hosts).map(([name, result]) => {
    if (!result.ok) throw new Error(result.error.message);
    return { name, ...result.value };
  });
  project.events.length = 0;
  return { project, requests };
}

function build(
  project: MiniProject,
  derivations: readonly BuildRequest[],
  more: { keepGoing?: boolean; signal?: AbortSignal } = {},
) {
  return buildDerivations({ ...project, derivations, ...more });
}

function failureOf(outcome: BuildOutcome | undefined): NixError {
  if (outcome === undefined || outcome.ok) throw new Error(`It should have failed: ${JSON.stringify(outcome)}`);
  return outcome.error;
}

/** Processes with this text in their command line. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) && Number(pid) !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text)
      );
    } catch {
      return false;
    }
  });
}

describe("buildDerivations()", () => {
  test("builds what is missing, tells of it, and keeps it with a GC root", async () => {
    const script = `echo one; echo two >&2; echo ${unique()} > $out`;
    const { project, requests } = await prepare({ web: script, other: `echo ${unique()} > $out` });
    const [web, other] = requests as [BuildRequest, BuildRequest];
    const outcomes = await build(project, requests);
    expect(outcomes).toEqual(requests.map((request) => ({ ...request, ok: true, built: true })));
    expect(existsSync(web.outPath)).toBe(true);
    const { events } = project;
    expect(events[0]).toEqual({ type: "phase.start", phase: "build", count: 2 });
    expect(events).toContainEqual({ type: "build.start", drv: web.drvPath, name: "web" });
    expect(events.filter((event) => event.type === "build.log" && event.drv === web.drvPath)).toEqual(
      ["one", "two"].map((line) => ({ type: "build.log", drv: web.drvPath, line })),
    );
    expect(events).toContainEqual({ type: "build.end", drv: other.drvPath, name: "other", ok: true });
    expect(events.filter((event) => event.type === "build.progress").at(-1)).toMatchObject({
      done: 2,
      running: 0,
      failed: 0,
    });
    expect(events.at(-1)).toEqual({ type: "phase.end", phase: "build", ok: true });
    expect(readdirSync(project.rootsDir).sort()).toEqual(["other", "web"]);
    expect((await nixStoreRoots()).get(join(project.rootsDir, "web"))).toBe(web.outPath);

    events.length = 0;
    expect(await build(project, requests)).toEqual(requests.map((request) => ({ ...request, ok: true, built: false })));
    expect(events).toEqual([]);
  });

  test("moves a GC root to the new result, and drops what is no longer wanted", async () => {
    const first = await prepare({ web: `echo ${unique()} > $out` });
    const second = await prepare({ web: `echo ${unique()} > $out`, old: "echo > $out" });
    const project = { ...second.project, rootsDir: first.project.rootsDir };
    await build(project, first.requests);
    await build(project, second.requests);
    expect(readlinkSync(join(project.rootsDir, "web"))).toBe(second.requests[0]?.outPath);
    writeFileSync(join(project.rootsDir, "note"), "mine");
    expect(dropRoots(project.rootsDir, new Set(["web"]))).toEqual(["old"]);
    expect(readdirSync(project.rootsDir).sort()).toEqual(["note", "web"]);
    expect(dropRoots("/no/such/folder", new Set())).toEqual([]);
  });

  test("gives a root to what was valid already", async () => {
    const { project, requests } = await prepare({ web: `echo ${unique()} > $out` });
    await build(project, requests);
    dropRoots(project.rootsDir, new Set());
    await build(project, requests);
    expect((await nixStoreRoots()).get(join(project.rootsDir, "web"))).toBe(requests[0]?.outPath);
    await expect(
      addRoots(project.nix, project.rootsDir, [{ name: "x", outPath: `/nix/store/${"0".repeat(32)}-x` }]),
    ).rejects.toThrow("Cannot make the GC root");
  });

  test("does not take a path that is merely on disk for a result", async () => {
    const { project, requests } = await prepare({ web: `echo ${unique()} > $out` });
    const [web] = requests as [BuildRequest];
    writeFileSync(web.outPath, "half");
    const [outcome] = await build(project, requests);
    expect(outcome).toMatchObject({ ok: true, built: true });
    expect(readFileSync(web.outPath, "utf8")).not.toBe("half");
  });

  test("shows the end of the log of what failed, and how to see it all", async () => {
    const { project, requests } = await prepare({
      bad: `for n in $(busybox seq 30); do echo "line $n ${unique()}"; done; exit 7`,
      good: `echo ${unique()} > $out`,
    });
    const [bad, good] = requests as [BuildRequest, BuildRequest];
    const outcomes = await build(project, requests, { keepGoing: true });
    expect(outcomes[1]).toEqual({ ...good, ok: true, built: true });
    const error = failureOf(outcomes[0]);
    expect(error).toBeInstanceOf(NixError);
    expect(error.message).toMatch(
      /^Cannot build "bad": the builder failed with exit code 7; the last lines of its log:\n {2}line 11 .*\n(.*\n){18} {2}line 30 [a-z0-9]+$/,
    );
    expect(error.hint).toBe(`See the whole log with: nix-store --read-log ${bad.drvPath}`);
    expect(error.details).toMatchObject({
      phase: "build",
      drvPath: bad.drvPath,
      failedDrv: bad.drvPath,
      log: expect.arrayContaining([expect.stringMatching(/^line 30/)]),
    });
    expect(project.events).toContainEqual({ type: "build.end", drv: bad.drvPath, name: "bad", ok: false });
    expect(project.events.at(-1)).toEqual({ type: "phase.end", phase: "build", ok: false });
    expect(readdirSync(project.rootsDir)).toEqual(["good"]);
  });

  test("blames the dependency that failed, not what needs it", async () => {
    const { project, requests } = await prepare(
      { top: "echo @{middle} > $out", own: `echo mine ${unique()}; exit 5`, fine: `echo ${unique()} > $out` },
      `leaf = sh "leaf" "echo leafline; exit 3 # ${unique()}"; middle = sh "middle" "echo \${leaf} > $out";`,
    );
    const outcomes = await build(project, requests, { keepGoing: true });
    expect(failureOf(outcomes[0]).message).toBe(
      `Cannot build "top", because "leaf" does not build: the builder failed with exit code 3; the last lines of its log:\n  leafline`,
    );
    expect(failureOf(outcomes[1]).message).toMatch(
      /^Cannot build "own": the builder failed with exit code 5; the last lines of its log:\n {2}mine/,
    );
    expect(outcomes[2]).toMatchObject({ ok: true });
  });

  test("says that a build was not begun when another failed first", async () => {
    const { project, requests } = await prepare(
      { bad: `exit 1 # ${unique()}`, waiting: "echo @{slow} > $out" },
      `slow = sh "slow" "busybox sleep 20; echo ${unique()} > $out";`,
    );
    const outcomes = await build(project, requests);
    expect(failureOf(outcomes[0]).message).toBe('Cannot build "bad": the builder failed with exit code 1');
    expect(failureOf(outcomes[1]).message).toBe('Cannot build "waiting": another build failed first');
  });

  test("recognises a full disk", async () => {
    const { project, requests } = await prepare({
      big: `echo "cannot write: No space left on device ${unique()}"; exit 1`,
    });
    const error = failureOf((await build(project, requests))[0]);
    expect(error.message).toMatch(/^Cannot build "big": the disk is full/);
    expect(error.details).toMatchObject({ diskFull: true });
    expect(error.hint).toMatch(/^Free some space/);
  });

  test("ends every process when it is cancelled", async () => {
    const mark = unique();
    const { project, requests } = await prepare({
      slow: `echo started; busybox sleep 30 & busybox sleep 31; echo ${mark} > $out`,
    });
    const abort = new AbortController();
    let before: string[] = [];
    const emit: MiniProject["emit"] = (event) => {
      if (event.type !== "build.log") return;
      before = processesWith(mark);
      abort.abort();
    };
    const building = build({ ...project, emit }, requests, { signal: abort.signal });
    const started = performance.now();
    await expect(building).rejects.toBeInstanceOf(CancelledError);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(before).not.toEqual([]);
    for (let turn = 0; turn < 40 && processesWith(mark).length > 0; turn++) await sleep(50);
    expect(processesWith(mark)).toEqual([]);
    expect(processesWith((requests[0] as BuildRequest).drvPath)).toEqual([]);
  });
});

describe("pathInfo()", () => {
  test("knows sizes, and leaves out what is not valid", async () => {
    const { project, requests } = await prepare(
      { dep: `echo ${unique()} > $out`, top: "echo @{dep} > $out" },
      `dep = sh "inner" "echo ${unique()} > $out";`,
    );
    await build(project, requests);
    const [, top] = requests as [BuildRequest, BuildRequest];
    const nowhere = `/nix/store/${"0".repeat(32)}-x`;
    const info = await pathInfo(project.nix, [top.outPath, nowhere], { closureSize: true });
    expect([...info.keys()]).toEqual([top.outPath]);
    const size = info.get(top.outPath);
    expect(size?.narSize).toBeGreaterThan(50);
    expect(size?.closureSize).toBeGreaterThan(size?.narSize as number);
    expect((await pathInfo(project.nix, [])).size).toBe(0);
  });
});

describe("images", () => {
  test("imageFile() finds the file in each of NixOS's layouts", async () => {
    const { project, requests } = await prepare({
      plain: `echo ${unique()} > $out`,
      tarball: `busybox mkdir -p $out/tarball $out/nix-support; echo ${unique()} > $out/tarball/x.tar.xz; echo > $out/nix-support/hydra-build-products`,
      two: `busybox mkdir $out; echo ${unique()} > $out/a; echo > $out/b`,
    });
    await build(project, requests);
    const [plain, tarball, two] = requests.map(({ outPath }) => outPath) as [string, string, string];
    expect(imageFile(plain)).toBe(plain);
    expect(imageFile(tarball)).toBe(join(tarball, "tarball/x.tar.xz"));
    expect(() => imageFile(two)).toThrow("it has 2 files");
  });

  test("fingerprintOf() hashes both files as one, once, and again when a path was built anew", async () => {
    const { project, requests } = await prepare({
      meta: `echo -n ab > $out # ${unique()}`,
      rootfs: `busybox head -c 8 /dev/urandom > $out # ${unique()}`,
    });
    await build(project, requests);
    const [meta, rootfs] = requests.map(({ outPath }) => outPath) as [string, string];
    const first = await fingerprintOf(meta, rootfs, project);
    expect(first).toEqual({ fingerprint: await sha256OfFiles([meta, rootfs]), bytes: 10 });
    expect(first.fingerprint).not.toBe(await sha256OfFiles([rootfs, meta]));
    expect(await fingerprintOf(meta, rootfs, project)).toEqual(first);
    dropRoots(project.rootsDir, new Set());
    await nixStoreDelete(rootfs);
    await build(project, requests);
    expect((await fingerprintOf(meta, rootfs, project)).fingerprint).toBe(await sha256OfFiles([meta, rootfs]));
  });
});
