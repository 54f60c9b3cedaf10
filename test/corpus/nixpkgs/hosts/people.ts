import { host } from "floe";
import { server } from "../modules/server.ts";

interface Person {
  readonly name: string;
  readonly uid: number;
  readonly admin?: boolean;
}
const people: readonly Person[] = [
  { name: "ada", uid: 1001, admin: true },
  { name: "grace", uid: 1002 },
];
const key = ({ name }: Person) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${name} ${name}@laptop`;

export default host(({ config, lib, pkgs }) => ({
  imports: [server],
  networking: { hostName: "people" },
  users: {
    mutableUsers: false,
    defaultUserShell: pkgs.zsh,
    users: {
      ...Object.fromEntries(
        people.map((person) => [
          person.name,
          {
            isNormalUser: true,
            uid: person.uid,
            extraGroups: person.admin ? ["wheel", "docker"] : [],
            openssh: { authorizedKeys: { keys: [key(person)] } },
            hashedPassword: "$6$rounds=1000$salt$hash/.",
          },
        ]),
      ),
      root: { openssh: { authorizedKeys: { keys: people.filter(({ admin }) => admin).map(key) } } },
      backup: {
        isSystemUser: true,
        home: "/var/backup",
        createHome: true,
        shell: `${pkgs.bash}/bin/bash`,
        group: "backup",
      },
    },
    groups: {
      backup: { members: lib.attrNames(lib.filterAttrs((_name, user) => user.isNormalUser, config.users.users)) },
      docker: {},
    },
  },
  programs: { zsh: { enable: true, interactiveShellInit: "bindkey '^[[A' history-beginning-search-backward\n" } },
}));
