/** The examples of docs/containers.md load, and its tables name every field that there is. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { renderVerbHelp } from "../../../src/cli/help.ts";
import { plain } from "../../../src/cli/render/style.ts";
import { verbs } from "../../../src/cli/verbs.ts";
import { loadFleet } from "../../../src/config/load.ts";
import { tempProject } from "../../support/temp-project.ts";

const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/containers.md"), "utf8");

/** Played through on the real Incus: test/incus/move-container.incus.test.ts. */
const moving = /^## Move a container here[\s\S]*?(?=^## )/m;

test("the examples load", async () => {
  const files = [...page.replace(moving, "").matchAll(/^```ts\n(\/\/ (\S+\.ts)\n[\s\S]*?)^```/gm)].map(
    ([, code = "", file = ""]) => [file, code],
  );
  const project = await tempProject(Object.fromEntries(files) as Record<string, string>);
  try {
    const fleet = await loadFleet(project.root);
    expect(Object.keys(fleet.containers)).toEqual(["debian", "immich"]);
    expect(Object.keys(fleet.profiles ?? {})).toEqual(["media"]);
  } finally {
    await project.remove();
  }
});

test("every field of an instance and of a container stands in a table", async () => {
  const fieldsOf = async (spec: string): Promise<string[]> => {
    const project = await tempProject({
      "floe.config.ts":
        'import { dir, fleet } from "floe";\nexport default fleet({ inputs: {}, containers: dir("./c") });\n',
      "c/x.ts": `import { container } from "floe";\nexport default container(${spec});\n`,
    });
    const error: unknown = await loadFleet(project.root).catch((thrown: unknown) => thrown);
    await project.remove();
    const known = /^Known keys: (.*)$/.exec((error as { readonly hint?: string }).hint ?? "")?.[1];
    return known?.split(", ") ?? [];
  };
  const instance = await fieldsOf("{ image: 'x', instances: { a: { zzzzzzzz: 1 } } }");
  const whole = await fieldsOf("{ image: 'x', zzzzzzzz: 1, instances: {} }");
  expect(instance.length).toBeGreaterThan(20);
  expect(whole.length).toBeGreaterThan(5);
  const rows = new Set([...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name));
  // Written as on a host.
  expect([...instance, ...whole].filter((name) => !rows.has(name))).toEqual(["specialArgs"]);
});

test("every call of floe on the page has a verb and flags that there are", () => {
  const calls = [...page.matchAll(/(?:`|\$ |sudo )floe ([a-z][^`\n]*)/g)].map(
    ([, words = ""]) => words.split(" -- ")[0] ?? "",
  );
  expect(calls.length).toBeGreaterThan(30);
  expect(calls.filter((call) => !isKnown(call))).toEqual([]);
});

/** A verb's name, and behind it only flags of its own. */
function isKnown(call: string): boolean {
  const verb = verbs.find(({ name }) => call === name || call.startsWith(`${name} `));
  const help = verb && renderVerbHelp(verb, plain);
  return [...call.matchAll(/(?<=^| )--[a-z-]+/g)].every(([flag]) => help?.includes(flag)) && verb !== undefined;
}
