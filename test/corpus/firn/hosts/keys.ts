import { host } from "floe";

const people = { ada: 1001, grace: 1002, linus: 1003 } as const;
const key = (name: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${name} ${name}@example.org`;

export default host(({ config, lib, pkgs }) => ({
  users: {
    users: {
      ...Object.fromEntries(
        Object.entries(people).map(([name, uid]) => [
          name,
          { isNormalUser: true, uid, openssh: { authorizedKeys: { keys: [key(name)] } } },
        ]),
      ),
      root: { openssh: { authorizedKeys: { keys: config.users.users.ada.openssh.authorizedKeys.keys } } },
      deploy: { isSystemUser: true, group: "deploy", shell: pkgs.bash, hashedPassword: null },
    },
    groups: { deploy: { members: lib.attrNames(lib.filterAttrs((_, user) => user.isNormalUser, config.users.users)) } },
  },
}));
