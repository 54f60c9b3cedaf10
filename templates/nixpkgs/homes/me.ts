import { home } from "floe";

// A home of home-manager on a machine that need not be NixOS. Users of a host have theirs in it: "home-manager": { users: { me: { ... } } }.
export default home({ system: "x86_64-linux" }, ({ pkgs }) => ({
  home: { username: "me", homeDirectory: "/home/me", packages: [pkgs.ripgrep], stateVersion: "26.05" },
  programs: { git: { enable: true } },
}));
