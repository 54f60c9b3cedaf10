import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { buildFloe, floe, lastDocument, skipNix } from "./support/floe.ts";

const root = path.resolve(import.meta.dirname, "../..");
const env = { INCUS_SOCKET: "/nonexistent/unix.socket" };

const flake = `{
  description = "by hand";
  outputs = { self }: let
    nixpkgs = (import ./firn/flake.nix).outputs { self = nixpkgs; };
    system = "x86_64-linux";
    pkgs = nixpkgs.legacyPackages.\${system};
    host = module: nixpkgs.lib.nixosSystem { inherit system; modules = [ module ]; };
    web = (host ./firn/nixos/modules/virtualisation/lxc-container.nix).config.system.build;
  in {
    nixosConfigurations.crown = host { };
    packages.\${system} = { web = web.squashfs; webMetadata = web.metadata; };
    devShells.\${system}.default = pkgs.mkShell { };
  };
}
`;

let project: TempProject;

beforeAll(buildFloe);
beforeEach(async () => {
  project = await tempProject({ "flake.nix": flake, ".envrc": "use flake\n" });
  cpSync(path.join(root, "firn"), path.join(project.root, "firn"), { recursive: true });
});
afterEach(() => project.remove());

const adopt = (...words: string[]) => floe(["adopt", ...words], { cwd: project.root, env });
const files = () => readdirSync(project.root).sort();

describe.skipIf(skipNix())("floe adopt", () => {
  test("shows what it found and would write, and writes nothing without leave", async () => {
    const before = files();
    const { exitCode, stdout, stderr } = await adopt();
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/ {2}hosts +crown\n {2}containers +web +packages\.x86_64-linux\.web\n {2}shells +default\n/);
    expect(stderr).toMatch(/ {2}· \.envrc +direnv enters a dev shell +floe shell\n/);
    expect(stderr).toMatch(/ {2}\+ floe\.config\.ts /);
    expect(stderr).toContain("Add --yes when it shall be done without a question");
    expect(files()).toEqual(before);
  });

  test("--dry-run prints the file and leaves no trace", async () => {
    const before = files();
    const { exitCode, stdout } = await adopt("--dry-run");
    expect(exitCode).toBe(0);
    expect(stdout).toContain('    crown: host({ from: "nixosConfigurations.crown", system: "x86_64-linux" }),\n');
    expect(files()).toEqual(before);
  });

  test("--yes writes a project that loads, and not a byte of the flake", async () => {
    const { exitCode, stdout } = await adopt("--yes");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/✓ floe\.config\.ts names 1 host, 1 container and 1 shell\n[\s\S]*\nNext\n {2}floe list /);
    expect(readFileSync(path.join(project.root, "flake.nix"), "utf8")).toBe(flake);
    expect(existsSync(path.join(project.root, "flake.lock"))).toBe(false);
    expect(existsSync(path.join(project.root, "nix"))).toBe(false);
    const list = await floe(["list", "--json"], { cwd: project.root, env });
    expect(lastDocument(list.stdout)).toMatchObject({ kind: "list", hosts: [{ name: "crown" }] });
    expect(readFileSync(path.join(project.root, "flake.nix"), "utf8")).toBe(flake);
  });

  test("what it writes is formatted as Biome formats it", async () => {
    await adopt("--yes");
    const text = readFileSync(path.join(project.root, "floe.config.ts"), "utf8");
    const biome = path.join(root, "node_modules/.bin/biome");
    const formatted = execFileSync(biome, ["format", "--stdin-file-path=floe.config.ts"], { cwd: root, input: text });
    expect(formatted.toString()).toBe(text);
  });

  test("a second time it tells what is new, and changes nothing", async () => {
    await adopt("--yes");
    const config = readFileSync(path.join(project.root, "floe.config.ts"), "utf8");
    const same = await adopt("--yes");
    expect(same).toMatchObject({ exitCode: 0, stdout: "✓ floe.config.ts names everything that flake.nix has\n" });
    await project.write(
      "flake.nix",
      flake.replace("crown = host { };", "crown = host { }; nixosConfigurations.nova = host { };"),
    );
    const { exitCode, stdout } = await adopt("--json");
    expect(exitCode).toBe(2);
    expect(lastDocument(stdout)).toMatchObject({
      kind: "adopt-flake",
      written: false,
      additions: {
        hosts: [{ name: "nova", lines: ['nova: host({ from: "nixosConfigurations.nova", system: "x86_64-linux" }),'] }],
        containers: [],
      },
    });
    expect(readFileSync(path.join(project.root, "floe.config.ts"), "utf8")).toBe(config);
  });

  test("a flake with nothing to take over gets no project", async () => {
    await project.write("flake.nix", "{ outputs = { self }: { lib = { }; }; }\n");
    const before = files();
    const { exitCode, stderr } = await adopt("--yes");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("error: There is nothing to take over");
    expect(files()).toEqual(before);
  });
});

test("adopt without a flake says where to begin", async () => {
  const empty = await tempProject();
  const { exitCode, stderr } = await floe(["adopt"], { cwd: empty.root });
  await empty.remove();
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: `error: There is no flake.nix in "${empty.root}" or a folder above it\n\n  hint: Go to the folder of your flake, or name it with \`-C DIR\`. To begin without one: floe init\n`,
  });
});

test("adopt incus is still there, and adopt takes no other word", async () => {
  expect((await floe(["adopt", "incus", "--help"])).stdout).toContain("Usage  floe adopt incus [NAME...]");
  expect((await floe(["adopt", "--help"])).stdout).toContain("Usage  floe adopt [FLAGS]");
  expect(await floe(["adopt", "incsu"])).toMatchObject({ exitCode: 2 });
  expect((await floe(["__complete", "adopt", "i"])).stdout).toBe("incus\tTake over instances that were made by hand\n");
});
