/** Checks before each commit: a git hook, or the configuration of pre-commit for those who use that. */
import { chmodSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Tooling } from "../model/tooling.ts";
import { readText } from "../util/files.ts";
import { type FileState, fileState, marked, writeOwned } from "../util/owned-file.ts";
import { typedWord } from "../util/quote-word.ts";

export type HookKind = "git" | "pre-commit";

export interface HookPlace {
  /** The project's folder. */
  readonly root: string;
  readonly signal: AbortSignal;
}

export interface WrittenHook {
  /** Relative to the project's folder, or absolute where git keeps its hooks elsewhere. */
  readonly file: string;
  /** False: it was so already. */
  readonly isChanged: boolean;
}

/** @throws FloeError where there is nothing to check, no repository, or a file of somebody else's is in the way */
export async function installHook(
  kind: HookKind,
  tooling: Tooling | undefined,
  place: HookPlace,
): Promise<WrittenHook> {
  const commands = commandsOf(tooling);
  if (commands.length === 0)
    throw new FloeError("There is nothing to check before a commit", {
      hint: 'Name formatters or linters in floe.config.ts: format: { "*.nix": "nixfmt" }',
    });
  const { file, text } = await hookFile(kind, commands, place);
  const before = readText(file);
  const state = writeOwned(file, text);
  if (state === "foreign" || state === "edited") throw inTheWay(file, state, kind, commands);
  if (kind === "git") chmodSync(file, 0o755);
  return { file: shown(place.root, file), isChanged: readText(file) !== before };
}

/** Writes again what was installed and is not as it should be any more; what a person has changed is left. Never throws: nobody asked for it. */
export async function refreshHooks(tooling: Tooling | undefined, place: HookPlace): Promise<void> {
  const commands = commandsOf(tooling);
  if (commands.length === 0) return;
  for (const kind of ["git", "pre-commit"] as const) {
    const found = await hookFile(kind, commands, place).catch(() => undefined);
    if (found !== undefined && fileState(found.file) === "own" && readText(found.file) !== marked(found.text))
      await installHook(kind, tooling, place).catch(() => undefined);
  }
}

/** What is there of each kind; `stale`: floe's, and no more as it should be. @throws FloeError outside of a repository */
export async function hookStates(
  tooling: Tooling | undefined,
  place: HookPlace,
): Promise<{ readonly kind: HookKind; readonly file: string; readonly state: FileState | "stale" }[]> {
  const commands = commandsOf(tooling);
  return Promise.all(
    (["git", "pre-commit"] as const).map(async (kind) => {
      const { file, text } = await hookFile(kind, commands, place);
      const state = fileState(file);
      return {
        kind,
        file: shown(place.root, file),
        state: state === "own" && readText(file) !== marked(text) ? "stale" : state,
      };
    }),
  );
}

/** That of pre-commit's configuration, which is committed like the flake files. Undefined outside of a repository, and where there is nothing to check. */
export async function preCommitState(
  tooling: Tooling | undefined,
  place: HookPlace,
): Promise<{ readonly file: string; readonly state: FileState | "stale" } | undefined> {
  if (commandsOf(tooling).length === 0) return undefined;
  const states = await hookStates(tooling, place).catch((error: unknown) => {
    if (place.signal.aborted) throw error;
    return [];
  });
  const [found] = states.filter(({ kind }) => kind === "pre-commit");
  return found && { file: found.file, state: found.state };
}

/** Takes floe's hooks away. @throws FloeError when one was changed by somebody */
export async function removeHooks(place: HookPlace): Promise<string[]> {
  const removed: string[] = [];
  for (const kind of ["git", "pre-commit"] as const) {
    const { file } = await hookFile(kind, [], place);
    const state = fileState(file);
    if (state === "edited")
      throw new FloeError(`"${shown(place.root, file)}" was changed since floe wrote it, and is left`, {
        hint: "Delete it, or take floe's lines out of it",
      });
    if (state !== "own") continue;
    rmSync(file);
    removed.push(shown(place.root, file));
  }
  return removed;
}

// --- internal ---

function commandsOf(tooling: Tooling | undefined): string[] {
  return [
    ...((tooling?.format.length ?? 0) > 0 ? ["floe fmt --check --staged"] : []),
    ...((tooling?.lint.length ?? 0) > 0 ? ["floe lint --staged"] : []),
  ];
}

async function hookFile(kind: HookKind, commands: readonly string[], { root, signal }: HookPlace) {
  const [top, hooks] = await Promise.all([
    git(root, ["rev-parse", "--show-toplevel"], signal),
    git(root, ["rev-parse", "--git-path", "hooks/pre-commit"], signal),
  ]);
  return kind === "git"
    ? { file: resolve(root, hooks), text: gitHook(relative(top, root), commands) }
    : { file: join(top, ".pre-commit-config.yaml"), text: preCommitConfig(relative(top, root), commands) };
}

/** Runs in the top of the repository, with git's index as the commit will have it. */
function gitHook(folder: string, commands: readonly string[]): string {
  return `#!/bin/sh
${folder === "" ? "" : `cd ${typedWord(folder)} || exit 1\n`}PATH=$PWD/node_modules/.bin:$PATH
command -v floe >/dev/null || { echo "floe is not on the PATH, so the commit was not checked" >&2; exit 1; }
${commands.map((command) => `${command} || exit 1\n`).join("")}`;
}

/** pre-commit puts away what is not staged, and passes the names of the files. */
function preCommitConfig(folder: string, commands: readonly string[]): string {
  const cd = folder === "" ? "" : ` -C ${typedWord(folder)}`;
  const hooks = commands.map((command) => {
    const verb = command.split(" ")[1] ?? "";
    return [
      `      - id: floe-${verb}`,
      `        name: floe ${verb}`,
      `        entry: floe${cd} ${verb}${verb === "fmt" ? " --check" : ""}`,
      "        language: system",
      "        pass_filenames: false",
    ].join("\n");
  });
  return `repos:\n  - repo: local\n    hooks:\n${hooks.join("\n")}\n`;
}

function inTheWay(file: string, state: FileState, kind: HookKind, commands: readonly string[]): FloeError {
  const lines = commands.map((command) => `${command} || exit 1`).join("; ");
  return new FloeError(
    state === "edited" ? `"${file}" was changed since floe wrote it` : `"${file}" is there already, and not floe's`,
    {
      hint:
        kind === "git"
          ? `Nothing was written. Put this into it yourself: ${lines}; or delete it and ask again`
          : "Nothing was written. Put a local hook into it yourself that runs floe fmt --check, or delete it and ask again",
    },
  );
}

/** @throws FloeError where there is no repository */
async function git(root: string, words: readonly string[], signal: AbortSignal): Promise<string> {
  const result = await run(["git", ...words], { cwd: root, signal, plainLocale: true });
  if (result.exitCode === 0) return result.stdout.trim();
  throw new FloeError(`"${root}" is in no git repository`, { hint: "Make one with: git init" });
}

function shown(root: string, file: string): string {
  const inside = relative(root, file);
  return inside.startsWith("../..") ? file : inside;
}
