import { host, nix } from "floe";

const limit = 2;

export default host(({ config, lib, pkgs }) => ({
  boot: {
    kernelParams: nix`
      let
        base = [ "quiet" "loglevel=3" ];
      in
      lib.take ${limit} (base ++ [ "panic=${config.networking.hostName}" ])
    `,
  },
  environment: {
    etc: {
      filtered: {
        text: nix.toJSON(nix`
          lib.filterAttrs (name: value: ${["a", "c"]} != [ ] && lib.elem name ${["a", "c"]}) ${{ a: 1, b: 2, c: "3" }}
        `),
      },
      antiquoted: { text: nix`"in ''${`a ${pkgs.hello.name}`}'' \${toString 5} and \\ \n"` },
      multi: {
        text: nix`
          ''
            indented ${config.networking.hostName}
              deeper \${toString 1} '''
          ''
        `,
      },
      made: { text: nix.raw(`toString (1 + ${limit})`) },
      with: { text: nix`with lib; concatStringsSep "," (reverseList ${nix.map(["x", "y"], (x) => lib.toUpper(x))})` },
    },
  },
}));
