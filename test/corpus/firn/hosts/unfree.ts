import { host, nix } from "floe";

export default host(
  {
    nixpkgs: {
      config: { allowUnfree: true, cudaSupport: true, permittedInsecurePackages: ["openssl-1.1.1w"] },
    },
  },
  ({ pkgs }) => ({
    environment: { etc: { config: { text: nix.toJSON(pkgs.config) } } },
  }),
);
