import { dir, fleet } from "floe";

export default fleet({
  description: "Machines as people have them, twice",
  inputs: { nixpkgs: "@NIXPKGS@" },
  specialArgs: { domain: "example.org" },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
});
