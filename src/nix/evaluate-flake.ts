/**
 * Evaluation of a flake that floe did not write. It has no output `floe`, so an expression makes one of the outputs that it has; what the project's
 * TypeScript describes beside it is added. See docs/decisions/taken-over-flakes.md.
 */
import type { AttributePath } from "../model/fleet.ts";
import { fleetFile, type TakenOver } from "../model/taken-over.ts";
import type { EvalContext } from "./eval.ts";
import { isFleetFileImported } from "./existing-flake.ts";
import { nixList, quoteNix } from "./quote.ts";
import { countCommits, sourceRevision } from "./source-revision.ts";
import { splitStage } from "./stage.ts";
import { flakeInStage, flakeUrl, type StoredTree, storeTree } from "./staged-flake.ts";
import { localSystem } from "./system.ts";

/** Where the flake is, in the store. */
interface Source {
  readonly tree: StoredTree;
  /** The flake's folder in it, "" for itself. */
  readonly folder: string;
  /** The folder by itself, for a nix that knows no flake in a folder of a path. */
  readonly flake: StoredTree | undefined;
  readonly revision: Readonly<Record<string, string | number>>;
  readonly isImported: boolean;
}

/**
 * The context in which the flake of the stage is evaluated as an existing one; it must be made anew when the stage is. Without `taken` the
 * context as it is.
 * @throws NixError when nix cannot take the snapshot
 */
export async function inExistingFlake(context: EvalContext, taken: TakenOver | undefined): Promise<EvalContext> {
  if (taken === undefined) return context;
  const { top, folder } = splitStage(context.stage);
  const staged = await flakeInStage(context);
  const [tree, flake, revision] = await Promise.all([
    storeTree(context, top),
    // Alone it only says what its inputs are.
    staged.folder === folder ? undefined : storeTree(context, context.stage),
    revisionAttributes(taken.root, context),
  ]);
  const isImported = taken.isMixed && isFleetFileImported(context.stage);
  const source: Source = { tree, flake, folder, revision, isImported };
  return { ...context, outputs: (output, isUnchecked = false) => outputExpression(source, taken, output, isUnchecked) };
}

// --- internal ---

/** As nix itself names them. */
async function revisionAttributes(root: string, { nix, signal }: EvalContext): Promise<Source["revision"]> {
  const revision = await sourceRevision(root, signal);
  if (revision === undefined) return {};
  const { commit, lastModified, isDirty } = revision;
  const short = commit.slice(0, 7);
  const time = {
    lastModified,
    lastModifiedDate: new Date(lastModified * 1000).toISOString().replace(/\.\d+Z|\D/g, ""),
  };
  if (isDirty)
    return {
      ...time,
      ...(nix.features.dirtyRev ? { dirtyRev: `${commit}-dirty`, dirtyShortRev: `${short}-dirty` } : {}),
    };
  const revCount = await countCommits(root, commit, signal);
  return { ...time, rev: commit, shortRev: short, ...(revCount === undefined ? {} : { revCount }) };
}

function outputExpression(source: Source, taken: TakenOver, output: string, isUnchecked: boolean): string {
  return `let ${bindings(source, taken, isUnchecked)}\nin ${outputOf(taken, output)}`;
}

