/** docs/formatters.md and the help list the formatters and linters that there are, and the examples of the page load. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { fmt, lint } from "../../../src/cli/commands/fmt.ts";
import { loadFleet } from "../../../src/config/load.ts";
import { formatterPresets, linterPresets } from "../../../src/config/tool-presets.ts";
import { tempProject } from "../../support/temp-project.ts";

const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/formatters.md"), "utf8");
const section = (title: string): string => new RegExp(`^## ${title}\\n[\\s\\S]*?(?=^## )`, "m").exec(page)?.[0] ?? "";

test.each([
  ["Formatters", formatterPresets, fmt],
  ["Linters", linterPresets, lint],
])("%s", (title, presets, verb) => {
  const names = Object.keys(presets);
  const rows = [...section(title).matchAll(/^\| `([\w-]+)` /gm)].map(([, name]) => name);
  expect(rows).toEqual(names);
  expect(verb.details?.join(" ")).toContain(`Known ones: ${names.join(", ")}; any other is`);
});

test("the examples load", async () => {
  const config = /^```ts\n(\/\/ floe\.config\.ts\n[\s\S]*?)^```/m.exec(page)?.[1] ?? "";
  const others = [...page.matchAll(/^```ts\n( {2}(?:format|lint): [\s\S]*?)^```/gm)].map(([, lines = ""]) => lines);
  expect(others).toHaveLength(2);
  for (const lines of ["", ...others]) {
    const text =
      lines === ""
        ? config
        : config.replace(/^ {2}(?:format|lint): .*\n/gm, "").replace("  exclude", `${lines}  exclude`);
    const project = await tempProject({ "floe.config.ts": text });
    const { tooling } = await loadFleet(project.root);
    await project.remove();
    expect((tooling?.format.length ?? 0) + (tooling?.lint.length ?? 0)).toBeGreaterThan(0);
  }
});
