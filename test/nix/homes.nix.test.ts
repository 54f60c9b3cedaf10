/**
 * Standalone homes: one on this machine, activated by the built command with the tests' own small home-manager; and one on the real nixpkgs and
 * home-manager, where checkouts of the same time are at hand, which evaluates to what `floe switch` activates.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awaitHome, type HomeEnd, startHome } from "../../src/apply/homes/activate-home.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { openMachine } from "../../src/machine/open.ts";
import { evaluate, findProject, load, writeFlake } from "../../src/pipeline.ts";
import { history } from "../../src/state/journal.ts";
import { startTimeOf } from "../../src/util/lock-file.ts";
import { addFirnBase } from "../support/firn-system.ts";
import { floe, startFloe } from "../support/floe.ts";
import { nixpkgsUrl } from "../support/nixpkgs.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const nixpkgs = nixpkgsUrl();
const homeManager = process.env["FLOE_HOME_MANAGER"];
const isReady = nixpkgs !== undefined && homeManager !== undefined;
if (!isReady)
  process.stderr.write("skipped: a real home; set FLOE_NIXPKGS and FLOE_HOME_MANAGER to checkouts of the same time\n");

/** As releases since 2022 offer it, from an older one too. */
const flake = `{
  outputs = inputs: {
    lib.homeManagerConfiguration = { pkgs, modules, extraSpecialArgs ? { } }:
      import ./modules { inherit pkgs; check = false; configuration = { imports = modules; _module.args = extraSpecialArgs; }; };
  };
}`;

describe.skipIf(!isReady)("a real home", () => {
  let project: TempProject;
  const work = { emit: () => {}, signal: new AbortController().signal };

  beforeAll(async () => {
    project = await tempProject({
      "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ inputs: { nixpkgs: "${nixpkgs}", "home-manager": dir("./home-manager") }, homes: dir("./homes") });`,
      "homes/me@laptop.ts": `import { home } from "floe";
export default home({ system: "x86_64-linux", target: "me@laptop.lan", tags: ["people"] }, ({ pkgs }) => ({
  home: { username: "me", homeDirectory: "/home/me", stateVersion: "20.09", packages: [pkgs.htop] },
  // Its manual is made by what would have to be built first.
  manual: { manpages: { enable: false } },
  programs: { git: { enable: true, userName: "Me" } },
}));
`,
    });
    cpSync(homeManager ?? "", path.join(project.root, "home-manager"), { recursive: true });
    rmSync(path.join(project.root, "home-manager/.git"), { recursive: true, force: true });
    await project.write("home-manager/flake.nix", flake);
  }, 60_000);
  afterAll(() => project?.remove());

  test("its generation has a derivation, and the model says where it goes", { timeout: 300_000 }, async () => {
    const fleet = await load(findProject(project.root), work);
    expect(fleet.homes?.["me@laptop"]).toMatchObject({ user: "me", target: "me@laptop.lan" });
    await writeFlake(fleet, work);
    const names = { hosts: [], containers: [], shells: [], homes: ["me@laptop"] };
    const { homes } = await evaluate(fleet, names, work);
    const made = homes?.["me@laptop"];
    expect(made?.ok === false ? made.error.message : "").toBe("");
    expect(homes?.["me@laptop"]).toMatchObject({
      ok: true,
      value: { drvPath: expect.stringMatching(/-home-manager-generation\.drv$/) as string },
    });
  });
});

/** A project with the tests' own home-manager, and a folder for its home. */
async function projectHere(): Promise<{ readonly project: TempProject; readonly folder: string }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "floe-home-"));
  // home-manager keeps its profile where there is such a folder: nothing of the real user's is touched.
  mkdirSync(path.join(folder, ".local/state/nix/profiles"), { recursive: true });
  const project = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "here", inputs: { nixpkgs: dir("./firn"), "home-manager": dir("./home-manager") }, homes: dir("./homes") });`,
  });
  for (const [name, from] of [
    ["firn", "../../firn"],
    ["home-manager", "../incus/home-manager"],
  ] as const)
    cpSync(path.resolve(import.meta.dirname, from), path.join(project.root, name), { recursive: true });
  return { project, folder };
}

test("a home on this machine is activated here, and history and rollback know it", { timeout: 120_000 }, async () => {
  await addFirnBase();
  const user = os.userInfo().username;
  const { project, folder } = await projectHere();
  const here = (...args: string[]) => floe(project.root, args, { HOME: folder, XDG_STATE_HOME: undefined });
  const greeting = (): string => readFileSync(path.join(folder, ".greeting"), "utf8").trim();
  try {
    for (const text of ["one", "two"]) {
      await project.write(
        `homes/${user}.ts`,
        `import { home } from "floe";
