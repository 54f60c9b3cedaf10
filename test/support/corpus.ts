/**
 * The corpus: fleets in TypeScript with the same fleets in Nix beside them, written by hand. A project's folder is copied twice; one
 * copy loses the flake of the hand and gets what floe writes, and the real nix says which derivations each of the two makes.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import path from "node:path";
import { loadFleet } from "../../src/config/load.ts";
import { synthFlake } from "../../src/synth/synth.ts";
import { writeFiles } from "../../src/synth/write.ts";
import { nix } from "./nix.ts";
import { run } from "./run.ts";
import { tempProject } from "./temp-project.ts";

const corpusFolder = path.resolve(import.meta.dirname, "../corpus");

/** Store paths of derivations by what they are: `hosts.web`, `packages.x86_64-linux.tool`. */
export type DrvPaths = Readonly<Record<string, string>>;

export interface Corpus {
  /** The copy with the generated flake. */
  readonly typescript: string;
  /** The copy with the flake that a hand wrote. */
  readonly nix: string;
  remove(): Promise<void>;
}

/** Names of what a folder of the project has in TypeScript; everything must have a `.nix` file beside it. */
export function pairs(project: string, kind: "hosts" | "containers" | "homes" | "modules"): string[] {
  const files = readdirSync(path.join(corpusFolder, project, kind));
  const names = files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length));
  const alone = names.find((name) => !files.includes(`${name}.nix`));
  if (alone !== undefined) throw new Error(`${project}/${kind}/${alone}.ts has no hand-written Nix beside it`);
  return names.sort();
}

/** The two copies. `fill` makes the folder that `@INPUTS@` names; `texts` are other words to replace in the two flakes. */
export async function openCorpus(
  project: string,
  fill: (inputs: string) => Promise<void>,
  texts: Readonly<Record<string, string>> = {},
): Promise<Corpus> {
  const whole = await tempProject();
  const inputs = path.join(whole.root, "inputs");
  await cp(path.join(corpusFolder, "inputs"), inputs, { recursive: true });
  await fill(inputs);
  const copy = async (name: string): Promise<string> => {
    const root = path.join(whole.root, name);
    await cp(path.join(corpusFolder, project), root, { recursive: true });
    for (const file of ["floe.config.ts", "flake.nix"]) {
      const words = { ...texts, "@INPUTS@": inputs };
      const text = readFileSync(path.join(root, file), "utf8");
      await writeFile(
        path.join(root, file),
        Object.entries(words).reduce((done, [word, by]) => done.replaceAll(word, by), text),
      );
    }
    return root;
  };
  const made = { typescript: await copy("typescript"), nix: await copy("nix"), remove: whole.remove };
  rmSync(path.join(made.typescript, "flake.nix"));
  writeFiles(made.typescript, synthFlake(await loadFleet(made.typescript)));
  for (const folder of [made.typescript, made.nix]) await nix(["flake", "lock", `path:${folder}`]);
  return made;
}

/** What floe writes for a project of the corpus, but where text is the user's own Nix. Needs no nix. */
export async function generatedFiles(project: string): Promise<string[]> {
  const copy = await tempProject({}, path.join(corpusFolder, project));
  try {
    const config = readFileSync(path.join(copy.root, "floe.config.ts"), "utf8");
    await copy.write("floe.config.ts", config.replace(/"@(NIXPKGS|HOME_MANAGER)@"/g, '"github:example/$1"'));
    const files = synthFlake(await loadFleet(copy.root));
    return [...files].filter(([file]) => file !== "nix/hosts/verbatim.nix").map(([, text]) => text);
  } finally {
    await copy.remove();
  }
}

/** The derivations of both copies, in one process. `select` is Nix: a function of a flake to a set of derivations, as deep as it likes. */
export async function drvPaths(
  corpus: Corpus,
  select: string,
): Promise<{ readonly typescript: DrvPaths; readonly nix: DrvPaths }> {
  const expression = `
    let
      paths = prefix: value:
        if value.type or null == "derivation" then [ { name = prefix; value = value.drvPath; } ]
        else builtins.concatMap (name: paths (if prefix == "" then name else "\${prefix}.\${name}") value.\${name}) (builtins.attrNames value);
      of = folder: builtins.listToAttrs (paths "" ((${select}) (builtins.getFlake "path:\${folder}")));
    in
    { typescript = of "${corpus.typescript}"; nix = of "${corpus.nix}"; }`;
  const text = await nix(["eval", "--impure", "--json", "--expr", expression]);
  return JSON.parse(text) as { readonly typescript: DrvPaths; readonly nix: DrvPaths };
}

/** A git repository of a folder's files. */
export async function makeRepository(folder: string): Promise<void> {
  const git = (...args: readonly string[]) => run("git", ["-C", folder, ...args]);
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", ".");
  const identity = ["-c", "user.name=floe", "-c", "user.email=floe@example.org", "-c", "commit.gpgsign=false"];
  await git(...identity, "commit", "--quiet", "--message", "all");
}
