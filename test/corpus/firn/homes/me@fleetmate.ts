import { home } from "floe";
import { tools } from "../overlays.ts";

export default home(
  { system: "aarch64-linux", specialArgs: { site: "elsewhere" }, nixpkgs: { overlays: [tools] } },
  ({ pkgs, site }) => ({
    home: { username: "me", homeDirectory: `/srv/${site}`, packages: [pkgs.hello, pkgs.banner] },
  }),
);
