import { host, module } from "floe";

const editor = module(({ pkgs }) => ({ home: { packages: [pkgs.hello] }, programs: { git: { enable: true } } }));

export default host(({ pkgs }) => ({
  users: { users: { me: { isNormalUser: true, home: "/home/me" } } },
  "home-manager": {
    users: {
      me: ({ config, lib }) => ({
        imports: [editor],
        home: {
          file: { ".profile": { text: `export HOME=${config.home.homeDirectory}` } },
          sessionVariables: { EDITOR: lib.mkForce("vim") },
        },
      }),
      guest: { home: { homeDirectory: "/tmp/guest", packages: [pkgs.bash] } },
    },
  },
}));
