import { dir, fleet } from "floe";

export default fleet({
  name: "in-place",
  description: "A container that is updated in place, and one that is not",
  inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  incus: { crown: { url: "https://crown.lan:8443", store: "ssh-ng://root@crown.lan" } },
  containers: dir("./containers"),
});
