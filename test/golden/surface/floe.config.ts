import { dir, fleet } from "floe";

export default fleet({
  name: "surface",
  description: "Every way to say something",
  inputs: {
    nixpkgs: "github:nixos/nixpkgs/nixos-26.05",
    "home-manager": { url: "github:nix-community/home-manager", follows: { nixpkgs: "nixpkgs" } },
    dotfiles: { url: "git+https://example.org/me/dotfiles", flake: false },
  },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
});
