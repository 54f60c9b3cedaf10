# Written by floe from hosts/crown.ts; edit that file and run "floe synth".
{
  config,
  lib,
  pkgs,
  options,
  ...
}:

{
  _file = "hosts/crown.ts";

  imports = [
    ../../hosts/crown/hardware-configuration.nix
    (./. + "/../../hosts/crown/with space.nix")
    ../modules/web.nix
  ];

  boot = {
    kernelParams = [
      "quiet"
      "loglevel=3"
      "panic=10"
    ];
    loader.grub.device = "/dev/sda";
    kernel.sysctl = {
      "net.ipv4.ip_forward" = 1;
      "vm.swappiness" = 10;
    };
  };

  networking = {
    hostName = "crown";
    firewall = {
      allowedTCPPorts = [
        22
        443
      ];
      allowedUDPPortRanges = [
        {
          from = 60000;
          to = 61000;
        }
      ];
    };
    interfaces.eth0.ipv4.addresses = [
      {
        address = "192.168.6.5";
        prefixLength = 24;
      }
      {
        address = "10.0.0.1";
        prefixLength = 8;
      }
    ];
  };

  time.timeZone = lib.mkForce "UTC";

  services.openssh = {
    enable = true;
    settings.PermitRootLogin = "no";
  };

  systemd.services.hello = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      ExecStart = "${pkgs.hello}/bin/hello -g \"on \${HOST}\"";
      Nice = -5;
    };
    script = ''
      set -eu
      exec ${pkgs.hello}/bin/hello --greeting "on ${config.networking.hostName}, home ''${HOME}" \
        | sed 's/\./\n/' | tr "'" '"' # costs ''$${1 + 1}, it'''s cheap
      cat ${pkgs.writeText "motd" ''
        first

          second '''
      ''} `date`
    '';
  };

  environment = {
    systemPackages = [
      pkgs.htop
      (pkgs.python3.withPackages (ps: [
        ps.requests
        ps.numpy
      ]))
    ];
    variables = {
      EDITOR = "vim";
      EMPTY = "";
      TABBED = "a\tb";
      QUOTED = ''say "hi" \o/'';
      DOLLARS = "$$ \${x} $";
    };
    etc = {
      "two/parts".text = ''
        no newline
        at the end
        of this'';
      "10-or".source = ../../modules;
      "or".enable = options.environment.etc.isDefined;
      "${config.networking.hostName}.conf".text = builtins.toJSON {
        a = [
          1
          2.0
          (-0.5)
          1.0e-7
          9007199254740993
        ];
        b = null;
      };
    };
  };

  users = lib.mkMerge [
    {
      users.me = {
        isNormalUser = true;
        extraGroups = [ "wheel" ];
      };
      mutableUsers = false;
    }
    (lib.mkIf (config.my.web.enable && !config.boot.isContainer) { groups.web = { }; })
  ];

  home-manager.users.me =
    { config, ... }:
    {
      home = {
        stateVersion = "26.05";
        sessionPath = [ "${config.home.homeDirectory}/bin" ];
      };
      programs.git.enable = true;
    };

  nixpkgs.overlays = [
    (final: prev: {
      hello = prev.hello.overrideAttrs (old: {
        patches = (old.patches or [ ]) ++ [ final.fix ];
      });
    })
  ];

  lib = {
    shared =
      let
        port = 8080;
        config2 = config.my;
      in
      {
        listen = [
          port
          (config2.web.port or port)
        ];
        again = port;
      };
    chosen = if config.my ? web.port then "custom" else ../..;
    joined = config.environment.variables // {
      A = "a";
      B = "b";
    };
    named = map (group: map (group2: "${group2.name}-member") group.members) config.users.groups;
    filtered = lib.mapAttrs (name: value: {
      inherit name;
      text = ''
        ${value}
          and ${pkgs.hello}
      '';
    }) config.environment.etc;
    hidden = [
      "nothing"
      true
      false
      null
      config."a.b".c."if"
    ];
    raw = import ../../hosts/crown/hardware-configuration.nix;
  };
}
