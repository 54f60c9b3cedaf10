import { dir, fleet } from "floe";

export default fleet({
  description: "my systems",
  inputs: {
    nixpkgs: "github:nixos/nixpkgs/nixos-26.05",
    "home-manager": { url: "github:nix-community/home-manager/release-26.05", follows: { nixpkgs: "nixpkgs" } },
  },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
  homes: dir("./homes"),
  shells: "./devshells.ts",
});
