/** Commands as texts that a shell takes apart into exactly the same words again. */

import { quoteWord } from "../util/quote-word.ts";

/** Programs that a command over SSH or in an instance may not find by its own PATH: those of NixOS, of Nix elsewhere, and those for root. */
const FURTHER =
  "/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Sets the PATH; NixOS keeps its programs that change the user, such as sudo, apart. */
export const setPath = `PATH=/run/wrappers/bin:$PATH:${FURTHER}; export PATH`;

/** The command with that PATH. */
export function withPath(argv: readonly string[]): [string, ...string[]] {
  return ["sh", "-c", `${setPath}; exec "$@"`, "floe", ...argv];
}

/** Longest argument that Linux hands to a program (MAX_ARG_STRLEN), with its end. */
export const LONGEST_ARGUMENT = 128 * 1024;

/**
 * A command for the login shell of the other side, which may be no POSIX shell. They all take a word in single quotes as it is, as
 * long as there is no quote, backslash before a quote, `!` or newline in it; so everything else travels as octal numbers that printf
 * reads. `endMark` goes to stderr when the program itself ends with 255, which otherwise means that ssh failed; `beginMark` before it begins.
 */
export function remoteCommand(argv: readonly string[], endMark: string, beginMark?: string): string {
  const script = [
    ...(beginMark === undefined ? [] : [`echo ${beginMark} >&2`]),
    setPath,
    `(exec ${argv.map(quoteWord).join(" ")})`,
    `floe_end=$?; if [ "$floe_end" = 255 ]; then echo ${endMark} >&2; fi; exit "$floe_end"`,
  ].join("\n");
  return `sh -c 'eval "$(printf "${asPrintf(script)}")"'`;
}

// --- internal ---

/** Only letters, digits, blanks and harmless signs stay as they are. */
function asPrintf(text: string): string {
  return Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/[^A-Za-z0-9 _./:,;=@+-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
