import { expect, test } from "vitest";
import { LiveProgress } from "../../../../src/cli/render/events-live.ts";
import { plainLine } from "../../../../src/cli/render/events-plain.ts";
import { plain } from "../../../../src/cli/render/style.ts";
import type { FloeEvent } from "../../../../src/report/events.ts";

const drv = "/nix/store/x-web-rootfs.drv";
const story: FloeEvent[] = [
  { at: 0, type: "phase.start", phase: "load" },
  { at: 100, type: "phase.end", phase: "load", ok: true },
  { at: 100, type: "phase.start", phase: "build" },
  { at: 200, type: "build.start", drv, name: "web-rootfs" },
  { at: 250, type: "build.progress", done: 2, expected: 7, running: 1, failed: 0 },
  { at: 300, type: "build.log", drv, line: "\u001b[1mParallel mksquashfs\u001b[0m: 2 processors" },
  { at: 400, type: "message", level: "warning", text: "the file x is large" },
  { at: 900, type: "step.start", subject: "local/default/web-1", step: "health", detail: "http://127.0.0.1:80/" },
  { at: 900, type: "step.start", subject: "local/default/web-2", step: "upload" },
  {
    at: 950,
    type: "step.progress",
    subject: "local/default/web-2",
    step: "upload",
    done: 1_000_000,
    total: 20_000_000,
  },
];

const ending: FloeEvent[] = [
  { at: 1000, type: "build.end", drv, name: "web-rootfs", ok: false },
  { at: 1000, type: "phase.end", phase: "build", ok: false },
  { at: 1200, type: "step.end", subject: "local/default/web-1", step: "health", ok: true, ms: 300 },
  { at: 1200, type: "change.end", subject: "local/default/web-1", outcome: "done", ms: 1400 },
  {
    at: 1300,
    type: "step.end",
    subject: "local/default/web-2",
    step: "upload",
    ok: false,
    ms: 400,
    error: "disk full",
  },
  { at: 1300, type: "change.end", subject: "local/default/web-2", outcome: "undone", ms: 400, error: "disk full" },
];

test("plainLine gives one line to each event that says something", () => {
  const lines = [...story, ...ending]
    .map((event) => plainLine(event, { verbose: false }))
    .filter((line) => line !== undefined);
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "Building
    Building web-rootfs
    warning: the file x is large
    web-1: waiting for health (http://127.0.0.1:80/)
    web-2: importing the image
    Build of web-rootfs failed
    web-1: done in 1.4 s
    web-2: importing the image failed
    web-2: failed and undone in 400 ms"
  `);
});

test("plainLine with verbose adds phases, logs and times", () => {
  const lines = [...story, ...ending]
    .map((event) => plainLine(event, { verbose: true }))
    .filter((line) => line !== undefined);
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "Reading the project
    Building
    Building web-rootfs
    2 of 7 builds done, 1 running
      Parallel mksquashfs: 2 processors
    warning: the file x is large
    web-1: waiting for health (http://127.0.0.1:80/)
    web-2: importing the image
    web-2: 1.0 MB of 20.0 MB
    Build of web-rootfs failed
    web-1: waiting for health took 300 ms
    web-1: done in 1.4 s
    web-2: importing the image failed
    web-2: failed and undone in 400 ms"
  `);
});

test("LiveProgress shows what runs with its time, and keeps warnings and results", () => {
  const progress = new LiveProgress();
  const kept = story.flatMap((event) => progress.receive(event, plain));
  expect(kept).toEqual(["warning: the file x is large"]);
  expect(progress.frame({ colors: plain, width: 100, now: 1600 }).join("\n")).toMatchInlineSnapshot(`
    "⠋ Building 2 of 7 1.5 s
      web-1  waiting for health (http://127.0.0.1:80/)                     700 ms
      web-2  importing the image                        1.0 MB of 20.0 MB  700 ms
      web-rootfs  1.4 s  Parallel mksquashfs: 2 processors"
  `);
});

test("LiveProgress says in one line what runs longest, where nothing moves", () => {
  const progress = new LiveProgress();
  expect(progress.still(0)).toBeUndefined();
  progress.receive({ at: 0, type: "phase.start", phase: "build" }, plain);
  expect(progress.still(61_000)).toBe("Still building (1 min 1 s)");
  progress.receive({ at: 1000, type: "build.start", drv: "/nix/store/a.drv", name: "linux" }, plain);
  progress.receive({ at: 2000, type: "step.start", subject: "host:crown", step: "copy" }, plain);
  expect(progress.still(61_000)).toBe("Still building linux (1 min 0 s), and 1 more");
  progress.receive({ at: 62_000, type: "build.end", drv: "/nix/store/a.drv", name: "linux", ok: true }, plain);
  expect(progress.still(62_000)).toMatch(/^Still crown: .* \(1 min 0 s\)$/);
});

test("LiveProgress has an empty frame when everything has ended", () => {
  const progress = new LiveProgress();
  const kept = [...story, ...ending].flatMap((event) => progress.receive(event, plain));
  expect(progress.frame({ colors: plain, width: 100, now: 2000 })).toEqual([]);
  expect(kept.slice(1)).toEqual(["✗ build of web-rootfs failed", "✓ web-1 1.4 s", "✗ web-2 failed and undone"]);
});

test("LiveProgress never writes a line that is wider than the terminal", () => {
  const progress = new LiveProgress();
  for (const event of story) progress.receive(event, plain);
  progress.receive({ at: 1000, type: "build.log", drv, line: "x".repeat(500) }, plain);
  for (const line of progress.frame({ colors: plain, width: 40, now: 1600 }))
    expect(line.length).toBeLessThanOrEqual(40);
});

test("LiveProgress of many hosts shows those that run longest, counts the others, and guesses from earlier runs", () => {
  const progress = new LiveProgress();
  const hosts = Array.from({ length: 9 }, (_, index) => `host:m${index}`);
  progress.receive({ at: 0, type: "phase.start", phase: "apply", count: 12 }, plain);
  for (const [index, subject] of hosts.entries())
    progress.receive({ at: index * 1000, type: "step.start", subject, step: index < 2 ? "switch" : "copy" }, plain);
  progress.receive({ at: 9000, type: "change.end", subject: "host:m9", outcome: "done", ms: 5000 }, plain);
  progress.receive({ at: 9000, type: "step.progress", subject: "host:m2", step: "copy", done: 5e6, total: 4e7 }, plain);
  const estimate = (name: string): number | undefined =>
    ({ "host:m0 switch": 50_000, "host:m1 switch": 2_000, "host:m3 copy": 4_000 })[name];
  expect(progress.frame({ colors: plain, width: 80, now: 10_000, estimate }).join("\n")).toMatchInlineSnapshot(`
    "⠴ Applying 1 of 12 10.0 s
      m0  switching                              10.0 s, about 40 s left
      m1  switching                              9.0 s
      m2  copying the system  5.0 MB of 40.0 MB  8.0 s
      m3  copying the system                     7.0 s
      m4  copying the system                     6.0 s
      m5  copying the system                     5.0 s
      and 3 copying the system"
  `);
});
