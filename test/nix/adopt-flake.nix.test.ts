/** Flakes in each of the forms that people have, read by the real nix. firn stands in for nixpkgs. */
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type FlakeAdoption, proposeFlakeAdoption, writeFlakeAdoption } from "../../src/adopt-flake/adopt-flake.ts";
import { configText } from "../../src/adopt-flake/config-text.ts";
import { narHash } from "../../src/adopt-flake/nar-hash.ts";
import { NixError } from "../../src/errors.ts";
import { nix } from "../support/nix.ts";
import { run } from "../support/run.ts";
import { tempProject } from "../support/temp-project.ts";
import { nixCommand } from "./fixtures/mini.ts";

const root = path.resolve(import.meta.dirname, "../..");

beforeEach(() => {
  vi.stubEnv("FLOE_NIX", nixCommand);
  vi.stubEnv("FLOE_OFFLINE", "1");
  vi.stubEnv("INCUS_SOCKET", "/nonexistent/unix.socket");
});

/** `outputs` is Nix in which firn is `nixpkgs`, and `host`, `image` and `pkgs` come from it. */
function flakeOf(outputs: string, inputs = ""): string {
  return `{
  description = "by hand";
  ${inputs}
  outputs = inputs: let
    nixpkgs = (import ./firn/flake.nix).outputs { self = nixpkgs; };
    system = "x86_64-linux";
    pkgs = nixpkgs.legacyPackages.\${system};
    host = module: nixpkgs.lib.nixosSystem { inherit system; modules = [ module ]; };
    image = module: host { imports = [ ./firn/nixos/modules/virtualisation/lxc-container.nix module ]; };
    build = module: (image module).config.system.build;
  in ${outputs};
}
`;
}

async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const made = await tempProject(files);
  onTestFinished(() => made.remove());
  cpSync(path.join(root, "firn"), path.join(made.root, "firn"), { recursive: true });
  return made.root;
}

function propose(folder: string): Promise<FlakeAdoption> {
  return proposeFlakeAdoption(folder, { emit: () => {}, signal: new AbortController().signal });
}

async function adopt(outputs: string, files: Readonly<Record<string, string>> = {}): Promise<FlakeAdoption> {
  return propose(await project({ "flake.nix": flakeOf(outputs), ...files }));
}

const names = (members: readonly { readonly name: string }[]) => members.map(({ name }) => name);

