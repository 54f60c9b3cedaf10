import { host } from "floe";

const texts = {
  dollar: "$ $$ ${x} $${y} \\${z}",
  quotes: `"double" 'single' ''two'' '''three'''`,
  slashes: "\\ \\n \\\\ C:\\path",
  controls: "tab\there, return\rhere, bell\u0007, escape\u001b[0m",
  lines: "one\ntwo\n  three\n\n  four\n",
  blank: "  \n\t\n ",
  unicode: "naïve — ✓ 🚢 \u2028 \ufeff",
  comment: "# no /* comment */",
  nix: "''${x} ''$ ''\\n ''' ${''y''}",
  empty: "",
} as const;

export default host(({ config, pkgs }) => ({
  environment: {
    etc: {
      ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [`texts/${name}`, { text }])),
      mixed: {
        text: `$${config.networking.hostName} \\${pkgs.hello} "${config.system.stateVersion}"${pkgs.hello.name}$\n''${pkgs.bash}''\n`,
      },
      [`computed-${config.networking.hostName}`]: { text: "key" },
      'two/parts $x "q"': { enable: false, text: "" },
    },
    variables: { HELLO: `${pkgs.hello}/bin/hello`, BOTH: `a${pkgs.hello.name}b` },
  },
}));
