/** Locks the inputs that flake.lock lacks, in the snapshot: the project's own flake.lock is not touched. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../exec/run.ts";
import { nixArgv } from "../nix/args.ts";
import type { EvalContext } from "../nix/eval.ts";
import type { NixMessage } from "../nix/internal-json.ts";
import { readNixLog } from "../nix/log-reader.ts";
import { stripAnsi } from "../util/ansi.ts";
import { shortReason } from "./why.ts";

/** An input that could not be locked: `input` is the way to it. */
export interface Unlockable {
  readonly input: string;
  readonly why: string;
}

/**
 * Has nix write flake.lock in the stage. An input that cannot be fetched is locked as an empty flake, so that the others still are; the
 * answer says which. One of them is undefined where nix does not say which input it failed at. @throws CancelledError, MissingError
 */
export async function lockApart(context: EvalContext): Promise<readonly (Unlockable | undefined)[]> {
  const failed: Unlockable[] = [];
  for (;;) {
    // What it says is about a lock that nobody keeps.
    const log = readNixLog((event) => void (event.type !== "message" && context.emit(event)));
    const argv: [string, ...string[]] = [
      ...nixArgv(context.nix, context.network),
      ...["--log-format", "internal-json", "--show-trace", "flake", "lock", "path:."],
      ...failed.flatMap(({ input }) => ["--override-input", input, `path:${emptyFlake(context)}`]),
    ];
    const result = await run(argv, {
      cwd: context.stage,
      signal: context.signal,
      plainLocale: true,
      env: { GIT_TERMINAL_PROMPT: "0" },
      onStderrLine: log.onLine,
    });
    if (result.exitCode === 0) return failed;
    const input = inputIn(log.errors.at(-1), log.text());
    if (input === undefined || failed.some((known) => known.input === input)) return [...failed, undefined];
    const last = log.errors.at(-1);
    failed.push({ input, why: shortReason(stripAnsi(last?.raw ?? last?.text ?? log.text())) });
  }
}

// --- internal ---

function inputIn(message: NixMessage | undefined, text: string): string | undefined {
  const texts = [...(message?.trace ?? []).map((step) => stripAnsi(step.text)), text];
  const names = texts.flatMap((each) => /while updating the (?:flake )?input '([^']+)'/.exec(each)?.[1] ?? []);
  return names[0];
}

function emptyFlake({ nix }: EvalContext): string {
  const folder = join(nix.cacheDir, "no-input");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "flake.nix"), "{ outputs = _: { }; }\n");
  return folder;
}