describe("what is found", () => {
  test("hosts, homes, shells, and images that are pairs of packages with any of the three endings", async () => {
    const { found, unread, missing, isLockBehind } = await adopt(`{
      nixosConfigurations.crown = host { networking.hostName = "crown"; };
      nixosConfigurations.arm = nixpkgs.lib.nixosSystem { system = "aarch64-linux"; modules = [ ]; };
      homeConfigurations."me@crown" = { config.home.username = "someone"; pkgs = pkgs; };
      deploy.nodes.crown = { hostname = "crown.lan"; sshUser = "root"; };
      packages.\${system} = {
        web = throw "an image that its name tells is not evaluated"; webMetadata = throw "nor this";
        db = throw "nor this"; db-metadata = throw "nor this";
        mail-rootfs = throw "nor this"; mail_metadata = throw "nor this";
        tool = pkgs.hello;
      };
      packages.aarch64-linux = { pi = 1; piMetadata = 1; web = 1; webMetadata = 1; };
      devShells.\${system} = { default = pkgs.mkShell { }; aws = throw "not evaluated"; };
      checks.\${system}.style = 1;
      formatter.\${system} = pkgs.hello;
      apps.\${system}.x = throw "not looked at";
      nixosModules.x = throw "not looked at";
    }`);
    expect({ unread, missing, isLockBehind }).toEqual({ unread: [], missing: [], isLockBehind: false });
    expect(found).toEqual({
      description: "by hand",
      system: "x86_64-linux",
      hosts: [
        { name: "arm", from: "nixosConfigurations.arm", system: "aarch64-linux", homes: [] },
        {
          name: "crown",
          from: "nixosConfigurations.crown",
          system: "x86_64-linux",
          target: "root@crown.lan",
          homes: [],
        },
      ],
      homes: [{ name: "me@crown", from: 'homeConfigurations."me@crown"', system: "x86_64-linux", user: "someone" }],
      containers: [
        pair("db", "packages.x86_64-linux.db", "packages.x86_64-linux.db-metadata"),
        pair("mail", "packages.x86_64-linux.mail-rootfs", "packages.x86_64-linux.mail_metadata"),
        pair("pi", "packages.aarch64-linux.pi", "packages.aarch64-linux.piMetadata", "aarch64-linux"),
        pair("web", "packages.x86_64-linux.web", "packages.x86_64-linux.webMetadata"),
      ],
      shells: [{ name: "aws" }, { name: "default" }],
      packages: ["tool"],
      checks: ["style"],
      hasFormatter: true,
      unclassified: [],
    });
  });

  test("a NixOS that is a container is an image, and a package of the same name is that image", async () => {
    const { found } = await adopt(`{
      nixosConfigurations = {
        box = image { };
        web = image { };
        old = host { boot.isContainer = true; system.build.tarball = pkgs.hello; };
        variant = host { system.build.images = { lxc = pkgs.hello; lxc-metadata = pkgs.hello; }; };
        crown = host { fileSystems."/" = { device = "/dev/sda"; }; system.build.images = { lxc = pkgs.hello; lxc-metadata = pkgs.hello; }; };
      };
      packages.\${system} = { web = inputs.self.nixosConfigurations.web.config.system.build.tarball; webMetadata = 1; };
    }`);
    expect(names(found.hosts)).toEqual(["crown"]);
    expect(found.containers.map(({ name, from, form }) => [name, from.rootfs, form])).toEqual([
      ["box", "nixosConfigurations.box.config.system.build.squashfs", "system.build"],
      ["variant", "nixosConfigurations.variant.config.system.build.images.lxc", "system.build.images"],
      ["web", "packages.x86_64-linux.web", "packages"],
    ]);
    expect(found.containers.map(({ note }) => note)).toEqual([
      "boot.isContainer is true",
      "it has no root file system, so it is no machine",
      undefined,
    ]);
    expect(found.unclassified.map(({ path: place }) => place)).toEqual(["nixosConfigurations.old"]);
  });

  test("outputs that a function makes of modules, as flake-parts does, and of folders", async () => {
    const { found } = await adopt(
      `let
        eachSystem = names: perSystem: builtins.foldl' (all: name: let each = perSystem name; in
          all // builtins.mapAttrs (output: value: (all.\${output} or { }) // { \${name} = value; }) each) { } names;
        files = builtins.attrNames (builtins.readDir ./hosts);
      in eachSystem [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ] (system: {
        packages = { web = (build { }).squashfs; web-metadata = (build { }).metadata; };
        devShells.default = pkgs.mkShell { };
        formatter = pkgs.hello;
      }) // {
        nixosConfigurations = builtins.listToAttrs (map (file: {
          name = builtins.head (builtins.split "[.]" file);
          value = host (./hosts + "/\${file}");
        }) files);
      }`,
      { "hosts/crown.nix": "{ }", "hosts/my_nas.nix": "{ }" },
    );
    expect(found.hosts).toEqual([
      { name: "crown", from: "nixosConfigurations.crown", system: "x86_64-linux", homes: [] },
      {
        name: "my-nas",
        from: "nixosConfigurations.my_nas",
        system: "x86_64-linux",
        homes: [],
        note: '"my_nas" in the flake',
      },
    ]);
    expect(found.containers).toEqual([pair("web", "packages.x86_64-linux.web", "packages.x86_64-linux.web-metadata")]);
    expect([names(found.shells), found.hasFormatter]).toEqual([["default"], true]);
  });

  test("what it cannot make out is told with the way to name it by hand", async () => {
    const { found } = await adopt(`{
      packages.\${system} = { lone = (build { }).tarball; left-metadata = 1; tool = pkgs.hello; notDerivation = { }; };
      images = { a = 1; a-metadata = 1; };
      stuff = { b = 1; };
      devShell.\${system} = pkgs.mkShell { };
      darwinConfigurations.mac = throw "never looked at";
    }`);
    expect(names(found.containers)).toEqual(["a"]);
    // As `nix develop` takes it.
    expect(names(found.shells)).toEqual(["default"]);
    expect(found.packages).toEqual(["notDerivation", "tool"]);
    expect(found.unclassified.map(({ path: place, reason }) => `${place}: ${reason.split(",")[0]}`)).toEqual([
      'packages.x86_64-linux.lone: an image (tarball) without its metadata: there is no "loneMetadata" or "lone-metadata"',
      "packages.x86_64-linux.left-metadata: metadata of an image",
      "darwinConfigurations: machines with macOS",
      "stuff: an output of a name that nix has no meaning for; it has b",
    ]);
    for (const { byHand } of found.unclassified) expect(byHand).not.toBe("");
  });
});

