import { dir, fleet } from "floe";

export default fleet({
  description: "my systems",
  // firn is a small base to try floe with: it needs no network. For real machines:
  //   inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  inputs: { nixpkgs: dir("./firn") },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
  shells: "./devshells.ts",
});
