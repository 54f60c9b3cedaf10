{ modulesPath, ... }:
{
  imports = [ (modulesPath + "/virtualisation/lxc-container.nix") ];

  services.cache = {
    command = [
      "sleep"
      "3600"
    ];
    stateDirectory = "cache";
  };
  networking.firewall.allowedTCPPorts = [ 6379 ];
}
