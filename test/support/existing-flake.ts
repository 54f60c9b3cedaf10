/** Flakes as people have them: written by hand, in a git repository, with firn where nixpkgs would be. */
import { cp } from "node:fs/promises";
import path from "node:path";
import { makeRepository } from "./corpus.ts";
import { addFirnBase } from "./firn-system.ts";
import { nix } from "./nix.ts";
import { run } from "./run.ts";
import { type TempProject, tempProject } from "./temp-project.ts";

export interface ExistingFlake extends TempProject {
  /** Commits everything. */
  commit(): Promise<void>;
  git(...words: readonly string[]): Promise<string>;
}

/** The words `NIXPKGS` in flake.nix become the reference of firn's repository, which lies beside the project. */
export async function existingFlake(files: Readonly<Record<string, string>>): Promise<ExistingFlake> {
  await addFirnBase();
  const whole = await tempProject();
  const firn = path.join(whole.root, "firn");
  await cp(path.resolve(import.meta.dirname, "../../firn"), firn, { recursive: true });
  await makeRepository(firn);
  const root = path.join(whole.root, "project");
  const write = (file: string, text: string) =>
    whole.write(`project/${file}`, text.replaceAll("NIXPKGS", `git+file://${firn}`));
  for (const [file, text] of Object.entries({ ".gitignore": ".floe\nnode_modules\n", ...files }))
    await write(file, text);
  const git = (...words: readonly string[]) =>
    run("git", ["-C", root, "-c", "user.name=floe", "-c", "user.email=floe@example.org", ...words]);
  await makeRepository(root);
  return {
    root,
    write,
    remove: whole.remove,
    git,
    async commit() {
      await git("add", "--all");
      await git("-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "more");
    },
  };
}

/** What `nixos-rebuild build --flake .#NAME` would build, as a derivation. */
export async function drvPathOf(folder: string, name: string): Promise<string> {
  const attribute = `nixosConfigurations.${name}.config.system.build.toplevel.drvPath`;
  return nix(["eval", "--raw", `git+file://${await repository(folder)}#${attribute}`]);
}

async function repository(folder: string): Promise<string> {
  const top = (await run("git", ["-C", folder, "rev-parse", "--show-toplevel"])).trim();
  const inside = path.relative(top, folder);
  return inside === "" ? top : `${top}?dir=${inside}`;
}

/** Two hosts, an image, shells and a formatter, the usual way. */
export const flakeText = `{
  description = "systems by hand";
  inputs.nixpkgs.url = "NIXPKGS";
  outputs = inputs@{ self, nixpkgs, ... }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.\${system};
      nixos = modules: nixpkgs.lib.nixosSystem { inherit system modules; specialArgs = { inherit inputs; }; };
      web = nixos [ ({ modulesPath, ... }: { imports = [ (modulesPath + "/virtualisation/lxc-container.nix") ]; }) ./modules/web.nix ];
    in
    {
      nixosConfigurations = {
        crown = nixos [ ./hosts/crown.nix ];
        pearl = nixos [ ./hosts/pearl.nix ];
      };
      packages.\${system} = {
        web = web.config.system.build.tarball or web.config.system.build.squashfs;
        webMetadata = web.config.system.build.metadata;
      };
      nixosModules.motd = { environment.etc.motd.text = "from the flake"; };
      devShells.\${system} = {
        default = pkgs.mkShell { shellHook = "export HELLO=hand"; };
        aws = pkgs.mkShell { shellHook = "export HELLO=aws"; };
      };
      formatter.\${system} = pkgs.writeShellScriptBin "tidy" ''
        for file in hosts/*.nix; do sed -i 's/[ ]*$//' "$file"; done
      '';
    };
}
`;

/** Reads of its own source all that can be read. */
const crown = `{ inputs, ... }:
{
  networking.hostName = "crown";
  environment.etc = {
    revision.text = inputs.self.rev or inputs.self.dirtyRev or "none";
    counted.text = toString (inputs.self.revCount or "none");
    stamp.text = inputs.self.lastModifiedDate + toString inputs.self.lastModified;
    source.text = "\${inputs.self}";
  };
}
`;

export const flakeFiles: Readonly<Record<string, string>> = {
  "flake.nix": flakeText,
  "hosts/crown.nix": crown,
  "hosts/pearl.nix": '{ networking.hostName = "pearl"; }\n',
  "modules/web.nix": '{ environment.etc.web.text = "by hand"; }\n',
};

/** A floe.config.ts of all of it; `more` are further keys, `hosts` and `instances` what stands in these. */
export function fleetText({ more = "", hosts = "", instances = "web: {}", head = "" } = {}): string {
  return `import { container, fleet, home, host, nix, shell } from "floe";
${head}
export default fleet({
  name: "taken-over",
  flake: "./flake.nix",
  hosts: {
    crown: host({ from: "nixosConfigurations.crown", system: "x86_64-linux", target: "local" }),
    pearl: host({ from: "nixosConfigurations.pearl", system: "x86_64-linux", target: "root@pearl.invalid" }),
    ${hosts}
  },
  containers: {
    web: container({
      from: { rootfs: "packages.x86_64-linux.web", metadata: "packages.x86_64-linux.webMetadata" },
      system: "x86_64-linux",
      instances: { ${instances} },
    }),
  },
  shells: { default: shell({ from: "default" }), aws: shell({ from: "aws" }) },
  ${more}
});
`;
}

/** Its parts beside a commit that has the same of each. */
export const allSame = {
  "host crown": "same",
  "host pearl": "same",
  "container web": "same",
  "shell aws": "same",
  "shell default": "same",
} as const;
