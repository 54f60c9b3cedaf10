/** `pkgs` in TypeScript: the names there are. What a name stands for only Nix knows. */
import type { PackageNames } from "./dump.ts";
import { namer, propertyName } from "./names.ts";

/**
 * Sets of packages whose names are looked up too, where there are such sets. Haskell's, R's, TeX's and Emacs' are left out: each takes longer
 * than all the rest, and untyped they work as well.
 */
export const PACKAGE_SETS: readonly string[] = [
  ...[
    "python3Packages",
    "perlPackages",
    "nodePackages",
    "rubyPackages",
    "ocamlPackages",
    "luaPackages",
    "beamPackages",
  ],
  ...[
    "linuxPackages",
    "linuxPackages_latest",
    "llvmPackages",
    "xorg",
    "gnome",
    "gnome3",
    "kdePackages",
    "libsForQt5",
    "qt5",
    "qt6",
    "plasma5",
  ],
  ...[
    "kdeApplications",
    "mate",
    "xfce",
    "gst_all_1",
    "vimPlugins",
    "vscode-extensions",
    "fishPlugins",
    "tmuxPlugins",
    "nerd-fonts",
  ],
  ...[
    "nginxModules",
    "postgresqlPackages",
    "kodiPackages",
    "home-assistant-custom-components",
    "rustPackages",
    "dotnetPackages",
    "coqPackages",
  ],
];

/** Names of `pkgs` that are no packages: these are text, functions and sets. */
const NOT_PACKAGES = new Set([
  "lib",
  "system",
  "config",
  "path",
  "overlays",
  "stdenv",
  "targetPlatform",
  "hostPlatform",
  "buildPlatform",
  "formats",
  "nixosTests",
]);
/** Functions that are given the packages of a set: `python3.withPackages((ps) => [ps.requests])`. */
const CHOOSERS: Readonly<Record<string, string>> = {
  python3: "python3Packages",
  perl: "perlPackages",
  ruby: "rubyPackages",
  lua: "luaPackages",
};

/** The text of `packages.d.ts`, without its header. */
export function packagesFile({ names, sets }: PackageNames): string {
  if (names.length === 0)
    return `import type { Expr } from "floe";\n\n/** The names in it are not known. */\nexport type Packages = Expr;\n`;
  const takeName = namer(["Packages", "Expr", "Pkg"]);
  const declared = new Map<string, string>();
  const interfaces: string[] = [];
  const typeOfSet = new Map<string, string>();
  for (const [set, inner] of Object.entries(sets)) {
    const body = inner.map((name) => entry(name, "Pkg")).join("");
    const known = declared.get(body) ?? takeName(["Packages", set]);
    if (!declared.has(body)) interfaces.push(`export interface ${known} {\n${body}}\n`);
    declared.set(body, known);
    typeOfSet.set(set, known);
  }
  const typeOf = (name: string): string => {
    const chosen = typeOfSet.get(CHOOSERS[name] ?? "");
    if (NOT_PACKAGES.has(name)) return "Expr";
    return typeOfSet.get(name) ?? (chosen === undefined ? "Pkg" : `Pkg & Chooser<${chosen}>`);
  };
  const top = names.map((name) => entry(name, typeOf(name))).join("");
  return `import type { Expr, Pkg } from "floe";

/** What is made with some packages of a set. */
interface Chooser<Set> {
  withPackages(choose: (packages: Set) => readonly unknown[] | Expr): Pkg;
}

${interfaces.join("\n")}
/** The packages and functions of nixpkgs. */
export interface Packages {
${top}}
`;
}

// --- internal ---

function entry(name: string, type: string): string {
  return `  ${propertyName(name)}: ${type};\n`;
}
