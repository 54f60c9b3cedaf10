{
  config,
  lib,
  options,
  ...
}:
{
  config = lib.mkMerge [
    {
      networking.hostName = "conditions";
      networking.firewall.allowedTCPPorts = [ 22 ];
    }
    (lib.mkIf config.networking.firewall.enable {
      networking.firewall.allowedTCPPorts = lib.mkBefore [ 21 ];
    })
    (lib.mkIf (options.time.timeZone.isDefined && !config.boot.isContainer) {
      environment.etc.zone.text = "set";
    })
    {
      time.timeZone = "UTC";
      environment.etc.ports.text = builtins.toJSON config.networking.firewall.allowedTCPPorts;
    }
  ];
}
