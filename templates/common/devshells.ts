import { shells } from "floe";

// nix develop
export default shells(({ pkgs }) => ({
  default: { packages: [pkgs.hello] },
}));
