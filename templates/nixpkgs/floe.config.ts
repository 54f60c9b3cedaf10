import { dir, fleet } from "floe";

export default fleet({
  description: "my systems",
  inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
  shells: "./devshells.ts",
});
