# Options that configurations for NixOS commonly set and that mean nothing here. They are declared, so that such a
# configuration evaluates, and have no effect.
{ lib, ... }:
let
  idle = type: default: description: lib.mkOption { inherit type default; description = "${description} No effect in firn."; };
  inherit (lib.types) attrsOf anything bool enum int listOf nullOr package port raw str;
in
{
  options = {
    boot = {
      isContainer = idle bool false "Whether the system is a container.";
      kernel.sysctl = idle (attrsOf anything) { } "Kernel settings.";
      loader = idle (attrsOf anything) { } "The boot loader.";
    };
    documentation = idle (attrsOf anything) { } "Documentation.";
    fileSystems = idle (attrsOf anything) { } "File systems.";
    i18n = idle (attrsOf anything) { } "Languages.";
    meta = idle (attrsOf raw) { } "About a module.";
    networking.firewall = {
      enable = idle bool true "Whether to have a firewall.";
      allowedTCPPorts = idle (listOf port) [ ] "TCP ports to let in.";
      allowedUDPPorts = idle (listOf port) [ ] "UDP ports to let in.";
    };
    nix = {
      enable = idle bool true "Whether nix is managed.";
      package = idle (nullOr package) null "The nix to use.";
      settings = idle (attrsOf anything) { } "Settings of nix.";
      extraOptions = idle lib.types.lines "" "Text for nix.conf.";
      gc = idle (attrsOf anything) { } "Garbage collection.";
      registry = idle (attrsOf anything) { } "The flake registry.";
      nixPath = idle (listOf str) [ ] "The path of channels.";
    };
    security = idle (attrsOf anything) { } "Security settings.";
  };
}
