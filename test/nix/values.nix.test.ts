/** Values written in TypeScript arrive in Nix as they are: from `host(...)` in a file, through the recorder and the flake, to what nix reads. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadFleet } from "../../src/config/load.ts";
import type { FloeError } from "../../src/errors.ts";
import { synthFlake } from "../../src/synth/synth.ts";
import { writeFiles } from "../../src/synth/write.ts";
import { nastyLines, nastyText, randomNumbers } from "../support/nasty-text.ts";
import { nix } from "../support/nix.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

interface Problem {
  readonly message: string;
  readonly line: number;
}

/** As little of nixpkgs as a host needs: its configuration is what its module says. */
const base = `{
  outputs = { self }: {
    lib.nixosSystem = { modules, ... }: {
      config = builtins.removeAttrs (import (builtins.head modules)) [ "_file" ];
    };
  };
}`;

const random = randomNumbers(20261122);
/** Every character of Unicode, and what has a meaning in Nix more often than chance has it. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }).filter(isPossible),
  fc.string({ unit: fc.constantFrom("$", "{", "}", "'", '"', "\\", "\n", "\r", "\t", " ", "#", "a", "/*", "é", "🚢") }),
  fc.noShrink(fc.constant(null)).map(() => nastyText(random)),
  fc.noShrink(fc.constant(null)).map(() => nastyLines(random)),
);
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
    .filter((value) => Math.abs(value) > 1e-300 && !Number.isInteger(value)),
);
const name = fc.oneof(
  text,
  fc.constantFrom("if", "or", "with", "inherit", "rec", "let", "null", "true", "a.b", "a-b", "a'b", "1a", "", "then"),
  fc.constantFrom("constructor", "toString", "__proto__", "hasOwnProperty", "prototype", "length", "$", "toJSON"),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: false }),
  ),
}));

function isPossible(value: string): boolean {
  return !/[\0\ufdd0\ufdd1]/.test(value);
}

const values = fc.sample(anyValue, { seed: 5, numRuns: 500 });
const texts = fc.sample(text, { seed: 6, numRuns: 1000 });
const names = [...new Set(fc.sample(name, { seed: 7, numRuns: 1000 }))];

/** The value as source. Keys are computed, or `__proto__` would be none. */
function source(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "0" : JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, item]) => `[${JSON.stringify(key)}]: ${source(item)}`)
    .join(", ")} }`;
}

/** The same text in backticks, with a reference in its middle. */
function template(before: string, after: string): string {
  const escaped = (part: string) => part.replace(/[\\`]|\$(?=\{|$)/g, "\\$&").replace(/\r/g, "\\r");
  return `\`${escaped(before)}\${middle}${escaped(after)}\``;
}

const files = {
  "base/flake.nix": base,
  "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "values", inputs: { nixpkgs: dir("./base") }, hosts: dir("./hosts") });`,
  "hosts/crown.ts": `import { host, nix } from "floe";
const middle = nix\`"<>"\`;
export default host({
  values: ${source(values)},
  texts: ${source(texts)},
  mixed: [${texts.map((part, index) => template(part, texts.at(-index - 1) ?? "")).join(",\n")}],
  keys: { ${names.map((each) => `[${template(each, "")}]: ${source(each)}`).join(", ")} },
  chains: [${names.map((each) => `{ [${source(each)}]: { [${source(each)}]: 1 } }`).join(", ")}],
} as never);`,
};
const wanted = {
  values,
  texts,
  mixed: texts.map((part, index) => `${part}<>${texts.at(-index - 1) ?? ""}`),
  keys: Object.fromEntries(names.map((each) => [`${each}<>`, each])),
  chains: names.map((each) => Object.fromEntries([[each, Object.fromEntries([[each, 1]])]])),
};

let project: TempProject;
beforeAll(async () => {
  project = await tempProject(files);
  await project.write("wanted.json", JSON.stringify(wanted));
  writeFiles(project.root, synthFlake(await loadFleet(project.root)));
});
afterAll(() => project.remove());

test("500 values, 1,000 texts, 1,000 names and text around references", async () => {
  // Nix compares, because its own JSON rounds floats; each list answers with the places that differ.
  const differing = `config:
    let
      wanted = builtins.fromJSON (builtins.readFile ${project.root}/wanted.json);
      differ = list: other: builtins.filter (n: builtins.elemAt list n != builtins.elemAt other n) (builtins.genList (n: n) (builtins.length other));
    in
    {
      values = differ config.values wanted.values;
      texts = differ config.texts wanted.texts;
      mixed = differ config.mixed wanted.mixed;
      chains = differ config.chains wanted.chains;
      keys = builtins.filter (name: config.keys.\${name} or null != wanted.keys.\${name}) (builtins.attrNames wanted.keys);
      counts = [ (builtins.length config.values) (builtins.length config.texts) (builtins.length (builtins.attrNames config.keys)) ];
    }`;
  const flake = `path:${project.root}#nixosConfigurations.crown.config`;
  const found = JSON.parse(await nix(["eval", "--impure", "--json", flake, "--apply", differing]));
  const show = (list: readonly unknown[]) => (found.values as number[]).map((index) => list[index]);
  expect(show(values)).toEqual([]);
  expect(found).toEqual({
    values: [],
    texts: [],
    mixed: [],
    chains: [],
    keys: [],
    counts: [values.length, texts.length, names.length],
  });
});

test("what Nix cannot hold is refused, each by name and line, in values and in names", async () => {
  const impossible = fc.tuple(text, fc.constantFrom("\0", "\ud800", "\udc00x", "\ufdd0 ", " \ufdd1"), text);
  const samples = fc.sample(impossible, { seed: 8, numRuns: 40 }).map((parts) =>
    // To JavaScript these end a line, even in text.
    JSON.stringify(parts.join("")).replace(/[\u2028\u2029]/g, " "),
  );
  const bodies = samples.flatMap((sample) => [`deep: { value: ${sample} }`, `deep: { [${sample}]: 1 }`]);
  const hosts = bodies.map((body, index) => `h${index}: host({\n ${body} })`);
  const made = await tempProject({
    "base/flake.nix": base,
    "floe.config.ts": `import { dir, fleet, host } from "floe";
export default fleet({ name: "impossible", inputs: { nixpkgs: dir("./base") }, hosts: {
${hosts.join(",\n")} } });`,
  });
  try {
    const failure = await loadFleet(made.root).catch((error: FloeError) => error);
    const { problems } = (failure as FloeError).details as { readonly problems: readonly Problem[] };
    expect(problems.map(({ line }) => line)).toEqual(bodies.map((_, index) => 3 + 2 * index));
    const message =
      /^"deep(\.value)?" holds (a NUL character, which Nix cannot|half of a character \(a lone surrogate\)|a damaged reference)$/;
    for (const problem of problems) expect(problem.message).toMatch(message);
  } finally {
    await made.remove();
  }
});
