import { host, nix } from "floe";

export default host({ nixpkgs: ({ inputs }) => ({ overlays: [inputs.self.overlays.default] }) }, ({ lib, pkgs }) => ({
  environment: {
    systemPackages: [
      pkgs.toolbox.withPackages((ps) => [ps.hello, ps.bash]),
      pkgs.toolbox.withPackages((ps) => lib.attrValues({ inherit: ps.hello })),
    ],
    etc: lib.listToAttrs(
      lib.imap1(
        (number, name) => lib.nameValuePair(`list/${name}`, { text: nix.toString(number) }),
        ["one", "two", "three"],
      ),
    ),
    variables: {
      CURRIED: lib.foldl((sum, { name, value }) => `${sum} ${name}=${value}`, "all:", [{ name: "a", value: "b" }]),
    },
  },
}));
