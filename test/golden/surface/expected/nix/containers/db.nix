# Written by floe from containers/db.ts; edit that file and run "floe synth".
{
  pkgs,
  inputs,
  modulesPath,
  ...
}:

{
  _file = "containers/db.ts";

  imports = [
    (modulesPath + "/virtualisation/lxc-container.nix")
    ../modules/web.nix
    "${inputs.nixpkgs}/nixos/modules/profiles/minimal.nix"
  ];

  services.postgresql = {
    enable = true;
    package = pkgs.postgresql_16;
    ensureDatabases = [ "app" ];
  };

  networking.firewall.allowedTCPPorts = [ 5432 ];
}
