/**
 * Standalone homes: one on this machine, activated by the built command with the tests' own small home-manager; and one on the real nixpkgs and
 * home-manager, where checkouts of the same time are at hand, which evaluates to what `floe switch` activates.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { evaluate, findProject, load, writeFlake } from "../../src/pipeline.ts";
import { addFirnBase } from "../support/firn-system.ts";
import { floe } from "../support/floe.ts";
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

test("a home on this machine is activated here, and history and rollback know it", { timeout: 120_000 }, async () => {
  await addFirnBase();
  const user = os.userInfo().username;
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