describe("what fails", () => {
  test("stays its own, whatever way it fails", async () => {
    const { found, unread } = await adopt(`{
      nixosConfigurations = {
        crown = host { };
        thrown = throw "not today";
        missing = { config = { }.nothing; };
        typo = host { networking.hostNam = "x"; };
        ended = builtins.abort "the end";
        circle = let a = a; in a;
      };
      homeConfigurations = throw "no homes";
      packages.\${system} = { web = 1; webMetadata = 1; bad = { }.gone; };
      devShells.\${system} = { }.nothing;
    }`);
    expect(names(found.hosts)).toEqual(["circle", "crown", "ended", "missing", "thrown", "typo"]);
    expect(found.hosts.filter(({ note }) => note === undefined).map(({ name }) => name)).toEqual(["crown"]);
    expect(names(found.containers)).toEqual(["web"]);
    const reasons = new Map(unread.map(({ path: place, why }) => [place, why]));
    expect([...reasons.keys()]).toEqual([
      "devShells.x86_64-linux",
      "homeConfigurations",
      "nixosConfigurations.circle",
      "nixosConfigurations.ended",
      "nixosConfigurations.missing",
      "nixosConfigurations.thrown",
      "nixosConfigurations.typo",
      "packages.x86_64-linux.bad",
    ]);
    expect(reasons.get("nixosConfigurations.thrown")).toBe("not today");
    expect(reasons.get("nixosConfigurations.circle")).toContain("infinite recursion");
    expect(reasons.get("nixosConfigurations.typo")).toContain("hostNam");
  });

  test("inputs that cannot be fetched are told one by one, and the rest is found", async () => {
    const folder = await project({
      "flake.nix": flakeOf(`{
        nixosConfigurations = { crown = host { }; away = inputs.gone.lib.nixosSystem { }; further = inputs.far.x; };
        packages.\${system} = { web = 1; webMetadata = 1; };
      }`),
      "flake.lock": JSON.stringify(lockWith({ gone: "gone", far: "far" })),
    });
    const { found, missing, unread } = await propose(folder);
    expect(names(found.hosts)).toEqual(["away", "crown", "further"]);
    expect(names(found.containers)).toEqual(["web"]);
    expect(missing.map(({ name, url }) => [name, url])).toEqual([
      ["far", "github:nobody/far"],
      ["gone", "github:nobody/gone"],
    ]);
    for (const { why, hint } of missing) {
      expect(why).toContain("cannot be downloaded");
      expect(hint).toContain("go online once");
    }
    expect(unread).toEqual([
      { path: "nixosConfigurations.away", why: 'it needs the input "gone", which cannot be fetched' },
      { path: "nixosConfigurations.further", why: 'it needs the input "far", which cannot be fetched' },
    ]);
  });

  test("a flake that needs such an input for everything says so", async () => {
    const folder = await project({
      "flake.nix": "{ outputs = { self, parts }: parts.lib.make { }; }",
      "flake.lock": JSON.stringify(lockWith({ parts: "parts" })),
    });
    const error = await propose(folder).then(undefined, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NixError);
    expect((error as NixError).message).toContain(
      "all of them need an input that cannot be fetched\n  parts  github:nobody/parts",
    );
  });
});

