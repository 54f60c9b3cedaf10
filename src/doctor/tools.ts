/** The fleet's formatters and linters, and TypeScript. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { placeOfTool } from "../format/find-tool.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Tool } from "../model/tooling.ts";
import { packageRoot } from "../util/package-root.ts";
import { type Finding, finding } from "./finding.ts";

export function checkTools({ root, inputs, tooling }: Fleet): Finding[] {
  const rules = [...(tooling?.format ?? []), ...(tooling?.lint ?? [])];
  const tools = new Map(rules.flatMap((rule) => rule.tools).map((tool) => [tool.name, tool]));
  const nixpkgs = inputs["nixpkgs"]?.kind === "url" ? "nixpkgs" : undefined;
  return [...tools.values()].map((tool) => describeTool(tool, placeOfTool(tool, { root, nixpkgs })));
}

/** What `floe check` and the editor judge types by. */
export function checkTypeScript(root: string | undefined): Finding {
  const say = finding("tools", "typescript");
  const version = [...(root === undefined ? [] : [root]), packageRoot()]
    .map(compilerIn)
    .find((found) => found !== undefined);
  return version === undefined
    ? say("warn", "There is no TypeScript: floe check cannot look at types", "npm install --save-dev typescript")
    : say("ok", `typescript ${version}`);
}

// --- internal ---

function describeTool({ name, program, hint }: Tool, place: ReturnType<typeof placeOfTool>): Finding {
  const say = finding("tools", name);
  if (place === "here") return say("ok", name);
  if (place === "nixpkgs") return say("info", `${name} comes from the flake's nixpkgs when it is first used`);
  return say("fail", `There is no ${name}: no program "${program}" is on the PATH`, hint);
}

function compilerIn(folder: string): string | undefined {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve("typescript/package.json");
    return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}
