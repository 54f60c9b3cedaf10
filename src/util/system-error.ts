/** What the operating system refuses while floe works on its files is the user's to mend, and no bug of floe's. */
import { FloeError, StateError } from "../errors.ts";

/** The error as people read it, where it is one of those; else as it is. */
export function asSystemError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FloeError) return error;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : refusals[code];
  if (known === undefined) return error;
  const what = `${actions[syscall ?? ""] ?? "use"} ${path === undefined ? "a file" : `"${path}"`}`;
  return new StateError(`Cannot ${what}: ${known.reason}`, {
    hint: known.hint,
    cause: error,
    details: { errno: code, path },
  });
}

// --- internal ---

const owner = "Look with ls -ld whose it is: a project belongs to the user that runs floe in it";
const space = "Make room on that disk first; floe doctor says how much is free where";

const refusals: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  EACCES: { reason: "permission denied", hint: owner },
  EPERM: { reason: "not permitted", hint: owner },
  EROFS: {
    reason: "the file system is read-only",
    hint: "floe keeps its caches and its journal in the project's .floe",
  },
  ENOSPC: { reason: "no space is left on the disk", hint: space },
  EDQUOT: { reason: "the disk quota is used up", hint: space },
};

const actions: Readonly<Record<string, string>> = {
  open: "open",
  read: "read",
  scandir: "read",
  mkdir: "make the folder",
  write: "write",
  fsync: "write",
  copyfile: "write",
  cp: "write",
  link: "write",
  symlink: "write",
  rename: "rename",
  rm: "delete",
  rmdir: "delete",
  unlink: "delete",
};
