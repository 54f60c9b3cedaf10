/** The flake's inputs: those that Nix locks, and folders of the project, which the flake imports itself. */
import type { FlakeInput, Fleet } from "../model/fleet.ts";
import { apply, attrs, bind, identifier, path, select, string } from "../nixlang/build.ts";
import type { NixBinding, NixEntry, NixExpr } from "../nixlang/tree.ts";

type Inputs = Fleet["inputs"];

/** `inputs = { ... };`; nothing when there is no input that Nix locks. */
export function inputsEntry(inputs: Inputs): NixEntry[] {
  const locked = sorted(inputs).flatMap(([name, input]) =>
    input.kind === "url" ? [bind(name, lockedInput(input))] : [],
  );
  return locked.length === 0 ? [] : [bind("inputs", attrs(locked))];
}

export function hasFolders(inputs: Inputs): boolean {
  return Object.values(inputs).some((input) => input.kind === "path");
}

/** The `let` bindings that make `inputs` of the locked ones, here called `flakeInputs`, and the folders. */
export function folderBindings(inputs: Inputs): NixBinding[] {
  const folders = sorted(inputs).flatMap(([name, input]) =>
    input.kind === "path" ? [bind(name, apply("importFlake", path(input.path)))] : [],
  );
  return [
    bind("importFlake", importFlake, {
      comment: ["An input that is a folder of this project is imported as it is: there is nothing to lock."],
    }),
    bind("inputs", { kind: "binary", operator: "//", left: identifier("flakeInputs"), right: attrs(folders) }),
  ];
}

// --- internal ---

/** What Nix itself does with a flake that has no inputs: its outputs, which may refer to themselves, and its folder. */
const importFlake: NixExpr = {
  kind: "lambda",
  param: { kind: "name", name: "folder" },
  body: {
    kind: "let",
    entries: [
      bind(
        "flake",
        apply("import", { kind: "binary", operator: "+", left: identifier("folder"), right: string("/flake.nix") }),
      ),
      bind("self", {
        kind: "binary",
        operator: "//",
        left: apply(select("flake", "outputs"), attrs([{ kind: "inherit", names: ["self"] }])),
        right: attrs([bind("outPath", identifier("folder"))]),
      }),
    ],
    body: identifier("self"),
  },
};

function lockedInput(input: Extract<FlakeInput, { kind: "url" }>): NixExpr {
  const follows = sorted(input.follows).map(([name, target]) => bind(["inputs", name, "follows"], string(target)));
  const flake = input.flake ? [] : [bind("flake", { kind: "bool", value: false })];
  return attrs([bind("url", string(input.url)), ...flake, ...follows]);
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
