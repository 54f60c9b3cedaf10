import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verbs } from "../../../src/cli/verbs.ts";
import { checkFlakeLock } from "../../../src/doctor/lock.ts";
import { checkClock, roomFinding } from "../../../src/doctor/machine.ts";
import { checkNightly } from "../../../src/doctor/nightly.ts";
import { checkShells } from "../../../src/doctor/shells.ts";
import { areasFor } from "../../../src/doctor/verbs.ts";
import type { Fleet, Nightly, Shell } from "../../../src/model/fleet.ts";
import { unitFiles } from "../../../src/nightly/units.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "floe-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (file: string, text: string): string => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
  return path.join(folder, file);
};

const fleetWith = (parts: Partial<Fleet>): Fleet => ({
  name: "f",
  description: "",
  root: folder,
  configFile: "floe.config.ts",
  inputs: {},
  servers: {},
  hosts: {},
  containers: {},
  shells: {},
  modules: {},
  ...parts,
});

test("every verb that needs something is known, and a name that is nearly one is suggested", () => {
  const words = new Set(verbs.map(({ name }) => name.split(" ")[0] ?? ""));
  const alone = new Set(["doctor", "completions"]);
  for (const word of words) if (!alone.has(word)) expect(areasFor(word).has("floe"), word).toBe(true);
  expect(areasFor(undefined).size).toBe(12);
  expect([...areasFor("fmt")]).not.toContain("incus");
  expect(() => areasFor("aply")).toThrow('There is no verb "aply" that needs anything');
});

describe("room", () => {
  test.each([
    [6e9, undefined, "ok", "6.0 GB free for the store"],
    [4e9, undefined, "warn", "Only 4.0 GB free for the store"],
    [1e8, undefined, "fail", "Only 0.1 GB free for the store"],
    [6e9, { used: 10, total: 10 }, "fail", "No inodes left for the store"],
    [6e9, { used: 0, total: 0 }, "ok", "6.0 GB free for the store"],
  ] as const)("of %d bytes with %o", (free, files, status, message) => {
    expect(roomFinding("disk", "store", { free, files }, "the store")).toMatchObject({ status, message });
  });
});

test("a clock that is behind what is past for certain is told", () => {
  const now = Date.UTC(2026, 0, 1);
  expect(checkClock(now, [{ what: "x", ms: now - 1 }])).toMatchObject({
    status: "ok",
    message: "clock: 2026-01-01 00:00 UTC",
  });
  expect(checkClock(now, [{ what: "the lock", ms: now + 86_400_000 }])).toMatchObject({
    status: "warn",
    message:
      "The clock says 2026-01-01 00:00 UTC, but the lock is of 2026-01-02 00:00: certificates will not be accepted",
  });
});

describe("flake.lock", () => {
  const nixpkgs = { kind: "url", url: "github:nixos/nixpkgs", follows: {}, flake: true } as const;
  const lock = {
    version: 7,
    root: "root",
    nodes: {
      root: { inputs: { nixpkgs: "nixpkgs" } },
      nixpkgs: {
        locked: {
          type: "github",
          owner: "nixos",
          repo: "nixpkgs",
          rev: "0".repeat(40),
          narHash: "sha256-x",
          lastModified: 1_700_000_000,
        },
        original: { type: "github", owner: "nixos", repo: "nixpkgs" },
      },
    },
  };

  test("that is whole", () => {
    write("flake.lock", JSON.stringify(lock));
    expect(checkFlakeLock(folder, fleetWith({ inputs: { nixpkgs } }))).toMatchObject({
      findings: [{ status: "ok", message: "flake.lock has 1 inputs" }],
      newestMs: 1_700_000_000_000,
    });
    expect(checkFlakeLock(folder, fleetWith({ inputs: { nixpkgs, other: nixpkgs } })).findings).toMatchObject([
      { status: "info", message: "flake.lock does not have other yet; the next evaluation adds what is missing" },
    ]);
  });

  test.each([
    ["<<<<<<< HEAD\n{}\n=======\n", "flake.lock holds a merge conflict"],
    ["{", "flake.lock is no lock file: nix cannot read it"],
  ])("that is broken: %j", (text, message) => {
    write("flake.lock", text);
    expect(checkFlakeLock(folder, undefined).findings).toMatchObject([{ status: "fail", message }]);
  });

  test("that is not there", () => {
    expect(checkFlakeLock(folder, fleetWith({})).findings).toEqual([]);
    expect(checkFlakeLock(folder, fleetWith({ inputs: { nixpkgs } })).findings).toMatchObject([{ status: "info" }]);
  });
});

describe("the nightly apply", () => {
  const nightly: Nightly = {
    folder: "/",
    user: "root",
    at: "04:00",
    randomDelay: "1h",
    updateInputs: [],
    instances: "all",
    notify: [],
  };
  const fleet = (): Fleet => fleetWith({ nightly });
  const unit = (command: readonly string[], searched: string): void => {
    for (const [file, text] of Object.entries(unitFiles(nightly, "f", command, searched))) write(file, text);
  };

  test("that is not there, or another machine's", () => {
    expect(checkNightly(fleet(), folder)).toMatchObject([{ status: "info", mend: `floe nightly --write ${folder}` }]);
    expect(checkNightly(fleetWith({ nightly: { ...nightly, host: "no-such-host" } }), folder)).toEqual([]);
    expect(checkNightly(fleetWith({}), folder)).toEqual([]);
  });

  test("that finds what it needs, or not", () => {
    for (const program of ["nix", "git"]) {
      write(`bin/${program}`, "#!/bin/sh\n");
      chmodSync(path.join(folder, "bin", program), 0o755);
    }
    unit([process.execPath, import.meta.filename], path.join(folder, "bin"));
    expect(checkNightly(fleet(), folder).map(({ status }) => status)).toEqual(["ok", "ok"]);
    unit(["/no/such/node", "/no/floe"], "/no/such/bin");
    expect(checkNightly(fleet(), folder)).toMatchObject([
      { status: "fail", message: expect.stringContaining("/no/such/node /no/floe, which is not there") },
      { status: "fail", message: expect.stringContaining("has no nix, git") },
    ]);
  });
});

describe("shells", () => {
  const shells = { default: {} as Shell };
  const env = (shell: string): NodeJS.ProcessEnv => ({ HOME: folder, SHELL: shell, PATH: "/no/such" });

  test("a shell that does not know nd is told the line", () => {
    expect(checkShells(fleetWith({ shells }), env("/bin/zsh"))).toMatchObject([
      { status: "info", mend: expect.stringMatching(/^Add to .*\.zshrc: eval "\$\(floe -C .* shell-init zsh\)"$/) },
    ]);
    write(".config/fish/config.fish", "floe shell-init fish | source\n");
    expect(checkShells(fleetWith({ shells }), env("/usr/bin/fish"))).toMatchObject([{ status: "ok" }]);
    expect(checkShells(fleetWith({}), env("/bin/zsh"))).toEqual([]);
  });

  test("an .envrc needs direnv", () => {
    write(".envrc", "use floe\n");
    expect(checkShells(fleetWith({ shells }), env("/bin/other"))).toMatchObject([
      { status: "warn", mend: "apt-get install direnv" },
    ]);
  });
});