function bindings(source: Source, taken: TakenOver, isUnchecked: boolean): string {
  const { tree, flake, folder, revision, isImported } = source;
  const path = folder === "" ? "" : `/${folder}`;
  const inputs = isUnchecked ? UNCHECKED : "flake.inputs";
  return `
  flake = builtins.getFlake ${quoteNix(flakeUrl(flake ?? tree, flake === undefined ? folder : ""))};
  source = ${flake === undefined ? "flake.sourceInfo" : `builtins.fetchTree { type = "path"; path = ${quoteNix(tree.storePath)}; narHash = ${quoteNix(tree.narHash)}; }`};
  folder = source.outPath + ${quoteNix(path)};
  revision = builtins.fromJSON ${quoteNix(JSON.stringify(revision))};
  sourceInfo = source // revision;
  # What nix does with a flake, with the revision of the repository that the snapshot is of.
  self = outputs // sourceInfo // {
    inherit outputs sourceInfo;
    inherit (flake) inputs;
    outPath = ${flake === undefined ? "flake.outPath" : "source.outPath"};
    _type = "flake";
  };
  outputs = (import (folder + "/flake.nix")).outputs (${inputs} // { inherit self; });
  written = ${taken.isMixed ? `import (folder + ${quoteNix(`/${fleetFile}`)}) (${inputs} // { inherit self; })` : "{ }"};
  isImported = ${isImported};${FUNCTIONS}`;
}

/** Machines that set options which do not exist are let pass. */
const UNCHECKED = `(let
    unchecked = nixpkgs: nixpkgs // {
      lib = nixpkgs.lib // {
        nixosSystem = args: nixpkgs.lib.nixosSystem (args // { modules = args.modules ++ [ { _module.check = false; } ]; });
      };
    };
  in flake.inputs // (if flake.inputs ? nixpkgs then { nixpkgs = unchecked flake.inputs.nixpkgs; } else { }))`;

const FUNCTIONS = `
  dotted = builtins.concatStringsSep ".";
  # The attribute at a path; what is missing is told with what is there.
  at = path: (builtins.foldl' (found: name:
    let
      names = builtins.attrNames found.value;
      there = if names == [ ] then "has nothing" else "has \${builtins.concatStringsSep ", " names}";
      where = if found.path == [ ] then "it" else dotted found.path;
    in
    if builtins.isAttrs found.value && found.value ? \${name} then { value = found.value.\${name}; path = found.path ++ [ name ]; }
    else throw "The flake has no output \${dotted path}; \${where} \${if builtins.isAttrs found.value then there else "is no attribute set"}"
  ) { value = outputs; path = [ ]; } path).value;
  part = what: name: path: let found = at path; in
    if builtins.isAttrs found && found ? \${name} then found.\${name} else throw "The flake's output \${dotted path} is no \${what}";
  derivation = path: let found = at path; in builtins.seq (part "derivation" "drvPath" path) found;
  host = path: (part "NixOS configuration" "config" path).system.build.toplevel;
  home = path: part "home configuration" "activationPackage" path;
  image = paths: { rootfs = derivation paths.rootfs; metadata = derivation paths.metadata; };
  shell = system: name:
    if name == "default" && !(outputs ? devShells.\${system}.default) && outputs ? devShell.\${system} then outputs.devShell.\${system}
    else derivation [ "devShells" system name ];
  # What TypeScript describes; a name that the flake has as well, not from there, would be one of two machines.
  own = output: part: what: builtins.mapAttrs (name: value:
    if !isImported && outputs ? \${output}.\${name}
    then throw "The name \\"\${name}\\" is described in TypeScript, and flake.nix has \${output}.\${name} as well" else value
  ) (what.\${part} or { });`;

function outputOf(taken: TakenOver, output: string): string {
  if (output === "floe") return fleetOf(taken);
  if (output === "nixosConfigurations")
    return `own "nixosConfigurations" "nixosConfigurations" written // { ${paths("at", taken.machines)} }`;
  if (output === "homeConfigurations")
    return `own "homeConfigurations" "homeConfigurations" written // { ${paths("at", taken.homes)} }`;
  return `(outputs.${output} or { })`;
}

/** The names alone cost nothing, but a flake that has no outputs at all fails as a whole. */
function fleetOf({ hosts, homes, images, shells }: TakenOver): string {
  const system = quoteNix(localSystem());
  const image = Object.entries(images).map(
    ([name, { rootfs, metadata }]) =>
      `${quoteNix(name)} = image { rootfs = ${nixList(rootfs)}; metadata = ${nixList(metadata)}; };`,
  );
  const shell = Object.entries(shells).map(([name, from]) => `${quoteNix(name)} = shell ${system} ${quoteNix(from)};`);
  return `builtins.seq (builtins.attrNames outputs) {
  hosts = own "nixosConfigurations" "hosts" (written.floe or { }) // { ${paths("host", hosts)} };
  homes = own "homeConfigurations" "homes" (written.floe or { }) // { ${paths("home", homes)} };
  images = own "nixosConfigurations" "images" (written.floe or { }) // { ${image.join(" ")} };
  shells = (written.floe.shells or { }) // { ${shell.join(" ")} };
}`;
}

function paths(fn: string, of: Readonly<Record<string, AttributePath>>): string {
  return Object.entries(of)
    .map(([name, path]) => `${quoteNix(name)} = ${fn} ${nixList(path)};`)
    .join(" ");
}
