import { existsSync } from "node:fs";
import { ExecError, MissingError } from "../errors.ts";

/** Debian's packages of the programs floe starts. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  nix: "nix-bin",
  git: "git",
  ssh: "openssh-client",
  incus: "incus-client",
  mksquashfs: "squashfs-tools",
  zstd: "zstd",
};

/** The error for a program that is not there, with how to get it. */
export function missingProgram(program: string, cwd: string | undefined, cause?: unknown): MissingError {
  if (cwd !== undefined && !existsSync(cwd)) {
    return new MissingError(`Cannot run "${program}" in "${cwd}": there is no such folder`, { cause });
  }
  const name = program.slice(program.lastIndexOf("/") + 1);
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EACCES") {
    return new MissingError(`Cannot run "${program}": permission denied`, {
      hint: `Check that "${program}" is executable`,
      cause,
    });
  }
  return new MissingError(`Cannot run "${program}": it is not installed`, {
    hint: installHint(name),
    details: { program },
    cause,
  });
}

/** The error for a program that could not be started, whatever the reason. */
export function notStarted(argv: readonly string[], cwd: string | undefined, cause: unknown): MissingError | ExecError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "EACCES") return missingProgram(argv[0] as string, cwd, cause);
  return new ExecError(`Cannot start "${argv[0]}": ${(cause as Error).message}`, { cause, details: { argv } });
}

// --- internal ---

function installHint(name: string): string {
  const debian = DEBIAN_PACKAGES[name];
  return debian === undefined
    ? `Install "${name}", or put it on the PATH`
    : `On Debian or Ubuntu: apt-get install ${debian}`;
}
