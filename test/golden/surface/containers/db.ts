import { container } from "floe";
import { web } from "../modules/web.ts";

export default container({ instances: { db: { volumes: { "/var/lib/postgresql": "db" } } } }, ({ pkgs, inputs }) => ({
  imports: [web, `${inputs.nixpkgs}/nixos/modules/profiles/minimal.nix`],
  services: { postgresql: { enable: true, package: pkgs.postgresql_16, ensureDatabases: ["app"] } },
  networking: { firewall: { allowedTCPPorts: [5432] } },
}));
