import { dir, fleet, nix } from "floe";
import { site } from "./modules/site.ts";
import { tools } from "./overlays.ts";

export default fleet({
  description: "The corpus: every host twice, in TypeScript and in Nix",
  inputs: {
    nixpkgs: "path:@INPUTS@/firn",
    "home-manager": { url: "path:@INPUTS@/home-manager", follows: { nixpkgs: "nixpkgs" } },
    dotfiles: { url: "git+file://@INPUTS@/dotfiles", flake: false },
    theme: { url: "file://@INPUTS@/theme.tar.gz", flake: false },
    secrets: { url: "path:@INPUTS@/secrets", flake: false },
  },
  specialArgs: { site: "lab" },
  systems: ["x86_64-linux", "aarch64-linux"],
  hosts: dir("./hosts"),
  containers: dir("./containers"),
  homes: dir("./homes"),
  shells: "./devshells.ts",
  overlays: { default: tools },
  nixosModules: { site, plain: nix.path("./modules/plain.nix") },
  packages: ({ pkgs, system }) => ({
    motd: pkgs.writeText("motd", `hello from ${system}`),
    tool: pkgs.callPackage(nix.path("./pkgs/tool.nix"), { greeting: "hello" }),
  }),
  checks: ({ pkgs, lib, inputs, system }) => ({
    tool: inputs.self.packages.$(system).tool,
    names: pkgs.writeText(
      "names",
      lib.concatMapStringsSep("\n", (name) => inputs.self.packages.$(system, name).name, ["motd", "tool"]),
    ),
  }),
  formatter: ({ pkgs }) => pkgs.hello,
});
