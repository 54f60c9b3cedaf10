/** docs/adopt.md, played through as one project: what it shows is what floe prints, and its steps work one after the other. */
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drvPathOf, type ExistingFlake, existingFlake } from "../support/existing-flake.ts";
import { nix } from "../support/nix.ts";
import { buildFloe, type Ended, floe, lastDocument, skipNix } from "./support/floe.ts";

const repository = path.resolve(import.meta.dirname, "../..");
const page = readFileSync(path.join(repository, "docs/adopt.md"), "utf8");
/** The text of a code block, by a word that it has. */
const block = (word: string): string => {
  const blocks = [...page.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, text = ""]) => text);
  const found = blocks.find((text) => text.includes(word));
  if (found === undefined) throw new Error(`docs/adopt.md has no block with ${word}`);
  return found;
};

const flakeText = `{
  description = "my systems";
  inputs.nixpkgs.url = "NIXPKGS";
  outputs = inputs@{ self, nixpkgs }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.\${system};
      home-manager = (import ./home-manager/flake.nix).outputs { self = home-manager; };
      nixos = modules: nixpkgs.lib.nixosSystem { inherit system modules; };
      image = module: nixos [ ({ modulesPath, ... }: { imports = [ (modulesPath + "/virtualisation/lxc-container.nix") module ]; }) ];
      web = (image ./modules/web.nix).config.system.build;
      users = { lib, ... }: { options.home-manager.users = lib.mkOption { default = { }; }; config.home-manager.users.me = { }; };
    in
    {
      nixosConfigurations = {
        crown = nixos [ ./hosts/crown.nix users ];
        pearl = nixos [ ./hosts/pearl.nix ];
        db = image { networking.hostName = "db"; };
      };
      homeConfigurations."me@work" = home-manager.lib.homeManagerConfiguration {
        inherit pkgs;
        modules = [ { home.username = "me"; } ];
      };
      packages.\${system} = {
        web = web.tarball or web.squashfs;
        webMetadata = web.metadata;
        inherit (pkgs) hello bash;
      };
      devShells.\${system} = { default = pkgs.mkShell { }; aws = pkgs.mkShell { shellHook = "export WHERE=aws"; }; };
      formatter.\${system} = pkgs.writeShellScriptBin "tidy" "true";
      deploy.nodes.crown = { hostname = "crown.lan"; sshUser = "root"; };
      nixosModules.motd = { environment.etc.motd.text = "from the flake"; };
    };
}
`;
const greet = `import { module } from "floe";

export const greet = module({ environment: { etc: { greet: { text: "hello" } } } });
`;

let flake: ExistingFlake;
const run = (...words: string[]): Promise<Ended> =>
  floe(words, {
    cwd: flake.root,
    env: {
      INCUS_SOCKET: "/nonexistent/unix.socket",
      XDG_STATE_HOME: path.join(path.dirname(flake.root), "state"),
    },
  });
const done = async (...words: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(...words);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
};
const edit = async (file: string, from: string, to: string): Promise<void> => {
  const text = readFileSync(path.join(flake.root, file), "utf8");
  expect(text).toContain(from);
  await flake.write(file, text.replace(from, to));
};

beforeAll(async () => {
  if (skipNix()) return;
  buildFloe();
  flake = await existingFlake({
    "flake.nix": flakeText,
    "hosts/crown.nix": '{ networking.hostName = "crown"; }\n',
    "hosts/pearl.nix": '{ networking.hostName = "pearl"; }\n',
    "modules/web.nix": '{ environment.etc.web.text = "by hand"; }\n',
    ".pre-commit-config.yaml": "repos: []\n",
    ".gitignore": "result\n.direnv\n",
  });
  cpSync(path.join(repository, "test/incus/home-manager"), path.join(flake.root, "home-manager"), { recursive: true });
  await nix(["flake", "lock", `path:${flake.root}`]);
  await flake.commit();
}, 60_000);
afterAll(() => flake?.remove());

test.skipIf(skipNix())("from the flake to a fleet with both languages", { timeout: 240_000 }, async () => {
  // Take it over.
  const dry = await done("adopt", "--dry-run");
  const shown = block("$ floe adopt").replace(/^\$.*\n/gm, "");
  const [config] = dry.split(/^floe\.config\.ts$/m).slice(1);
  expect(dry.slice(0, shown.length)).toBe(shown);
  expect(config?.replace(/^ {2}/gm, "").trim()).toBe(block('"me@work": home(').trim());
  await done("adopt", "--yes");
  expect(await flake.git("diff", "--name-only")).toBe(".gitignore\n");

  // Look.
  const look = [...block("floe list ").matchAll(/^floe (\w+) ?(\w*)/gm)].map(([, verb, name]) =>
    `${verb} ${name}`.trim(),
  );
  expect(look).toEqual(["list", "plan crown", "build web", "shell aws"]);
  expect(await done("list")).toMatch(/crown +x86_64-linux +root@crown\.lan/);
  const { exitCode, stdout } = await run("plan", "crown");
  expect([exitCode, stdout]).toEqual([1, expect.stringContaining("crown.lan")]);
  expect((await done("build", "web")).split("\n").filter(Boolean)).toHaveLength(2);
  expect(await done("shell", "aws", "--", "sh", "-c", "echo $WHERE")).toBe("aws\n");
  await done("fmt", "--check");

  // The first container: its instance is described; what becomes of it on a server is in the incus tier.
  const entry = (text: string): string => / {4}web: container\(\{[\s\S]*?\n {4}\}\),\n/.exec(text)?.[0] ?? "none";
  await edit("floe.config.ts", entry(block("db: container(")), entry(block("8080: 80 }, mounts")));
  const listed = lastDocument(await done("list", "--json"));
  expect(JSON.stringify(listed)).toContain('"name":"web"');

  // To TypeScript: a host beside those in Nix, with modules of both.
  await flake.write("modules/greet.ts", greet);
  await flake.write("floe.config.ts", block("opal: host("));
  await done("synth");
  await done("build", "opal", "crown");
  await flake.write("hosts/pearl.nix", '{ networking.hostName = "pearl"; imports = [ ../nix/modules/greet.nix ]; }\n');
  await edit(
    "floe.config.ts",
    "crown: host({",
    'pearl: host({ from: "nixosConfigurations.pearl", system: "x86_64-linux" }),\n    crown: host({',
  );
  await done("build", "pearl");

  // One in both is refused; moved, it stays the same system.
  await flake.commit();
  const before = await drvPathOf(flake.root, "pearl");
  await edit(
    "floe.config.ts",
    'pearl: host({ from: "nixosConfigurations.pearl", system: "x86_64-linux" })',
    'pearl: host({ imports: [nix.path("./hosts/pearl.nix")] })',
  );
  expect((await run("build", "pearl")).stderr).toContain("flake.nix has nixosConfigurations.pearl as well");
  await edit("flake.nix", "pearl = nixos [ ./hosts/pearl.nix ];", "");
  await done("build", "pearl");

  // And nixos-rebuild has them all.
  const line = /\/\/ (\(import .*\))\.nixosConfigurations;/.exec(block("fleet.nix inputs"))?.[0] ?? "";
  await edit(
    "flake.nix",
    'db = image { networking.hostName = "db"; };\n      };',
    `db = image { networking.hostName = "db"; };\n      } ${line}`,
  );
  await flake.commit();
  expect(await drvPathOf(flake.root, "pearl")).toBe(before);
  expect(await drvPathOf(flake.root, "opal")).toMatch(/-nixos-system-opal-/);
  await done("synth", "--check");
});