export default home({ home: { username: "${user}", homeDirectory: "${folder}", file: { ".greeting": { text: "${text}" } } } });
`,
      );
      const { exitCode, stderr } = await here("switch", `home:${user}`, "--yes");
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect(greeting()).toBe(text);
    }
    expect((await here("history", `home:${user}`)).stdout).toMatch(/on this machine\n {2}\* 2 /);
    expect((await here("rollback", `home:${user}`, "--yes")).exitCode).toBe(0);
    expect(greeting()).toBe("one");
  } finally {
    await project.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a reader that closes the pipe does not end a switch half way, nor make a success of it", {
  timeout: 120_000,
}, async () => {
  await addFirnBase();
  const user = os.userInfo().username;
  const { project, folder } = await projectHere();
  await project.write(
    `homes/${user}.ts`,
    `import { home } from "floe";
export default home({ home: { username: "${user}", homeDirectory: "${folder}", activation: "sleep 1; exit 3" } });
`,
  );
  try {
    const going = startFloe(project.root, ["switch", `home:${user}`, "--yes", "--json"], {
      HOME: folder,
      XDG_STATE_HOME: undefined,
    });
    going.closeStdout();
    const { exitCode, stderr } = await going.ended;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 5, stderr: expect.stringContaining("code 3") as string });
    expect(history(project.root)).toMatchObject([{ verb: "switch", exitCode: 5 }]);
  } finally {
    await project.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("an activation of a home, at its machine", () => {
  const state = (folder: string): string => path.join(folder, ".local/state");
  let folder: string;
  let machine: Machine;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "floe-home-"));
    mkdirSync(path.join(state(folder), "floe/homes"), { recursive: true });
    machine = openMachine(
      "me",
      { kind: "local" },
      { env: { ...process.env, HOME: folder, XDG_STATE_HOME: undefined } },
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const user = os.userInfo().username;
  const lock = (): string => path.join(state(folder), "floe/homes/active");
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  /** A generation that is not in the store, so that no profile can be set to it. */
  const generation = (name: string, script: string): string => {
    const place = path.join(folder, name);
    mkdirSync(place);
    writeFileSync(path.join(place, "activate"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return place;
  };
  const activate = async (id: string, place: string, isDry: boolean): Promise<HomeEnd> => {
    await startHome(machine, { user }, { id, generation: place, isDry });
    return awaitHome(machine, id);
  };

  test("one at a time; a lock whose process is gone, or of an earlier boot, keeps nobody out", async () => {
    const place = generation("new", "printf 'would do\\nmuch'");
    for (const holder of [
      `1-a ${process.pid} 1 ${boot}`,
      `1-a ${process.pid} ${startTimeOf(process.pid)} earlier`,
      "",
    ]) {
      writeFileSync(lock(), `${holder}\n`);
      const id = `2-${holder.length}`;
      expect(await activate(id, place, true)).toEqual({
        state: "tried",
        exitCode: 0,
        log: "would do\nmuch",
        previous: undefined,
      });
      expect(existsSync(lock())).toBe(false);
    }
    writeFileSync(lock(), `1-a ${process.pid} ${startTimeOf(process.pid)} ${boot}\n`);
    await expect(startHome(machine, { user }, { id: "3-a", generation: place, isDry: true })).rejects.toThrowError(
      `"me" is being activated by another floe (process ${process.pid} on this machine)`,
    );
    expect(readdirSync(path.dirname(lock()))).not.toContain("3-a");
  });

  test("of two that begin at once one alone goes on", async () => {
    const place = generation("new", "sleep 1");
    const begun = await Promise.allSettled(
      ["1-a", "1-b", "1-c"].map((id) => startHome(machine, { user }, { id, generation: place, isDry: true })),
    );
    expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("where the profile cannot be set, the generation before is active again", async () => {
    const before = generation("before", `echo before >"$HOME/greeting"`);
    const place = generation("new", `echo new >"$HOME/greeting"`);
    const profile = path.join(state(folder), "nix/profiles/home-manager");
    mkdirSync(path.dirname(profile), { recursive: true });
    symlinkSync("home-manager-1-link", profile);
    symlinkSync(before, `${profile}-1-link`);
    const end = await activate("1-a", place, false);
    expect(end).toMatchObject({ state: "rolled-back", previous: before });
    expect(end.log).toContain("the profile could not be set to it");
    expect(readFileSync(path.join(folder, "greeting"), "utf8")).toBe("before\n");
  });
});
