/** What a user types in a project whose flake floe did not write. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quoteWord } from "../../src/util/quote-word.ts";
import {
  type ExistingFlake,
  existingFlake,
  flakeFiles,
  flakeText,
  fleetText,
  allSame as same,
} from "../support/existing-flake.ts";
import { run as runProgram } from "../support/run.ts";
import { bin, buildFloe, type Ended, floe, lastDocument, skipNix } from "./support/floe.ts";
import { inView, skipNamespaces } from "./support/machine-view.ts";

describe.skipIf(skipNix())("a project on an existing flake", () => {
  let flake: ExistingFlake;
  const run = (...args: string[]): Promise<Ended> =>
    floe(args, { cwd: flake.root, env: { XDG_STATE_HOME: path.join(path.dirname(flake.root), "state") } });
  const read = (file: string): string => readFileSync(path.join(flake.root, file), "utf8");

  beforeAll(async () => {
    // With the types: check looks at floe.config.ts.
    await runProgram(process.execPath, [path.resolve(import.meta.dirname, "../../scripts/build.mjs")]);
    flake = await existingFlake({ ...flakeFiles, "floe.config.ts": fleetText() });
    await run("check");
    await flake.commit();
  }, 120_000);
  afterAll(() => flake?.remove());

  test("check is well, and reads no options: nobody asks for them", async () => {
    const { exitCode, stdout, stderr } = await run("check");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(
      /flake files {2}none: all comes from your flake\.nix\n✓ evaluation {3}5 hosts, images and shells/,
    );
    expect(stderr).not.toContain("Reading the options");
  });

  test("synth has nothing to write, and does not touch flake.nix", async () => {
    const before = read("flake.nix");
    for (const flags of [[], ["--check"], ["--diff"]]) {
      const { exitCode, stdout } = await run("synth", ...flags);
      expect([exitCode, stdout]).toEqual([0, "Nothing to write: everything comes from flake.nix, which is yours\n"]);
    }
    expect(read("flake.nix")).toBe(before);
  });

  test("list, graph and completion know all of it", async () => {
    const { stdout } = await run("list");
    expect(stdout).toMatch(/crown {2}x86_64-linux {2}local\n.*pearl {2}x86_64-linux {2}root@pearl\.invalid/);
    expect((await run("graph")).stdout).toContain("crown");
  });

  test("build makes hosts and both parts of an image", async () => {
    const { exitCode, stdout, stderr } = await run("build", "pearl", "web");
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/-nixos-system-pearl-[^\n]*\n\/nix\/store\/[^\n]*-tarball\n\/nix\/store\/[^\n]*-tarball\n/);
  });

  test("a host is planned; one that cannot be reached says so", async () => {
    const here = await run("plan", "crown");
    expect(here.exitCode, here.stderr).toBe(0);
    expect(here.stdout).toMatch(/update {2}host {2}crown {2}this machine/);
    const there = await run("plan", "pearl");
    expect(there.exitCode).toBe(1);
    expect(there.stdout + there.stderr).toContain("pearl.invalid");
  });

  test("shells are entered, and entered again without nix until something changes", async () => {
    const say = async (...name: string[]) => run("shell", ...name, "--", "sh", "-c", 'printf %s "$HELLO"');
    expect((await say()).stdout).toBe("hand");
    expect((await say("aws")).stdout).toBe("aws");
    const again = await floe(["shell", "--", "sh", "-c", 'printf %s "$HELLO"'], {
      cwd: flake.root,
      env: { FLOE_NIX: "/nothing" },
    });
    expect(again).toEqual({ exitCode: 0, stdout: "hand", stderr: "" });
    await flake.write("flake.nix", flakeText.replace("HELLO=aws", "HELLO=other"));
    expect((await say("aws")).stdout).toBe("other");
    await flake.write("flake.nix", flakeText);
    const wrong = await run("shell", "asw", "--", "true");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain("Did you mean aws?");
  });

  test("fmt runs the flake's formatter", async () => {
    await flake.write("hosts/pearl.nix", '{ networking.hostName = "pearl"; }   \n');
    const check = await run("fmt", "--check");
    expect([check.exitCode, check.stdout]).toEqual([
      1,
      "✗ hosts/pearl.nix  nix fmt is not formatted\n\n1 file of 7 not formatted; floe fmt formats them\n",
    ]);
    expect(read("hosts/pearl.nix")).toContain("   \n");
    expect(await run("fmt")).toMatchObject({ exitCode: 0, stdout: "✓ hosts/pearl.nix\n\n1 file formatted\n" });
    expect(read("hosts/pearl.nix")).toBe('{ networking.hostName = "pearl"; }\n');
    const staged = await run("fmt", "--staged");
    expect(staged.exitCode).toBe(1);
    expect(staged.stderr).toContain("does not know what is staged");
  });

  test("ci github checks formatting with the flake's formatter", async () => {
    const written = await run("ci", "github", "--branch", "main");
    expect([written.exitCode, written.stderr]).toEqual([0, ""]);
    const workflow = read(".github/workflows/floe.yml");
    expect(workflow).toContain("# floe ci github --branch main --flake-formatter\n");
    expect(workflow).toContain("run: floe fmt --check\n");
    expect(await run("ci", "github", "--check")).toMatchObject({ exitCode: 0 });
    expect((await run("ci", "github", "--no-flake-formatter")).exitCode).toBe(0);
    expect(read(".github/workflows/floe.yml")).not.toContain("floe fmt");
    rmSync(path.join(flake.root, ".github"), { recursive: true });
  });

  test("why and options answer from the evaluation, with the Nix file and line", async () => {
    expect((await run("why", "networking.hostName", "crown")).stdout).toMatch(/"crown"[\s\S]*hosts\/crown\.nix:3:3/);
    expect((await run("options", "networking.host")).stdout).toContain("networking.hostName");
  });

  test("types are those of its hosts", async () => {
    const { exitCode, stdout } = await run("types");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/✓ host crown .*\n✓ host pearl /);
    expect(read(".floe/types/nixos.d.ts")).toContain("hostName");
  });

  test("a mistake in Nix is told with its file and line, a wrong name with that of floe.config.ts", async () => {
    const host = read("hosts/pearl.nix");
    await flake.write("hosts/pearl.nix", "{\n  networking.hostNam = 5;\n}\n");
    const nix = await run("build", "pearl");
    expect(nix.exitCode).toBe(1);
    expect(nix.stderr).toMatch(/host pearl: networking\.hostNam: there is no such option\n\s+at hosts\/pearl\.nix:2:3/);
    expect(nix.stderr).toContain("Did you mean networking.hostName?");
    await flake.write("hosts/pearl.nix", host);
    const config = read("floe.config.ts");
    await flake.write("floe.config.ts", config.replace("nixosConfigurations.pearl", "nixosConfigurations.perl"));
    const { stdout } = await run("check");
    expect(stdout).toMatch(
      /no output nixosConfigurations\.perl; nixosConfigurations has crown, pearl\n\s+at floe\.config\.ts:8:\d+/,
    );
    await flake.write("floe.config.ts", config);
  });

  test("nightly prints its units, with the inputs of the flake", async () => {
    writeFileSync(
      path.join(flake.root, "floe.config.ts"),
      fleetText({ more: `nightly: { folder: ${JSON.stringify(flake.root)}, updateInputs: ["nixpkgs"] },` }),
    );
    const nightly = await run("nightly");
    expect(nightly.exitCode, nightly.stderr).toBe(0);
    expect(nightly.stdout).toContain("--update-inputs");
    writeFileSync(path.join(flake.root, "floe.config.ts"), fleetText());
  });

  test("with TypeScript beside it, synth writes that alone, and says how flake.nix takes it over", async () => {
    const text = fleetText({ hosts: 'opal: host({ networking: { hostName: "opal" } }),' });
    await flake.write("floe.config.ts", text);
    const { stdout } = await run("synth");
    expect(stdout).toBe(
      "Wrote nix/fleet.nix and nix/hosts/opal.nix; new files are for git: git add nix; how flake.nix takes it over is said in nix/fleet.nix\n",
    );
    expect((await run("check")).exitCode).toBe(0);
    expect(lastDocument((await run("build", "opal", "--json")).stdout)).toMatchObject({
      outputs: [{ name: "opal", ok: true }],
    });
    await flake.write("floe.config.ts", fleetText());
    expect((await run("synth")).stdout).toMatch(/^[Rr]emoved nix\/fleet\.nix/);
  });
});

describe.skipIf(skipNix())("an existing flake beside another commit of it", { timeout: 120_000 }, () => {
  let flake: ExistingFlake;
  let first: string;
  const run = (...args: string[]): Promise<Ended> => floe(args, { cwd: flake.root });
  const parts = async (ref: string): Promise<Record<string, string>> => {
    const { stdout } = await run("diff", ref, "--json");
    const { parts } = lastDocument(stdout) as { parts: { kind: string; name: string; state: string }[] };
    return Object.fromEntries(parts.map(({ kind, name, state }) => [`${kind} ${name}`, state]));
  };
  const names = async (...args: string[]): Promise<string[]> => {
    const { outputs } = lastDocument((await run("build", ...args, "--json")).stdout) as { outputs: { name: string }[] };
    return outputs.map(({ name }) => name);
  };
  const withoutCommit = (text: string): string => text.replace(/\([0-9a-f]{7}\)/, "(COMMIT)");
  // Texts with the time: what was built before is compared by its files.
  const pearl = flakeFiles["hosts/pearl.nix"] ?? "";
  const web = flakeFiles["modules/web.nix"] ?? "";

  beforeAll(async () => {
    buildFloe();
    flake = await existingFlake({
      ...flakeFiles,
      // It keeps reading its revision, which a commit changes; what reads the whole source is another with every file.
      "hosts/crown.nix": (flakeFiles["hosts/crown.nix"] ?? "").replace(/ *source\.text = .*\n/, ""),
      "floe.config.ts": fleetText(),
    });
    await run("check");
    await flake.commit();
    first = (await flake.git("rev-parse", "HEAD")).trim();
  });
  afterAll(() => flake?.remove());

  test("where nothing changed nothing differs, and there is nothing to build", async () => {
    const short = first.slice(0, 7);
    expect(await run("diff", "HEAD", "--exit-code")).toMatchObject({
      exitCode: 0,
      stdout: `Nothing differs from HEAD (${short})\n`,
    });
    expect(await parts("HEAD")).toEqual(same);
    const { exitCode, stdout, stderr } = await run("build", "--changed-since", "HEAD");
    expect([exitCode, stdout]).toEqual([0, ""]);
    expect(stderr).toContain(`0 of 5 to build, the others are the same as at ${short}\n`);
    // A file that nothing reads, and a commit of its own.
    await flake.write("README.md", "Words.\n");
    await flake.commit();
    expect((await run("diff", first, "--exit-code")).exitCode).toBe(0);
  });

  test("a host that changed is told, and alone is built", async () => {
    await flake.write("hosts/pearl.nix", pearl.replace("}", `environment.etc.stamp.text = "${Date.now()}"; }`));
    const { exitCode, stdout } = await run("diff", first, "--exit-code");
    expect(exitCode).toBe(3);
    expect(withoutCommit(stdout)).toMatchInlineSnapshot(`
      "~ host pearl  changed
          because of +etc-stamp

      1 of 5 hosts, images, homes and shells differs from the base (COMMIT)
      "
    `);
    expect((await run("diff", first)).exitCode).toBe(0);
    expect(await parts("HEAD")).toEqual({ ...same, "host pearl": "changed" });
    const built = await run("build", "--changed-since", first);
    expect([built.exitCode, built.stdout]).toEqual([0, expect.stringMatching(/^\S+-nixos-system-pearl-\S+\n$/)]);
    expect(await names("web", "--changed-since", first)).toEqual([]);
    // As a commit it differs just so.
    await flake.commit();
    expect(await parts("HEAD~1")).toEqual({ ...same, "host pearl": "changed" });
    expect(await parts("HEAD")).toEqual(same);
  });

  test("an image that changed is told, and both of its parts are built", async () => {
    await flake.write("modules/web.nix", web.replace("by hand", `by another hand: ${Date.now()}`));
    const { exitCode, stdout } = await run("diff", "HEAD", "--exit-code");
    expect(exitCode).toBe(3);
    expect(withoutCommit(stdout)).toMatchInlineSnapshot(`
      "~ container web  changed
          because of etc-web

      1 of 5 hosts, images, homes and shells differs from HEAD (COMMIT)
      "
    `);
    expect(await parts("HEAD")).toEqual({ ...same, "container web": "changed" });
    expect(await names("--changed-since", "HEAD")).toEqual(["web", "web-metadata"]);
    expect(await names("pearl", "web", "--changed-since", first)).toEqual(["pearl", "web", "web-metadata"]);
  });

  test("what no longer evaluates is told, and is a failure to build", async () => {
    await flake.write("hosts/pearl.nix", "{ networking.hostNam = 5; }\n");
    expect(await parts("HEAD")).toMatchObject({ "host crown": "same", "host pearl": "broken" });
    const built = await run("build", "pearl", "--changed-since", "HEAD");
    expect(built.exitCode).toBe(1);
    expect(built.stderr).toContain("host pearl: networking.hostNam: there is no such option");
    await flake.write("hosts/pearl.nix", pearl);
  });

  test("a commit that there is not is refused", async () => {
    const { exitCode, stderr } = await run("diff", "nowhere");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("nowhere");
    expect((await run("build", "--changed-since", "nowhere")).exitCode).toBe(2);
  });
});

describe.skipIf(skipNix() || skipNamespaces())(
  "a host of an existing flake, on this machine",
  { timeout: 120_000 },
  () => {
    const machine = mkdtempSync(path.join(tmpdir(), "floe-view-"));
    let flake: ExistingFlake;
    const page = (text: string): string => `{
  networking.hostName = "atlas";
  system.stateVersion = "26.05";
  services.beat.script = "exec sleep 1000000";
  environment.etc.floe-lab-page.text = "${text}";
}
`;

    beforeAll(async () => {
      await runProgram(process.execPath, [path.resolve(import.meta.dirname, "../../scripts/build.mjs")]);
      flake = await existingFlake({
        ...flakeFiles,
        "hosts/pearl.nix": page("one"),
        "floe.config.ts": `import { fleet, host } from "floe";
export default fleet({ name: "lab", flake: "./flake.nix", hosts: { atlas: host({ from: "nixosConfigurations.pearl", confirm: "20s" }) } });
`,
      });
    });
    afterAll(async () => {
      rmSync(machine, { recursive: true, force: true });
      await flake?.remove();
    });

    test("is switched, is in the history, and is rolled back", async () => {
      const edit = `printf '%s' ${quoteWord(page("two"))} > hosts/pearl.nix`;
      const script = `floe() { "${process.execPath}" "${bin}" "$@"; }; shown() { cat /etc/floe-lab-page; echo; }
      floe switch --yes && shown && ${edit} && floe dry-activate --yes > /dev/null && floe switch --yes && shown &&
      floe history atlas && floe rollback atlas --yes && shown &&
      /run/current-system/sw/bin/firn-service stop-all > /dev/null 2>&1 || true`;
      const out = inView({ machine, hostName: "atlas", cwd: flake.root }, ["sh", "-c", script]);
      expect(out.match(/^(?:one|two)$/gm)).toEqual(["one", "two", "one"]);
      expect(out).toMatch(/^ *✓ atlas +done/m);
    });
  },
);
