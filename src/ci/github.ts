/** `.github/workflows/floe.yml`: written, brought up to date, and never over what a person changed. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { FloeError, UsageError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Fleet } from "../model/fleet.ts";
import { readText } from "../util/files.ts";
import { fileState, marked, writeOwned } from "../util/owned-file.ts";
import { version } from "../version.ts";
import { type WorkflowFacts, workflowText } from "./workflow.ts";

/** What a person chose; the workflow itself keeps it, in the command that its second line names. */
export interface WorkflowChoice {
  /** Absent: found out. */
  readonly branch?: string | undefined;
  /** The secret with the key of the fleet's cache; absent: nothing is pushed. */
  readonly secret?: string | undefined;
  /** Formatting is checked by the formatter of an existing flake, which only nix knows of; of formatters that the fleet names floe knows by itself. */
  readonly flakeFormatter?: boolean | undefined;
}

/** `edited`: a person changed it, so it is theirs. `foreign`: floe never wrote it. */
export type WorkflowState = "absent" | "current" | "stale" | "edited" | "foreign";

export interface Workflow {
  /** Relative to the project. */
  readonly file: string;
  readonly state: WorkflowState;
}

/** As it is on disk, beside what it would be by its own choice. Absent outside of a repository. */
export async function workflowOf(fleet: Fleet, signal: AbortSignal): Promise<Workflow> {
  const top = await topOf(fleet.root, signal);
  if (top === undefined) return { file: fileName, state: "absent" };
  const path = join(top, fileName);
  const file = relative(fleet.root, path);
  const state = fileState(path);
  if (state !== "own") return { file, state };
  const text = await textFor(fleet, choiceIn(readText(path) ?? ""), top, signal);
  return { file, state: readText(path) === marked(text) ? "current" : "stale" };
}

/** @throws FloeError outside of a repository, and where a person's file is in the way; UsageError for a choice that cannot be */
export async function writeWorkflow(
  fleet: Fleet,
  choice: WorkflowChoice,
  signal: AbortSignal,
): Promise<{ readonly file: string; readonly isChanged: boolean }> {
  refuseImpossible(fleet, choice);
  const top = await topOf(fleet.root, signal);
  if (top === undefined)
    throw new FloeError(`"${fleet.root}" is in no git repository`, { hint: "Make one with: git init" });
  const path = join(top, fileName);
  const file = relative(fleet.root, path);
  const before = readText(path);
  const state = writeOwned(path, await textFor(fleet, choice, top, signal));
  if (state === "foreign" || state === "edited")
    throw new FloeError(
      state === "edited" ? `"${file}" was changed since floe wrote it` : `"${file}" is there already, and not floe's`,
      {
        hint: "Nothing was written. Rename it, or delete it and ask again; git diff then shows what of yours is missing",
      },
    );
  return { file, isChanged: readText(path) !== before };
}

/** Writes it again where it is floe's and no more as it should be; answers its name then. What a person changed is left. */
export async function refreshWorkflow(fleet: Fleet, signal: AbortSignal): Promise<string | undefined> {
  const { file, state } = await workflowOf(fleet, signal);
  if (state !== "stale") return undefined;
  await writeWorkflow(fleet, choiceIn(readText(join(fleet.root, file)) ?? ""), signal);
  return file;
}

// --- internal ---

const fileName = ".github/workflows/floe.yml";

async function textFor(fleet: Fleet, choice: WorkflowChoice, top: string, signal: AbortSignal): Promise<string> {
  const branch = choice.branch ?? (await mainBranch(top, signal));
  return workflowText(factsOf(fleet, { ...choice, branch }, top));
}

function factsOf(fleet: Fleet, choice: WorkflowChoice & { readonly branch: string }, top: string): WorkflowFacts {
  const { root, tooling, pushTo = [], inputs } = fleet;
  const has = (name: string): boolean => existsSync(join(root, name));
  const bases = Object.values(inputs).flatMap((input) => {
    const script = input.kind === "path" ? join(input.path, "add-base.sh") : undefined;
    return script !== undefined && has(script) ? [script] : [];
  });
  return {
    branch: choice.branch,
    folder: relative(top, root),
    npm: has("package-lock.json") ? "ci" : has("package.json") ? "install" : "global",
    floeVersion: version,
    nodeFile: [".nvmrc", ".node-version"].find(has),
    hasFormatters: choice.flakeFormatter === true || (tooling?.format.length ?? 0) > 0,
    hasLinters: (tooling?.lint.length ?? 0) > 0,
    bases,
    secret: choice.secret,
    hasBucket: pushTo.some(({ url }) => url.startsWith("s3:")),
    command: commandOf(choice),
  };
}

function commandOf({ branch, secret, flakeFormatter }: WorkflowChoice): string {
  const words = [
    "floe ci github",
    `--branch ${branch}`,
    ...(secret === undefined ? [] : [`--push ${secret}`]),
    ...(flakeFormatter === true ? ["--flake-formatter"] : []),
  ];
  return words.join(" ");
}

function choiceIn(text: string): WorkflowChoice {
  const command = /^# (floe ci github .*)$/m.exec(text)?.[1] ?? "";
  return {
    branch: /--branch (\S+)/.exec(command)?.[1],
    secret: /--push (\S+)/.exec(command)?.[1],
    flakeFormatter: / --flake-formatter\b/.test(command),
  };
}

/** @throws UsageError */
function refuseImpossible({ pushTo = [] }: Fleet, { branch, secret }: WorkflowChoice): void {
  if (branch !== undefined && (/[\s"'\\$`]/.test(branch) || branch === ""))
    throw new UsageError(`"${branch}" cannot be the name of a branch`);
  if (secret === undefined) return;
  if (!/^[A-Za-z_]\w*$/.test(secret))
    throw new UsageError(`"${secret}" cannot be the name of a secret`, {
      hint: "GitHub's secrets have names such as FLOE_CACHE_KEY: letters, digits and underscores",
    });
  const reachable = pushTo.filter(({ url }) => !/^ssh(-ng)?:/.test(url));
  if (reachable.length > 0) return;
  throw new UsageError(
    pushTo.length === 0
      ? "The fleet names no cache to push to"
      : "None of the fleet's caches can be reached from a runner",
    { hint: 'Name one in floe.config.ts: caches: { push: [{ url: "s3://bucket", key: "/etc/nix/cache-key" }] }' },
  );
}

/** What the remote says is its main branch, else the one that is called so. */
async function mainBranch(top: string, signal: AbortSignal): Promise<string> {
  const remote = await git(top, signal, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD");
  if (remote !== undefined) return remote.replace(/^origin\//, "");
  for (const name of ["main", "master"])
    if ((await git(top, signal, "rev-parse", "--verify", "--quiet", `refs/heads/${name}`)) !== undefined) return name;
  return (await git(top, signal, "symbolic-ref", "--quiet", "--short", "HEAD")) ?? "main";
}

async function topOf(root: string, signal: AbortSignal): Promise<string | undefined> {
  return git(root, signal, "rev-parse", "--show-toplevel");
}

/** Undefined when git says no. A git hook sets the variables to its own repository. */
async function git(cwd: string, signal: AbortSignal, ...words: string[]): Promise<string | undefined> {
  const env = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined, GIT_PREFIX: undefined };
  const result = await run(["git", "-C", cwd, ...words], { env, signal, plainLocale: true }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return undefined;
  });
  return result?.exitCode === 0 ? result.stdout.trim() : undefined;
}