describe("the lock and the files", () => {
  test("a flake without a lock is locked apart, as far as its inputs can be fetched", async () => {
    const folder = await project({
      "flake.nix": `{
        inputs.base.url = "path:./firn";
        inputs.gone.url = "github:nobody/nothing";
        outputs = { self, base, gone }: {
          nixosConfigurations.crown = base.lib.nixosSystem { system = "x86_64-linux"; modules = [ ]; };
          nixosConfigurations.away = gone.x;
        };
      }`,
    });
    const { found, missing, isLockBehind } = await propose(folder);
    expect(isLockBehind).toBe(true);
    expect(missing.map(({ name }) => name)).toEqual(["gone"]);
    expect(found.hosts.map(({ name, note }) => [name, note === undefined])).toEqual([
      ["away", false],
      ["crown", true],
    ]);
    expect(existsSync(path.join(folder, "flake.lock"))).toBe(false);
    // Another look begins anew: what was locked apart is not taken for the project's.
    expect((await propose(folder)).isLockBehind).toBe(true);
  });

  test("in git, files that it does not track count, and a submodule that was never fetched is in nobody's way", async () => {
    const folder = await project({
      "flake.nix": flakeOf("{ nixosConfigurations = import ./hosts.nix host; }"),
      ".gitignore": "secret.nix\n",
    });
    const git = (...words: string[]) =>
      run("git", [
        "-C",
        folder,
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@y",
        "-c",
        "init.defaultBranch=main",
        ...words,
      ]);
    await git("init", "-q");
    await git("add", "flake.nix", ".gitignore", "firn");
    const commit = (await git("hash-object", "-t", "tree", "/dev/null")).trim();
    await git("update-index", "--add", "--cacheinfo", `160000,${commit},module`);
    await git("commit", "-qm", "x");
    mkdirSync(path.join(folder, "module"));
    writeFileSync(path.join(folder, "hosts.nix"), "host: { crown = host { }; }\n");
    expect(names((await propose(folder)).found.hosts)).toEqual(["crown"]);
  });

  test("writes what a project needs and leaves what is there", async () => {
    const folder = await project({
      "flake.nix": flakeOf("{ nixosConfigurations.crown = host { }; }"),
      ".gitignore": "result",
      "package.json": '{ "name": "mine" }\n',
    });
    const before = readFileSync(path.join(folder, "flake.nix"));
    const adoption = await propose(folder);
    expect(adoption.files.map(({ file, action }) => `${action} ${file}`)).toEqual([
      "create floe.config.ts",
      "create tsconfig.json",
      "append .gitignore",
    ]);
    writeFlakeAdoption(adoption);
    expect(readFileSync(path.join(folder, ".gitignore"), "utf8")).toBe("result\n.floe/\nnode_modules/\n");
    expect(readFileSync(path.join(folder, "package.json"), "utf8")).toBe('{ "name": "mine" }\n');
    expect(readFileSync(path.join(folder, "floe.config.ts"), "utf8")).toBe(configText(adoption.found));
    expect(readFileSync(path.join(folder, "flake.nix")).equals(before)).toBe(true);
    expect(existsSync(path.join(folder, "flake.lock"))).toBe(false);
  });
});

test("the hash of a folder is the one that nix gives it", async () => {
  const folder = await project({ a: "", b: "12345678", "c/d/ü": "text\n", "c/A": "x", "c/-": "y" });
  symlinkSync("../a", path.join(folder, "c/link"));
  chmodSync(path.join(folder, "b"), 0o755);
  expect(narHash(folder)).toBe((await nix(["hash", "path", folder])).trim());
});

const given = (process.env["FLOE_ADOPT_FLAKES"] ?? "").split(",").filter((folder) => folder !== "");
if (given.length === 0) console.warn("adopt-flake: set FLOE_ADOPT_FLAKES=FOLDER,FOLDER to try real flakes");

test.skipIf(given.length === 0).each(given)("the flake in %s is read, or says what it lacks", async (folder) => {
  const made = await tempProject({}, folder);
  onTestFinished(() => made.remove());
  const before = readFileSync(path.join(made.root, "flake.nix"));
  const adoption = await propose(made.root).catch((error: unknown) => error);
  if (adoption instanceof NixError) expect(adoption.details["inputs"]).not.toEqual([]);
  else {
    const { found } = adoption as FlakeAdoption;
    expect(found.hosts.length + found.homes.length + found.containers.length + found.shells.length).toBeGreaterThan(0);
  }
  expect(readFileSync(path.join(made.root, "flake.nix")).equals(before)).toBe(true);
});

function pair(name: string, rootfs: string, metadata: string, system = "x86_64-linux") {
  return { name, from: { rootfs, metadata }, system, form: "packages" };
}

/** A lock file with inputs that no machine can fetch. */
function lockWith(inputs: Readonly<Record<string, string>>) {
  const rev = "a".repeat(40);
  const node = (repo: string) => ({
    locked: { type: "github", owner: "nobody", repo, rev, lastModified: 1, narHash: `sha256-${"A".repeat(43)}=` },
    original: { type: "github", owner: "nobody", repo },
  });
  const nodes = Object.fromEntries(Object.values(inputs).map((repo) => [repo, node(repo)]));
  return { version: 7, root: "root", nodes: { ...nodes, root: { inputs } } };
}
