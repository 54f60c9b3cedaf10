import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TempProject } from "../support/temp-project.ts";
import { buildFloe, fleetProject, floe, lastDocument } from "./support/floe.ts";

let project: TempProject;

beforeAll(async () => {
  buildFloe();
  project = await fleetProject();
});
afterAll(() => project.remove());

const inProject = (...args: string[]) => floe(args, { cwd: project.root });

test("graph prints Mermaid, without a server to ask", async () => {
  const { exitCode, stdout } = await inProject("graph");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^---\ntitle: .*\n---\nflowchart LR\n/);
  expect(stdout).toContain("web");
});

test("graph -o writes what the name says", async () => {
  const file = path.join(project.root, "fleet.svg");
  expect(await inProject("graph", "-o", "fleet.svg")).toMatchObject({ exitCode: 0, stdout: "" });
  expect(readFileSync(file, "utf8")).toMatch(/^<svg xmlns=/);
});

test("graph -o with another name is refused", async () => {
  const { exitCode, stderr } = await inProject("graph", "-o", "fleet.png");
  expect(exitCode).toBe(2);
  expect(stderr).toContain('The name "fleet.png" does not say how the graph is to be written');
  expect(existsSync(path.join(project.root, "fleet.png"))).toBe(false);
});

test("graph --json has the nodes and edges", async () => {
  const { stdout } = await inProject("graph", "--json", "container:web");
  const { kind, graph } = lastDocument(stdout) as { kind: string; graph: { nodes: { kind: string }[] } };
  expect(kind).toBe("graph");
  expect(new Set(graph.nodes.map((node) => node.kind))).toContain("container");
});
