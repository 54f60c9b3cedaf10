/** Which commit of the project something was built from. */
import { run } from "../exec/run.ts";
import { defined } from "../util/defined.ts";

/** A git hook sets these to its own repository and index. */
const ownRepository = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
};
const digits = 12;

/** The first 12 digits of the commit, with `-dirty` where something under `root` is not committed; undefined outside of git. Never throws. */
export async function revisionOf(root: string, signal?: AbortSignal): Promise<string | undefined> {
  const git = (...args: string[]): Promise<string | undefined> =>
    run(["git", "-C", root, ...args], { env: ownRepository, ...defined({ signal }) }).then(
      ({ exitCode, stdout }) => (exitCode === 0 ? stdout.trim() : undefined),
      () => undefined,
    );
  const commit = await git("rev-parse", "--verify", "--quiet", "HEAD");
  if (commit === undefined) return undefined;
  const status = await git("status", "--porcelain", "--", ".");
  return `${commit.slice(0, digits)}${status === "" ? "" : "-dirty"}`;
}
