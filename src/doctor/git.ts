/** The project's repository: what git ignores, what it must know, and what floe wrote for it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { workflowOf } from "../ci/github.ts";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { hookStates } from "../hooks/hooks.ts";
import type { Fleet } from "../model/fleet.ts";
import { type Finding, finding } from "./finding.ts";

const say = (name: string) => finding("git", name);

/** Nothing where git itself is missing, which is told elsewhere. @param fleet undefined when it does not load */
export async function checkRepository(root: string, fleet: Fleet | undefined, signal: AbortSignal): Promise<Finding[]> {
  const inside = await git(root, signal, "rev-parse", "--is-inside-work-tree");
  if (inside === undefined) return [];
  if (inside !== 0)
    return [
      say("repository")("info", "The project is in no git repository: floe diff, hooks and ci need one", "git init"),
    ];
  const own =
    fleet === undefined ? [] : [...(await checkHooks(fleet, signal)), ...(await checkWorkflow(fleet, signal))];
  return [await checkIgnored(root, signal), ...(await checkTracked(root, signal)), ...own];
}

// --- internal ---

async function checkIgnored(root: string, signal: AbortSignal): Promise<Finding> {
  if ((await git(root, signal, "check-ignore", "-q", ".floe/cache")) === 0)
    return say("ignored")("ok", ".floe is ignored by git");
  return say("ignored")(
    "warn",
    "git does not ignore .floe: caches and links into the store would be committed",
    "echo .floe/ >> .gitignore",
  );
}

/** nix itself sees of a repository only what git knows. */
async function checkTracked(root: string, signal: AbortSignal): Promise<Finding[]> {
  if (!existsSync(join(root, "flake.nix"))) return [];
  if ((await git(root, signal, "ls-files", "--error-unmatch", "flake.nix")) === 0) return [];
  return [
    say("tracked")(
      "info",
      "flake.nix is not in git: plain nix commands do not see it; floe does",
      "git add flake.nix nix",
    ),
  ];
}

async function checkHooks({ root, tooling }: Fleet, signal: AbortSignal): Promise<Finding[]> {
  if ((tooling?.format.length ?? 0) + (tooling?.lint.length ?? 0) === 0) return [];
  const states = await known(hookStates(tooling, { root, signal }), signal);
  if (states === undefined) return [];
  const stale = states.filter(({ state }) => state === "stale");
  if (stale.length > 0)
    return stale.map(({ kind, file }) =>
      say("hooks")(
        "warn",
        `${file} does not check what the fleet names now`,
        kind === "git" ? "floe hooks install" : "floe hooks install --pre-commit",
      ),
    );
  const there = states.filter(({ state }) => state !== "absent");
  if (there.length === 0) return [say("hooks")("info", "Commits are not checked", "floe hooks install")];
  return there.map(({ file, state }) =>
    say("hooks")(
      state === "own" ? "ok" : "info",
      state === "own" ? `${file} checks each commit` : `${file} is a person's, and is left`,
    ),
  );
}

async function checkWorkflow(fleet: Fleet, signal: AbortSignal): Promise<Finding[]> {
  const workflow = await known(workflowOf(fleet, signal), signal);
  if (workflow === undefined || workflow.state === "absent") return [];
  const { file, state } = workflow;
  if (state === "stale") return [say("workflow")("warn", `${file} is not up to date`, "floe synth")];
  return [
    say("workflow")(
      state === "current" ? "ok" : "info",
      state === "current" ? `${file} is current` : `${file} is a person's, and is left`,
    ),
  ];
}

async function known<T>(asking: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return asking.catch((error: unknown) => {
    if (!(error instanceof FloeError) || signal.aborted) throw error;
    return undefined;
  });
}

/** The exit code; undefined where there is no git. */
async function git(root: string, signal: AbortSignal, ...words: string[]): Promise<number | null | undefined> {
  const env = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined, GIT_PREFIX: undefined };
  return (await known(run(["git", "-C", root, ...words], { env, signal, plainLocale: true }), signal))?.exitCode;
}
