import { fleet } from "floe";
import crown from "./hosts/crown.ts";

export default fleet({
  name: "smallest",
  description: "One host",
  inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  hosts: { crown },
});
