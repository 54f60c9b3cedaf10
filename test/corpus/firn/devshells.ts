import { nix, sh, shells } from "floe";

const needed = ["hello", "bash"];

export default shells(({ pkgs, lib, inputs, system }) => ({
  default: {
    packages: [pkgs.hello],
    env: { LEVEL: "high", GREETING: `hello from ${pkgs.hello}` },
    shellHook: sh`
      echo "level $LEVEL, home \${HOME}"
    `,
  },
  docs: {
    name: "docs",
    inputsFrom: [inputs.self.devShells.$(system).default],
    packages: nix.concat(
      needed.map((name) => pkgs.$(name)),
      lib.optional(lib.hasSuffix("-linux", system), pkgs.busybox),
    ),
  },
  whole: pkgs.mkShellNoCC({ packages: [pkgs.bash], TERM: "dumb" }),
}));
