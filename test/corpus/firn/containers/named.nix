{ modulesPath, ... }:
{
  imports = [ (modulesPath + "/virtualisation/lxc-container.nix") ];

  networking.hostName = "always-this";
  virtualisation.lxc.compressionLevel = 3;
}
