/** git in the project's folder, whoever called floe: a hook sets variables that mean its own repository. */
import { type RunResult, run } from "../exec/run.ts";
import { defined } from "../util/defined.ts";

const ownRepository = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
  /** A question would never be seen. */
  GIT_TERMINAL_PROMPT: "0",
};

export type Git = (args: readonly string[], input?: string) => Promise<RunResult>;

/** @throws MissingError when there is no git, CancelledError */
export function gitIn(folder: string, signal: AbortSignal | undefined): Git {
  return (args, input) =>
    run(["git", "-C", folder, ...args], {
      env: ownRepository,
      plainLocale: true,
      ...defined({ signal }),
      ...(input === undefined ? {} : { stdin: { text: input } }),
    });
}
