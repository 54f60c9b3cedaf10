import { host, nix, sh } from "floe";

const site = nix.path("../files/site");

export default host(({ lib, pkgs }) => ({
  environment: {
    etc: {
      motd: { source: nix.path("../files/motd") },
      site: { source: site },
      page: { text: lib.readFile(nix.path("../files/site/page.html")) },
      absolute: { source: "/var/lib/absolute" },
      relative: { text: "./not-a-path" },
      spaced: { text: lib.readFile(nix.path("../files/with space/module.nix")) },
    },
    systemPackages: [pkgs.callPackage(nix.path("../pkgs/tool.nix"), { greeting: "paths" })],
  },
  systemd: {
    services: {
      serve: {
        script: sh`
          exec httpd -f -h ${site}
        `,
      },
    },
  },
}));
