# Users and groups, as whole /etc/passwd, /etc/group and /etc/shadow files. Written only on a system that firn booted.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;
  cfg = config.users;

  # A number below 500 that depends on the name alone, so that adding a user moves nobody else's files.
  hexDigits = { "0" = 0; "1" = 1; "2" = 2; "3" = 3; "4" = 4; "5" = 5; "6" = 6; "7" = 7; "8" = 8; "9" = 9; a = 10; b = 11; c = 12; d = 13; e = 14; f = 15; };
  number = name: lib.mod (builtins.foldl' (sum: digit: sum * 16 + hexDigits.${digit}) 0
    (lib.stringToCharacters (builtins.substring 0 8 (builtins.hashString "sha256" name)))) 500;

  user = { name, config, ... }: {
    options = {
      name = mkOption { type = types.passwdEntry types.str; default = name; description = "The user's name."; };
      uid = mkOption {
        type = types.nullOr types.int;
        default = null;
        apply = given: if given != null then given else number config.name + (if config.isNormalUser then 1000 else 400);
        description = "The user's number. Null: one that follows from the name.";
      };
      group = mkOption { type = types.str; default = if config.isNormalUser then "users" else "nogroup"; description = "The user's first group."; };
      extraGroups = mkOption { type = types.listOf types.str; default = [ ]; description = "The user's other groups."; };
      description = mkOption { type = types.passwdEntry types.str; default = ""; description = "The user's full name."; };
      home = mkOption { type = types.passwdEntry types.path; default = if config.isNormalUser then "/home/${config.name}" else "/var/empty"; description = "The home directory."; };
      createHome = mkOption { type = types.bool; default = config.isNormalUser; description = "Whether to make the home directory."; };
      shell = mkOption { type = types.nullOr (types.either types.shellPackage (types.passwdEntry types.path)); default = if config.isNormalUser then cfg.defaultUserShell else "/run/current-system/sw/bin/nologin"; apply = v: if lib.isDerivation v then "${v}${v.shellPath}" else toString v; description = "The login shell."; };
      isNormalUser = mkOption { type = types.bool; default = false; description = "Whether the user is a person."; };
      isSystemUser = mkOption { type = types.bool; default = false; description = "Whether the user belongs to a service."; };
      hashedPassword = mkOption { type = types.nullOr (types.passwdEntry types.str); default = null; description = "The password as crypt(3) has it. Null: no login with a password."; };
      initialHashedPassword = mkOption { type = types.nullOr (types.passwdEntry types.str); default = null; description = "The same; firn makes no difference."; };
      openssh.authorizedKeys.keys = mkOption { type = types.listOf types.singleLineStr; default = [ ]; description = "Keys that may log in. Recorded in /etc/ssh/authorized_keys.d."; };
      packages = mkOption { type = types.listOf types.package; default = [ ]; description = "The user's packages. They go to all users."; };
    };
  };
  group = { name, config, ... }: {
    options = {
      name = mkOption { type = types.passwdEntry types.str; default = name; description = "The group's name."; };
      gid = mkOption {
        type = types.nullOr types.int;
        default = null;
        apply = given: if given != null then given else number config.name + 400;
        description = "The group's number. Null: one that follows from the name.";
      };
      members = mkOption { type = types.listOf types.str; default = [ ]; description = "Users in the group, beside those that name it."; };
    };
  };

  users = lib.sortOn (u: u.uid) (builtins.attrValues cfg.users);
  groups = lib.sortOn (g: g.gid) (builtins.attrValues cfg.groups);
  gidOf = name: if cfg.groups ? ${name} then cfg.groups.${name}.gid else 65534;
  membersOf = g: lib.unique (g.members ++ map (u: u.name) (builtins.filter (u: builtins.elem g.name u.extraGroups) users));
  password = u: if u.hashedPassword != null then u.hashedPassword else if u.initialHashedPassword != null then u.initialHashedPassword else "!";

  passwd = lib.concatMapStrings (u: "${u.name}:x:${toString u.uid}:${toString (gidOf u.group)}:${u.description}:${u.home}:${u.shell}\n") users;
  groupFile = lib.concatMapStrings (g: "${g.name}:x:${toString g.gid}:${builtins.concatStringsSep "," (membersOf g)}\n") groups;
  shadow = lib.concatMapStrings (u: "${u.name}:${password u}:1::::::\n") users;

  repeated = numbers: builtins.filter (n: lib.count (m: m == n) numbers > 1) (lib.unique numbers);
  uids = map (u: u.uid) users;
  gids = map (g: g.gid) groups;
  homes = builtins.filter (u: u.createHome) users;
in
{
  options.users = {
    users = mkOption { type = types.attrsOf (types.submodule user); default = { }; description = "Users by name."; };
    groups = mkOption { type = types.attrsOf (types.submodule group); default = { }; description = "Groups by name."; };
    mutableUsers = mkOption { type = types.bool; default = false; description = "firn's users are always those of the configuration."; };
    defaultUserShell = mkOption { type = types.either types.path types.shellPackage; default = "/bin/sh"; description = "The login shell of people."; };
  };
  config = {
    users.users = {
      root = { uid = 0; group = "root"; home = "/root"; shell = lib.mkDefault cfg.defaultUserShell; description = "System administrator"; createHome = true; };
      nobody = { uid = 65534; isSystemUser = true; group = "nogroup"; };
    };
    users.groups = { root.gid = 0; wheel.gid = 1; users.gid = 100; nogroup.gid = 65534; };
    environment.systemPackages = lib.concatMap (u: u.packages) users;
    environment.etc = lib.listToAttrs (map (u: lib.nameValuePair "ssh/authorized_keys.d/${u.name}" {
      text = lib.concatMapStrings (key: "${key}\n") u.openssh.authorizedKeys.keys;
    }) (builtins.filter (u: u.openssh.authorizedKeys.keys != [ ]) users));
    assertions =
      map (uid: { assertion = false; message = "The users ${lib.concatMapStringsSep " and " (u: "`${u.name}'") (builtins.filter (u: u.uid == uid) users)} have the same uid ${toString uid}. Set `users.users.<name>.uid' for one of them."; }) (repeated uids)
      ++ map (gid: { assertion = false; message = "The groups ${lib.concatMapStringsSep " and " (g: "`${g.name}'") (builtins.filter (g: g.gid == gid) groups)} have the same gid ${toString gid}. Set `users.groups.<name>.gid' for one of them."; }) (repeated gids)
      ++ map (u: { assertion = cfg.groups ? ${u.group}; message = "The user `${u.name}' is in the group `${u.group}', which `users.groups' does not have."; }) users;

    system.activationScripts.users = {
      deps = [ "etc" ];
      text = ''
        [ -e /run/firn-booted ] || exit 0
        put() { cat >"/etc/$1.new"; chmod "$2" "/etc/$1.new"; mv "/etc/$1.new" "/etc/$1"; }
        put passwd 0644 <<'END OF FILE'
        ${passwd}END OF FILE
        put group 0644 <<'END OF FILE'
        ${groupFile}END OF FILE
        umask 077
        put shadow 0600 <<'END OF FILE'
        ${shadow}END OF FILE
        umask 022
        ${lib.concatMapStrings (u: ''
          if [ ! -d ${u.home} ]; then mkdir -p ${u.home}; chmod 0700 ${u.home}; chown ${toString u.uid}:${toString (gidOf u.group)} ${u.home}; fi
        '') homes}
      '';
    };
  };
}
