import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { cp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { run } from "../support/run.ts";
import { bin, buildFloe, floe } from "./support/floe.ts";

beforeAll(buildFloe);

test("floe --help lists every verb by group", async () => {
  expect(await floe(["--help"])).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "",
      "stdout": "One TypeScript project for your NixOS hosts and the containers that run on them.

    Usage  floe VERB [ARGUMENTS] [FLAGS]

    Start
      init           Write a small project to begin with
      adopt          Take over a flake that exists
      adopt incus    Take over instances that were made by hand
      doctor         Check this machine: nix, incus, permissions, disk
      completions    Completion for your shell
      shell-init     nrs and nd for your shell

    The project
      check          Types, generated files and evaluation, in one report
      types          Teach the editor the options and packages there are
      why            Where the value of an option comes from
      options        Search the options there are
      synth          Write the flake files
      build          Build images, hosts' systems and homes, print their paths
      shell          Enter a dev shell, or run a command in it
      fmt            Format the project's files
      lint           Look for mistakes in the project's files
      hooks install  Check each commit
      hooks remove   Check commits no more
      update         Update the flake's inputs and show what that changes
      ci github      Write a GitHub workflow
      ci plan        In a workflow: tell what changes
      ci comment     In a workflow: comment on the pull request
      diff           What differs from another commit

    The fleet
      list           What there is and how it is
      graph          Draw the fleet
      serve          The fleet in a browser
      plan           Say what would change and why
      apply          Make the world match the project
      rollback       Put an instance, a host or a home back to what it was before
      history        What was applied, and what a machine can go back to
      restart        Restart instances and wait for their health
      start          Start instances and wait for their health
      stop           Stop instances
      nightly        Units that apply by the clock
      serve-unit     A unit that serves the dashboard

    Hosts
      switch         Switch this machine or other hosts to what the project describes
      boot           Make the new system the one that boots next
      test           Switch until the next boot
      dry-activate   Show what a switch would do
      gc             Delete old generations and what only they hold

    One instance
      logs           Print an instance's journal or console
      exec           Run a command in an instance

    Storage
      image list     Images on the servers and what uses them
      image prune    Delete images that nothing needs
      volume list    Volumes on the servers, orphans too

    Servers
      remote add     Make an Incus server on the network known
      remote list    The known servers on the network
      remote remove  Forget a server

    Flags of every verb
      -C, --project DIR  The project's folder; default: the nearest one upwards with a floe.config.ts
          --json         Write one versioned JSON document to stdout
      -y, --yes          Ask nothing
      -v, --verbose      Show what is unchanged, full paths and whole logs
          --show-trace   Show all that nix printed about an error
          --no-color     No colours; NO_COLOR does the same
      -h, --help         Help for floe or for one verb
      -V, --version      The version

    floe help VERB has details and examples. A selector is a name (web), a kind and a name (host:crown, container:web,
    instance:web-1), a tag (@server) or a glob ('web-*').
    ",
    }
  `);
});

test("floe without a word is help, and so is floe help", async () => {
  const help = await floe(["--help"]);
  expect(await floe([])).toEqual(help);
  expect(await floe(["help"])).toEqual(help);
});

const verbs = [
  "init",
  "adopt",
  "adopt incus",
  "doctor",
  "completions",
  "shell-init",
  "check",
  "types",
  "why",
  "options",
  "synth",
  "build",
  "shell",
  "fmt",
  "lint",
  "hooks install",
  "hooks remove",
  "update",
  "ci github",
  "ci plan",
  "ci comment",
  "diff",
  "list",
  "graph",
  "serve",
  "plan",
  "apply",
  "rollback",
  "history",
  "restart",
  "start",
  "stop",
  "nightly",
  "serve-unit",
  "switch",
  "boot",
  "test",
  "dry-activate",
  "gc",
  "logs",
  "exec",
  "image list",
  "image prune",
  "volume list",
  "remote add",
  "remote list",
  "remote remove",
];

test.each(verbs)("floe %s --help has a usage line, an example and the flags", async (verb) => {
  const { exitCode, stdout, stderr } = await floe([...verb.split(" "), "--help"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`\nUsage  floe ${verb}`));
  expect(stdout).toMatch(new RegExp(`\nExamples\n  (?:\\w+=.+ )?floe ${verb}`));
  expect(stdout).toContain("--project DIR");
});

test("floe --help lists exactly the verbs that have help", async () => {
  const { stdout } = await floe(["--help"]);
  const listed = [...stdout.matchAll(/^ {2}([a-z-]+(?: [a-z]+)?) {2,}/gm)].map((match) => match[1]);
  expect(listed).toEqual(verbs);
});

test("floe apply --help in full", async () => {
  expect((await floe(["help", "apply"])).stdout).toMatchInlineSnapshot(`
    "Make the world match the project.

    Usage  floe apply [FILE | SELECTOR...] [FLAGS]

    Plans, asks, builds what changed and carries it out. A running instance is kept until its successor
    is healthy, and comes back by itself when it is not. Volumes and mounts are never deleted.

    An argument with a dot or a slash is a plan saved by plan -o; it is refused when the world has moved
    since. An apply that was killed is finished or undone by the next one.

    Instances change in the order that the plan shows: after those they depend on, a canary before its
    siblings, a higher boot priority first. One that fails spares those that depend on it and the other
    instances of its image; each of them is named with the reason.

    What was changed on the server by hand is kept, through updates too; --fix-drift puts it back. Where
    the project changed the same thing, the project wins.

    With --json, stdout gets one JSON document a line: every event as it happens, the result last.

    Exits with 4 when changes failed and were undone, 5 when an undo failed too.

    Examples
      floe apply                                                              show the plan, ask, do it
      floe apply --yes web-1                                                  one instance, no question
      floe apply plan.json                                                    exactly a saved plan
      floe apply --canary --max-parallel 4                                    one instance of each image first, then four at a time
      floe apply --yes --instances running --update-inputs nixpkgs --notify   what a nightly apply does; floe nightly sets it up
      floe apply --prune                                                      also delete instances and profiles that are no longer described

    Flags
          --keep-drift              Leave what was changed by hand on the server as it is, and report it (default)
          --fix-drift               Put back what was changed by hand, and remove what was added by hand
          --instances               running: leave alone what is stopped or not made yet
          --update-inputs NAME,...  Bring these inputs of the flake up to date first; taken back when nothing could be applied
          --notify                  Send a summary to who the fleet's \`nightly.notify\` names, unless nothing changed
          --partial                 Carry out the sound parts of a plan that has problems
          --canary                  Change the first instance of each image alone, the others once it is healthy
          --max-parallel N          Change at most N instances at the same time; default 2, or what a container's rollout asks for
          --fail-fast               After the first failure begin nothing more, not even what does not depend on it
          --prune                   Delete the fleet's instances and profiles that are no longer described (volumes stay)

    Flags of every verb
      -C, --project DIR  The project's folder; default: the nearest one upwards with a floe.config.ts
          --json         Write one versioned JSON document to stdout
      -y, --yes          Ask nothing
      -v, --verbose      Show what is unchanged, full paths and whole logs
          --show-trace   Show all that nix printed about an error
          --no-color     No colours; NO_COLOR does the same
      -h, --help         Help for floe or for one verb
      -V, --version      The version
    "
  `);
});

test("floe --version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, "../../package.json"), "utf8")) as {
    version: string;
  };
  expect(await floe(["--version"])).toEqual({ exitCode: 0, stdout: `floe ${version}\n`, stderr: "" });
});

/** The files that `file` imports without being asked to, itself included. */
function staticImports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const imported = [...text.matchAll(/^import\b[^;]*?["'](\.[^"']+)["'];?$/gm)].map((match) =>
    path.resolve(path.dirname(file), match[1] ?? ""),
  );
  return [...new Set([file, ...imported.flatMap(staticImports)])];
}

test("floe --help needs nothing but the entry and what it imports: no action is loaded", async () => {
  // The entry loads the command line unless an unchanged dev shell is entered.
  const main = /import\("\.\/(chunks\/main-[^"]+)"\)/.exec(readFileSync(bin, "utf8"))?.[1] ?? "";
  const files = [...new Set([...staticImports(bin), ...staticImports(path.join(path.dirname(bin), main))])];
  const dist = path.dirname(bin);
  const copy = mkdtempSync(path.join(os.tmpdir(), "floe-help-"));
  try {
    for (const file of files) await cp(file, path.join(copy, path.relative(dist, file)));
    const stdout = await run(process.execPath, [path.join(copy, "bin.mjs"), "--help"]);
    expect(stdout).toBe((await floe(["--help"])).stdout);
    await expect(run(process.execPath, [path.join(copy, "bin.mjs"), "doctor"])).rejects.toThrow(
      /ERR_MODULE_NOT_FOUND|Cannot find module/,
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  expect(bytes).toBeLessThan(190_000);
});
