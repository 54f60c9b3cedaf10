import { host, type Overlay, text } from "floe";
import { server } from "../modules/server.ts";

/** A package of one's own, one with other sources, one with other options. */
const packages: Overlay = (final, prev) => ({
  hello: prev.hello.overrideAttrs((old) => ({
    pname: `${old.pname}-loud`,
  })),
  greet: final.writeShellScriptBin("greet", `exec ${final.hello}/bin/hello "$@"`),
  htop: prev.htop.override({ ncurses: prev.ncurses5 }),
  python3: prev.python3.override({
    packageOverrides: (_self, superset) => ({
      requests: superset.requests.overridePythonAttrs((_old) => ({ doCheck: false })),
    }),
  }),
});
const python: Overlay = (_final, prev) => ({ mypython: prev.python3.withPackages((ps) => [ps.requests]) });

export default host(({ pkgs }) => ({
  imports: [server],
  networking: { hostName: "overlays" },
  nixpkgs: {
    overlays: [packages, python],
    config: { allowUnfreePredicate: (_pkg) => true, permittedInsecurePackages: ["openssl-1.0.2u"] },
  },
  environment: {
    systemPackages: [pkgs.greet, pkgs.mypython],
    etc: { about: { text: text`${pkgs.hello.name} is ${pkgs.hello.pname}` } },
  },
}));
