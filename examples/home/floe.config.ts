import { dir, fleet } from "floe";

export default fleet({
  name: "home",
  description: "A host and two containers to try floe with",
  // firn is a small base that builds without a network. A real fleet says:
  //   inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  inputs: { nixpkgs: dir("./firn") },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
  shells: "./devshells.ts",
});
