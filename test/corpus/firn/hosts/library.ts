import { host, nix } from "floe";

const names = ["b", "a", "c"];

export default host(({ config, lib }) => ({
  environment: {
    etc: lib.mkMerge([
      lib.genAttrs(names, (name) => ({ text: `about ${name}` })),
      lib.mapAttrs((_, text) => ({ text }), { given: "by reference" }),
      lib.optionalAttrs(nix.eq(config.networking.hostName, "nixos"), { unnamed: { text: "yes" } }),
    ]),
    variables: {
      UPPER: lib.concatMapStringsSep(",", lib.toUpper, names),
      SORTED: lib.concatStringsSep(" ", lib.sort(nix`a: b: a < b`, names)),
      PIPED: lib.pipe("  text ", [lib.trim, lib.toUpper, lib.stringLength, nix.toString]),
      JSON: lib.generators.toJSON({}, { some: [1, true, null] }),
      INI: lib.generators.toINI({}, { section: { key: "value", list: 1 } }),
      ESCAPED: lib.escapeShellArgs(["it's", "$HOME", `${config.networking.hostName}`]),
    },
  },
}));
