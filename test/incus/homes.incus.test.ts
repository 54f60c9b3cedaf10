/**
 * Homes of home-manager that belong to no host, on machines that are no NixOS: activated over SSH as their users, with the built command. The
 * home-manager is a small one of the tests' own, with the same interface and order; the real one is evaluated where checkouts are at hand.
 */
import { cp } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addFirnBase } from "../support/firn-system.ts";
import { type FloeResult, floe, startFloe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type SshLab, sshLab } from "../support/ssh-machine.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const firn = path.resolve(import.meta.dirname, "../../firn");
const homeManager = path.resolve(import.meta.dirname, "home-manager");

describe.skipIf(skipIncus() || skipMachines())("homes over SSH", { timeout: 180_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown" | "atlas" | "inner">;
  let project: TempProject;
  const run = (...args: string[]): Promise<FloeResult> => floe(project.root, args, lab.env);
  /** As the user whose home it is. */
  const there = (script: string): Promise<string> => lab.machines.crown.sh(`su - guest -c '${script}'`);

  const profile =
    "readlink /nix/var/nix/profiles/per-user/guest/home-manager || readlink ~/.local/state/nix/profiles/home-manager";
  const write = (text: string, activation = ""): Promise<string> =>
    project.write(
      "homes/guest@crown.ts",
      `import { home } from "floe";
export default home(({ pkgs }) => ({ home: {
  username: "guest", packages: [pkgs.hello], file: { ".greeting": { text: "${text}" } }, activation: ${JSON.stringify(activation)},
} }));
`,
    );

  beforeAll(async () => {
    await addFirnBase();
    incus = await testIncus();
    lab = await sshLab(incus, {
      crown: { elevation: "none", trusted: true },
      atlas: { elevation: "none" },
      inner: { elevation: "sudo" },
    });
    project = await tempProject({
      "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "people", inputs: { nixpkgs: dir("./firn"), "home-manager": dir("./home-manager") }, homes: dir("./homes") });`,
      "homes/guest@atlas.ts": `import { home } from "floe";
export default home({ target: "atlas" }, { home: { username: "guest", file: { ".greeting": { text: "x" } } } });`,
      "homes/deploy@inner.ts": `import { home } from "floe";
export default home({ target: "inner" }, { home: { username: "deploy", file: { ".greeting": { text: "by sudo" } } } });`,
      "homes/stranger.ts": `import { home } from "floe";
export default home({ target: "crown" }, { home: { username: "stranger" } });`,
    });
    await cp(firn, path.join(project.root, "firn"), { recursive: true });
    await cp(homeManager, path.join(project.root, "home-manager"), { recursive: true });
    await write("one");
  }, 300_000);
  afterAll(async () => {
    await lab?.remove();
    await incus?.remove();
    await project?.remove();
  });

  test("a file in the way is refused by its name, before anything is changed; --backup keeps it", async () => {
    await there("echo mine >~/.greeting");
    const { exitCode, stderr } = await run("switch", "guest@crown", "--yes");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    expect(stderr).toContain('"guest@crown" was not changed: A file is in the way on guest@crown');
    expect(stderr).toContain('"/home/guest/.greeting"');
    expect(stderr).toContain("--backup");
    expect(await there(`cat ~/.greeting; ${profile} || echo none`)).toBe("mine\nnone");
    const dry = await run("dry-activate", "guest@crown");
    expect(dry.stderr).toContain('"/home/guest/.greeting"');

    const backed = await run("switch", "guest@crown", "--yes", "--backup", "before-floe");
    expect(backed).toMatchObject({ exitCode: 0 });
    expect(await there("cat ~/.greeting ~/.greeting.before-floe")).toBe("one\nmine");
  });

  test("the next generation; nothing to do after that; history", async () => {
    await write("two");
    const { exitCode, stderr } = await run("switch", "home:guest@crown", "--yes");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await there("cat ~/.greeting")).toBe("two");
    expect((await run("switch", "guest@crown", "--yes")).stdout).toContain("1 home as described");
    const { stdout } = await run("history", "guest@crown");
    expect(stdout).toMatch(/\* 2 .*26\.05 +current/);
    expect(stdout).toMatch(/^ {4}1 /m);
  });

  test("an activation that fails goes back to the generation before, with its files", async () => {
    await project.write(
      "homes/guest@crown.ts",
      `import { home } from "floe";
export default home({ home: { username: "guest", file: { ".other": { text: "three" } }, activation: "echo it breaks; exit 3" } });
`,
    );
    const { exitCode, stderr } = await run("switch", "guest@crown", "--yes");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("it breaks") as string });
    expect(await there("cat ~/.greeting; ls ~/.other 2>/dev/null || echo none")).toBe("two\nnone");
    expect(await there(profile)).toBe("home-manager-2-link");
  });

  test("a connection that ends in the middle does not end the activation", async () => {
    await write("slow", "sleep 4");
    const going = startFloe(project.root, ["switch", "guest@crown", "--yes"], lab.env);
    await expect
      .poll(() => there("ls ~/.local/state/floe/homes 2>&1 || true"), { timeout: 60_000 })
      .toContain("active");
    await lab.machines.crown.dropConnections();
    const { exitCode, stderr } = await going.ended;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await there("cat ~/.greeting")).toBe("slow");
  });

  test("rollback of a home, and back to a number", async () => {
    const { exitCode, stderr } = await run("rollback", "guest@crown", "--yes");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await there("cat ~/.greeting")).toBe("two");
    expect((await run("rollback", "home:guest@crown", "--to", "1", "--yes")).exitCode).toBe(0);
    expect(await there("cat ~/.greeting")).toBe("one");
  });

  test("one that ends while it is begun leaves nothing open: it is asked again, and begun once", async () => {
    await write("cut");
    const before = await there(profile);
    const folder = "/home/guest/.local/state/floe/homes";
    const cut = lab.machines.crown.sh(
      `count() { ls ${folder} | grep -vc '^active'; }; before=$(count); left=20000; until [ "$(count)" -gt "$before" ] || [ $left = 0 ]; do left=$((left - 1)); done; pkill -KILL -f '^sshd: .*@'`,
    );
    const { exitCode, stderr } = await run("switch", "guest@crown", "--yes");
    await cut;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await there("cat ~/.greeting")).toBe("cut");
    const number = (link: string) => Number(/-(\d+)-link/.exec(link)?.[1]);
    expect(number(await there(profile))).toBe(number(before) + 1);
  });

  test("whom the store does not trust: root brings it where the user may be root, else it is explained", async () => {
    const bySudo = await run("switch", "deploy@inner", "--yes");
    expect(bySudo).toMatchObject({ exitCode: 0 });
    expect(await lab.machines.inner.sh("cat /home/deploy/.greeting")).toBe("by sudo");
    const { exitCode, stderr } = await run("switch", "guest@atlas", "--yes");
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("trusted-users") as string,
    });
  });

  test("another user than the home's is refused; names that are not there are corrected", async () => {
    const { exitCode, stderr } = await run("switch", "home:stranger", "--yes");
    expect(stderr).toContain('"stranger" is the home of "stranger", but floe comes to crown as "guest"');
    expect(exitCode).toBe(1);
    expect((await run("switch", "guest@crwn")).stderr).toContain("Did you mean guest@crown?");
    expect((await run("boot", "guest@crown")).exitCode).toBe(2);
  });
});
