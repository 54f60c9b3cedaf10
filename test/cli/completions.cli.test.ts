import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TempProject } from "../support/temp-project.ts";
import { bin, buildFloe, fleetProject, floe } from "./support/floe.ts";

let project: TempProject;
const programs = mkdtempSync(path.join(tmpdir(), "floe-test-bin-"));

beforeAll(async () => {
  buildFloe();
  project = await fleetProject();
  const command = path.join(programs, "floe");
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  chmodSync(command, 0o755);
});
afterAll(() => {
  project.remove();
  rmSync(programs, { recursive: true });
});

const complete = async (...words: string[]): Promise<string[]> => {
  const { exitCode, stdout, stderr } = await floe(["__complete", ...words], { cwd: project.root });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")[0] as string]));
};

test("verbs, flags and values are completed", async () => {
  expect(await complete("pl")).toEqual(["plan"]);
  expect(await complete("image", "")).toEqual(["list", "prune"]);
  expect(await complete("plan", "--fix")).toEqual(["--fix-drift"]);
  expect(await complete("graph", "--format", "")).toEqual(["svg", "mermaid", "dot"]);
  expect(await complete("completions", "f")).toEqual(["fish"]);
});

test("names of the fleet are completed, with -C too, which itself is left to the shell", async () => {
  expect(await complete("plan", "w")).toContain("web-1");
  expect(await complete("plan", "host:")).toEqual(["host:crown"]);
  expect(await complete("logs", "")).not.toContain("crown");
  const { stdout } = await floe(["__complete", "-C", project.root, "plan", "cr"], { cwd: tmpdir() });
  expect(stdout).toBe("crown\thost\n");
  expect(await complete("-C", "e")).toEqual([]);
});

test("where nothing is known nothing is said", async () => {
  expect((await floe(["__complete", "plan", ""], { cwd: tmpdir() })).exitCode).toBe(0);
  expect(await complete("no-such-verb", "")).toEqual([]);
});

test("another shell is refused", async () => {
  const { exitCode, stderr } = await floe(["completions", "tcsh"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('"tcsh" is none of bash, zsh, fish');
});

/** Runs words in a shell that has floe on its path; undefined where there is no such shell. */
function inShell(shell: string, ...args: string[]): string | undefined {
  if (spawnSync(shell, ["-c", "true"]).error !== undefined) {
    console.warn(`Skipped: no ${shell} here`);
    return undefined;
  }
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
  return execFileSync(shell, args, { cwd: project.root, env, encoding: "utf8" });
}

describe("the scripts, in their shells", () => {
  test("bash, colons too", () => {
    const ask = (line: string): string =>
      `COMP_LINE='${line}' COMP_POINT=${line.length}; _floe; echo "\${COMPREPLY[*]}"`;
    const lines = ["floe pl", "floe plan instance:web-", "floe plan @"].map(ask).join("\n");
    const said = inShell("bash", "-c", `eval "$(floe completions bash)"\n${lines}`);
    expect(said?.split("\n")).toEqual(["plan", "web-1 web-2", "@server", ""]);
  });
  test("fish", ({ skip }) => {
    const said = inShell(
      "fish",
      "--no-config",
      "-c",
      'floe completions fish | source; complete -C "floe plan instance:web-"',
    );
    if (said === undefined) return skip();
    expect(said.split("\n").map((line) => line.split("\t")[0])).toEqual(["instance:web-1", "instance:web-2", ""]);
  });
  test("zsh, in a terminal of its own", ({ skip }) => {
    const script = [
      "zmodload zsh/zpty",
      "zpty z zsh -f -i",
      'zpty -w z \'PS1=; autoload -U compinit; compinit -u -D; eval "$(floe completions zsh)"; print rea""dy\'',
      "zpty -r z answer '*ready*'",
      "zpty -n -w z $'floe plan instance:web-\\t\\t'",
      "zpty -r -t z answer; for i in {1..100}; do sleep 0.1; zpty -r -t z more && answer+=$more; [[ $answer == *instance:web-2* ]] && break; done",
      "print -r -- $answer",
    ].join("\n");
    const said = inShell("zsh", "-fc", script);
    if (said === undefined) return skip();
    expect(said).toContain("instance:web-2");
  });
});
