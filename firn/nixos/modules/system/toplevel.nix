# `system.build.toplevel`: the whole system as one path.
{ lib, config, pkgs, ... }:
let
  failed = map (a: a.message) (builtins.filter (a: !a.assertion) config.assertions);
  checked =
    if failed != [ ] then throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}"
    # Nothing reads these, so a mistake in them would go unseen.
    else value: lib.showWarnings config.warnings (builtins.deepSeq config.networking.firewall value);

  build = config.system.build;
  steps = lib.imap0 (n: step: step // {
    file = "${lib.fixedWidthNumber 2 n}-${lib.strings.sanitizeDerivationName step.name}";
    variable = "step_${toString n}";
  }) build.activationScripts;
  runtimeFile = name: builtins.toFile name (builtins.readFile (../../runtime + "/${name}"));

  toplevel = pkgs.runCommand "nixos-system-${config.system.name}-${config.system.nixos.version}" ({
    network = build.networkScript;
    dhcp = build.dhcpScript;
    order = lib.concatMapStrings (step: "${step.file}\n") steps;
    passAsFile = [ "network" "dhcp" "order" ] ++ map (step: step.variable) steps;
    passthru = { inherit config; };
  } // lib.listToAttrs (map (step: lib.nameValuePair step.variable step.text) steps)) ''
    mkdir -p $out/bin $out/activation
    ln -s ${config.system.path} $out/sw
    ln -s ${build.etc}/etc $out/etc
    ln -s ${build.units} $out/units
    cp $networkPath $out/network
    cp $dhcpPath $out/dhcp
    cp $orderPath $out/activation/order
    ${lib.concatMapStrings (step: ''cp "''$${step.variable}Path" $out/activation/${step.file}; sh -n $out/activation/${step.file}
    '') steps}
    script() {
      {
        printf '#!%s\nexport PATH=%s\n' ${pkgs.busybox}/bin/sh ${build.runtime}/bin:${pkgs.busybox}/bin
        printf 'systemConfig=%s\n' $out
        cat $2
      } >$out/$1
      chmod 755 $out/$1
    }
    script init ${runtimeFile "init.sh"}
    script activate ${runtimeFile "activate.sh"}
    script bin/switch-to-configuration ${runtimeFile "switch-to-configuration.sh"}
    printf %s ${lib.escapeShellArg config.system.nixos.version} >$out/nixos-version
    printf %s ${lib.escapeShellArg config.nixpkgs.hostPlatform.system} >$out/system
    printf 'firn 1' >$out/init-interface-version
    printf %s ${lib.escapeShellArg config.system.nixos.label} >$out/configuration-name
    ${lib.optionalString (config.system.configurationRevision != null) "printf %s ${lib.escapeShellArg config.system.configurationRevision} >$out/configuration-revision"}
    ${config.system.extraSystemBuilderCmds}
  '';
in
{
  options.system.extraSystemBuilderCmds = lib.mkOption { type = lib.types.lines; internal = true; default = ""; description = "More commands of the system's build, in which $out is the system."; };
  config.system.build.toplevel = checked toplevel;
}
