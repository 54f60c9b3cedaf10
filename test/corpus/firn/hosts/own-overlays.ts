import { host } from "floe";
import { tools } from "../overlays.ts";

export default host(({ pkgs, inputs }) => ({
  nixpkgs: {
    overlays: [
      tools,
      (final, prev) => ({ banner: final.writeText("banner", `${prev.banner.name}, again`) }),
      inputs.self.overlays.default,
    ],
    config: { allowUnfree: true },
  },
  environment: { systemPackages: [pkgs.hello], etc: { banner: { source: pkgs.banner } } },
}));
