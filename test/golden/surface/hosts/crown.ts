import { host, nix, sh, text } from "floe";
import { web } from "../modules/web.ts";

const kernelParams = ["quiet", ...["loglevel=3", "panic=10"]];
const nobody = undefined;

export default host({ target: "root@crown.lan", tags: ["server"] }, ({ config, lib, pkgs, options }) => ({
  imports: [nix.path("./crown/hardware-configuration.nix"), nix.path("crown/with space.nix"), web],

  boot: {
    kernelParams,
    loader: { grub: { device: "/dev/sda" } },
    kernel: { sysctl: { "net.ipv4.ip_forward": 1, "vm.swappiness": 10 } },
  },
  networking: {
    hostName: "crown",
    firewall: { allowedTCPPorts: [22, 443], allowedUDPPortRanges: [{ from: 60000, to: 61000 }] },
    interfaces: {
      eth0: {
        ipv4: {
          addresses: [
            { address: "192.168.6.5", prefixLength: 24 },
            { address: "10.0.0.1", prefixLength: 8 },
          ],
        },
      },
    },
  },
  time: { timeZone: lib.mkForce("UTC") },
  services: { openssh: { enable: true, settings: { PermitRootLogin: "no" }, extraConfig: nobody } },

  systemd: {
    services: {
      hello: {
        wantedBy: ["multi-user.target"],
        serviceConfig: { ExecStart: `${pkgs.hello}/bin/hello -g "on $\{HOST}"`, Nice: -5 },
        script: sh`
          set -eu
          exec ${pkgs.hello}/bin/hello --greeting "on ${config.networking.hostName}, home \${HOME}" \
            | sed 's/\./\n/' | tr "'" '"' # costs $${nix`1 + 1`}, it''s cheap
          cat ${pkgs.writeText(
            "motd",
            text`
            first

              second ''
          `,
          )} \`date\`
        `,
      },
    },
  },

  environment: {
    systemPackages: [pkgs.htop, pkgs.python3.withPackages((ps) => [ps.requests, ps.numpy])],
    variables: { EDITOR: "vim", EMPTY: "", TABBED: "a\tb", QUOTED: 'say "hi" \\o/', DOLLARS: "$$ ${x} $" },
    etc: {
      "two/parts": { text: "no newline\nat the end\nof this" },
      "10-or": { source: nix.path("../modules") },
      or: { enable: options.environment.etc.isDefined },
      [`${config.networking.hostName}.conf`]: {
        text: nix.toJSON({ a: [1, nix.float(2), -0.5, 1e-7, 9007199254740993n], b: null }),
      },
    },
  },

  users: lib.mkMerge([
    { users: { me: { isNormalUser: true, extraGroups: ["wheel"] } }, mutableUsers: false },
    lib.mkIf(nix.and(config.my.web.enable, nix.not(config.boot.isContainer)), { groups: { web: {} } }),
  ]),

  "home-manager": {
    users: {
      me: ({ config }) => ({
        home: { stateVersion: "26.05", sessionPath: [`${config.home.homeDirectory}/bin`] },
        programs: { git: { enable: true } },
      }),
    },
  },

  nixpkgs: {
    overlays: [
      (final, prev) => ({
        hello: prev.hello.overrideAttrs((old) => ({ patches: nix.concat(nix.get(old, "patches", []), [final.fix]) })),
      }),
    ],
  },

  lib: {
    shared: nix.let({ port: 8080, config: config.my }, ({ port, config }) => ({
      listen: [port, nix.get(config, ["web", "port"], port)],
      again: port,
    })),
    chosen: nix.if(nix.has(config.my, "web", "port"), "custom", nix.path("..")),
    joined: nix.update(config.environment.variables, { A: "a", B: "b" }),
    named: nix.map(config.users.groups, (group) => nix.map(group.members, (group) => `${group.name}-member`)),
    filtered: nix`
      lib.mapAttrs (name: value: {
        inherit name;
        text = ''
          \${value}
            and ${pkgs.hello}
        '';
      }) ${config.environment.etc}
    `,
    hidden: ["nothing", true, false, null, config.$("a.b").c.$("if")],
    raw: nix.raw(`import ${nix.path("./crown/hardware-configuration.nix")}`),
  },
}));
