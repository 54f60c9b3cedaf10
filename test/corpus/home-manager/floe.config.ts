import { dir, fleet } from "floe";

export default fleet({
  description: "People at home on a host, twice",
  inputs: {
    nixpkgs: "@NIXPKGS@",
    "home-manager": { url: "@HOME_MANAGER@", follows: { nixpkgs: "nixpkgs" } },
  },
  hosts: dir("./hosts"),
});
