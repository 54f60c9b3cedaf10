# The host's name, and addresses set by busybox's ip and udhcpc.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;
  cfg = config.networking;

  addresses = family: mkOption {
    default = [ ];
    description = "Addresses of the interface, ${family}.";
    type = types.listOf (types.submodule {
      options = {
        address = mkOption { type = types.str; description = "The address."; };
        prefixLength = mkOption { type = types.ints.between 0 128; description = "The length of its network's prefix."; };
      };
    });
  };
  interface = {
    options = {
      useDHCP = mkOption { type = types.nullOr types.bool; default = null; description = "Whether to ask for an address; null: as `networking.useDHCP`."; };
      ipv4.addresses = addresses "IPv4";
      ipv6.addresses = addresses "IPv6";
    };
  };
  static = lib.filterAttrs (_: i: i.ipv4.addresses ++ i.ipv6.addresses != [ ]) cfg.interfaces;
  asked = builtins.attrNames (lib.filterAttrs (_: i: i.useDHCP == true) cfg.interfaces);
  refused = builtins.attrNames static ++ builtins.attrNames (lib.filterAttrs (_: i: i.useDHCP == false) cfg.interfaces);
  gateway = if builtins.isString cfg.defaultGateway then cfg.defaultGateway else (cfg.defaultGateway.address or null);

  dhcpScript = pkgs.writeScript "udhcpc-script" ("#!${pkgs.busybox}/bin/sh\n" + builtins.readFile ../../runtime/udhcpc.sh);
in
{
  options.networking = {
    hostName = mkOption {
      type = types.strMatching "^$|^[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?$";
      default = "nixos";
      description = "The name of the machine. Empty: the one it was given, for example by Incus.";
    };
    domain = mkOption { type = types.nullOr types.str; default = null; description = "The domain of the machine."; };
    hosts = mkOption { type = types.attrsOf (types.listOf types.str); default = { }; example = { "192.168.0.2" = [ "files" ]; }; description = "Names by address, for /etc/hosts."; };
    extraHosts = mkOption { type = types.lines; default = ""; description = "Lines for /etc/hosts."; };
    nameservers = mkOption { type = types.listOf types.str; default = [ ]; description = "Name servers."; };
    useDHCP = mkOption { type = types.bool; default = true; description = "Whether interfaces without an address ask for one."; };
    interfaces = mkOption { type = types.attrsOf (types.submodule interface); default = { }; description = "Network interfaces by name."; };
    defaultGateway = mkOption {
      type = types.nullOr (types.either types.str (types.submodule { options.address = mkOption { type = types.str; description = "The gateway."; }; }));
      default = null;
      description = "Where packets for elsewhere go.";
    };
  };

  config = {
    environment.etc = {
      hostname = lib.mkIf (cfg.hostName != "") { base = true; text = "${cfg.hostName}\n"; };
      hosts = {
        base = true;
        text = ''
          127.0.0.1 localhost
          ::1 localhost
          ${lib.optionalString (cfg.hostName != "") "127.0.0.2 ${lib.optionalString (cfg.domain != null) "${cfg.hostName}.${cfg.domain} "}${cfg.hostName}"}
          ${builtins.concatStringsSep "\n" (lib.mapAttrsToList (address: names: "${address} ${builtins.concatStringsSep " " names}") cfg.hosts)}
          ${cfg.extraHosts}
        '';
      };
      "resolv.conf" = lib.mkIf (cfg.nameservers != [ ]) {
        base = true;
        text = lib.concatMapStrings (server: "nameserver ${server}\n") cfg.nameservers;
      };
    };

    # Run by init, before any service: hostname, lo, static addresses.
    system.build.networkScript = ''
      ${lib.optionalString (cfg.hostName != "") "hostname ${lib.escapeShellArg cfg.hostName} 2>/dev/null || true"}
      ip link set lo up
      ${lib.concatStrings (lib.mapAttrsToList (name: i: ''
        if [ -e /sys/class/net/${name} ]; then
          ip link set ${name} up
          ${lib.concatMapStrings (a: "ip addr replace ${a.address}/${toString a.prefixLength} dev ${name}\n") (i.ipv4.addresses ++ i.ipv6.addresses)}
        fi
      '') static)}
      ${lib.optionalString (gateway != null) "ip route replace default via ${gateway} 2>/dev/null || true"}
    '';

    # One client an interface that init finds; it goes on asking in the background, and nothing waits for it.
    system.build.dhcpScript = ''
      for device in ${if cfg.useDHCP then "$(ls /sys/class/net)" else builtins.concatStringsSep " " asked}; do
        case " lo ${builtins.concatStringsSep " " refused} " in *" $device "*) continue ;; esac
        [ -e "/sys/class/net/$device/device" ] || [ -e "/sys/class/net/$device/address" ] || continue
        ip link set "$device" up
        udhcpc -b -S -t 5 -T 1 -A 5 -i "$device" -x hostname:"$(hostname)" -s ${dhcpScript} >/dev/null 2>&1 </dev/null &
      done
    '';
  };
}
