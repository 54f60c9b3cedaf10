import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { isDirReference } from "../authoring/definitions.ts";
import type { FlakeInput } from "../model/fleet.ts";
import { nearest } from "../util/nearest.ts";
import type { Field } from "./field.ts";

/** The inputs of the flake. A folder of the project is imported in tree, anything else is a flake reference that Nix locks. */
export function readInputs(field: Field, root: string): Record<string, FlakeInput> {
  const inputs = field.entries((value, name) => {
    const input = value.named(`input "${name}"`);
    if (!/^[A-Za-z_][\w'-]*$/.test(name) || name === "self") {
      input.report(`Name "${name}" of an input must be a Nix identifier other than "self"`);
    }
    return readInput(input, root);
  });
  checkFollows(field, inputs);
  return inputs;
}

function readInput(field: Field, root: string): FlakeInput {
  const { value } = field;
  if (isDirReference(value)) return folder(field, value.path, root);
  if (typeof value === "string")
    return isPath(value) ? folder(field, value, root) : { kind: "url", url: url(field), follows: {}, flake: true };
  if (value === null || typeof value !== "object") {
    field.must('be a flake reference such as "github:nixos/nixpkgs/nixos-26.05", or dir("./folder")');
    return { kind: "url", url: "", follows: {}, flake: true };
  }
  const keys = field.keys("url", "follows", "flake");
  return {
    kind: "url",
    url: url(keys.url),
    follows: keys.follows.entries((target) => target.text("be the name of an input of this fleet")),
    flake: keys.flake.flag(true),
  };
}

function url(field: Field): string {
  return field.textLike(
    (text) => /^[^\s"$\\]+$/.test(text) && !isPath(text),
    'be a flake reference such as "github:nixos/nixpkgs/nixos-26.05"',
  );
}

function folder(field: Field, path: string, root: string): FlakeInput {
  const normal = posix.normalize(path).replace(/\/$/, "");
  if (path.startsWith("/") || normal === "." || normal.startsWith("..")) {
    field.report(
      `${field.subject} must be a folder in the project, not "${path}"`,
      "A folder elsewhere is named as a flake reference: path:/absolute/folder",
    );
  } else if (!existsSync(join(root, normal, "flake.nix"))) {
    field.report(`Cannot find "${posix.join(path, "flake.nix")}" of ${field.label}`);
  }
  return { kind: "path", path: `./${normal}` };
}

function checkFollows(field: Field, inputs: Readonly<Record<string, FlakeInput>>): void {
  for (const [name, input] of Object.entries(inputs)) {
    if (input.kind === "path") continue;
    for (const [key, target] of Object.entries(input.follows)) {
      const place = field.child(name, undefined).child("follows", undefined).child(key, undefined);
      if (target !== "") checkTarget(place, `Input "${name}" follows "${target}"`, target, inputs);
    }
  }
}

/** A target is an input of the fleet, or with slashes an input of one; a folder that is imported cannot be followed. */
function checkTarget(
  place: Field,
  subject: string,
  target: string,
  inputs: Readonly<Record<string, FlakeInput>>,
): void {
  const [first = ""] = target.split("/");
  const input = Object.hasOwn(inputs, first) ? inputs[first] : undefined;
  const suggestion = nearest(first, Object.keys(inputs));
  if (input?.kind === "path")
    place.report(
      `${subject}, which is a folder of the project`,
      "Nix locks only inputs that have a URL, and only these can be followed",
    );
  else if (input === undefined)
    place.report(
      `${subject}, which is no input of this fleet${suggestion === undefined ? "" : `; did you mean "${suggestion}"?`}`,
    );
}

function isPath(text: string): boolean {
  return text === "." || text === ".." || /^\.{0,2}\//.test(text);
}
