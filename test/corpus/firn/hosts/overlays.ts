import { host } from "floe";

export default host({ nixpkgs: ({ inputs }) => ({ overlays: [inputs.self.overlays.default] }) }, ({ pkgs }) => ({
  environment: { systemPackages: [pkgs.hello], etc: { banner: { source: pkgs.banner } } },
}));
