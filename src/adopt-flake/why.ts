/** What nix was doing when it failed, and its reason, short enough for a list. */
import type { NixMessage } from "../nix/internal-json.ts";
import { stripAnsi } from "../util/ansi.ts";
import { doing, type Part } from "./outputs-nix.ts";

/** A nix that failed. */
export interface Failure {
  /** The key of the input that it fetched, or needed and was not allowed to. */
  readonly input?: string;
  /** The input that flake.lock does not have. */
  readonly unlocked?: string;
  /** The innermost part that was read. */
  readonly part?: Part;
  readonly why: string;
  /** Something would have to be built before the flake can be evaluated further, and that was not allowed. */
  readonly needsBuild: boolean;
}

/** Reads an error by the marks that outputs-nix.ts leaves in its trace. */
export function failureOf(messages: readonly NixMessage[], text: string): Failure {
  const last = messages.at(-1);
  const own = stripAnsi(last?.raw ?? last?.text ?? text).replace(/^\s*error:\s*/, "");
  const steps = [own, ...(last?.trace ?? []).map((step) => stripAnsi(step.text))];
  const marked = (mark: string): string | undefined =>
    steps
      .find((step) => step.startsWith(mark))
      ?.slice(mark.length)
      .trim();
  const input = marked(doing.input);
  const unlocked = marked(doing.unlocked);
  const part = marked(doing.part);
  return {
    ...(input === undefined ? {} : { input }),
    ...(unlocked === undefined ? {} : { unlocked }),
    ...(part === undefined ? {} : { part }),
    why: shortReason(/program 'git' failed/.test(own) ? gitReason(text, own) : own),
    needsBuild: /allow-import-from-derivation|import-from-derivation/.test(own),
  };
}

/** The first lines of a message that say something, in one line. */
export function shortReason(message: string): string {
  const lines = message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const [first = "Nix gave no reason", second] = lines;
  const text = first.endsWith(":") && second !== undefined ? `${first} ${second}` : first;
  const inner = /\(Source threw exception: (?:error: )?(.*?)\)?$/.exec(text)?.[1] ?? text;
  const plain = inner.replace(/^unable to download '[^']*': /, "cannot be downloaded: ");
  return plain.length > 240 ? `${plain.slice(0, 239)}…` : plain;
}

// --- internal ---

/** What git said before it failed. */
function gitReason(text: string, own: string): string {
  return /^(?:fatal|error|ssh|git): .*(?=\n|$)/gm.exec(text)?.[0] ?? own;
}
