# The kernel and what is loaded with it. firn boots neither: they are files of the built system under NixOS' names, by which a
# system that needs a reboot is told from one that does not. Containers have none, as in NixOS.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;
  cfg = config.boot;
  kernel = cfg.kernelPackages.kernel;
  # Another directory for other content, named as NixOS names it.
  part = name: content: pkgs.runCommand name { content = builtins.toJSON content; } ''
    mkdir $out
    printf '%s\n' "$content" >$out/content
  '';
  modules = part "linux-${kernel.version}-modules" (map toString cfg.extraModulePackages);
  initrd = part "initrd-linux-${kernel.version}" cfg.initrd;
in
{
  options.boot = {
    kernelPackages = mkOption { type = types.raw; default = pkgs.linuxPackages; defaultText = lib.literalExpression "pkgs.linuxPackages"; description = "The kernel, as its attribute `kernel`. firn only records it."; };
    extraModulePackages = mkOption { type = types.listOf types.package; default = [ ]; description = "More modules of the kernel. firn only records them."; };
    initrd = mkOption { type = types.attrsOf types.anything; default = { }; description = "The first root file system. firn only records it."; };
    kernelParams = mkOption { type = types.listOf types.str; default = [ ]; description = "Parameters of the kernel. firn only records them."; };
  };
  options.systemd.package = mkOption { type = types.nullOr types.package; default = null; description = "What the link `systemd` of the built system leads to; firn needs none. Null: there is no such link."; };
  config.system.extraSystemBuilderCmds = lib.mkIf (!cfg.isContainer) ''
    ${lib.optionalString (config.systemd.package != null) "ln -s ${config.systemd.package} $out/systemd"}
    ln -s ${kernel}/bzImage $out/kernel
    ln -s ${initrd}/content $out/initrd
    ln -s ${modules} $out/kernel-modules
    printf %s ${lib.escapeShellArg (toString cfg.kernelParams)} >$out/kernel-params
  '';
}
