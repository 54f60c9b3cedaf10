/**
 * Activating a generation of home-manager on its machine, without depending on the connection to it.
 *
 *     start → activate ──▶ done
 *                └── fails: refused (nothing was changed) │ rolled back to the generation before │ failed (there was none)
 */
import { CancelledError, type ConnectionError, FloeError, LockedError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Home } from "../../model/fleet.ts";
import { pause } from "../../util/pause.ts";
import { despiteDrop } from "../despite-drop.ts";
import { followHomeScript, startHomeScript } from "./scripts.ts";

export interface HomeActivation {
  /** Of this attempt: letters, digits, `.`, `_` and `-`. */
  readonly id: string;
  /** The store path, which is there already: what `activationPackage` builds. */
  readonly generation: string;
  /** What files in the way are renamed with, as `HOME_MANAGER_BACKUP_EXT`; absent: they are refused. */
  readonly backup?: string | undefined;
  /** Only say what would be done. */
  readonly isDry?: boolean;
}

export interface HomeEnd {
  readonly state: "done" | "tried" | "refused" | "rolled-back" | "failed" | "rollback-failed" | "lost";
  /** Of `activate`. */
  readonly exitCode: number | undefined;
  /** Store path of the generation before; undefined: there was none. */
  readonly previous: string | undefined;
  /** What it printed. */
  readonly log: string;
}

/**
 * Begins it, in a process that does not end with this call or its connection.
 * @throws LockedError while another floe activates a home of this user; FloeError for another user than the home's; ConnectionError, and then it may have
 * begun
 */
export async function startHome(
  machine: Machine,
  { user }: Pick<Home, "user">,
  { id, generation, backup = "", isDry = false }: HomeActivation,
  signal?: AbortSignal,
): Promise<void> {
  const args = [id, generation, backup, isDry ? "dry" : "live", user];
  const { exitCode, stdout, stderr } = await despiteDrop(signal, startPatienceMs, () =>
    machine.script(startHomeScript, args, { signal }),
  );
  const [word, ...rest] = stdout.trim().split(" ");
  if (exitCode === 0 && word === "started") return;
  if (word === "user")
    throw new FloeError(
      `"${machine.name}" is the home of "${user}", but floe comes to ${machine.where} as "${rest[0]}"`,
      {
        hint:
          machine.target.kind === "local"
            ? `Run floe as ${user}, or name the way in its home(...): target: "${user}@localhost"`
            : `Name that user in its home(...): target: "${user}@…", or user: "${rest[0]}"`,
      },
    );
  if (word === "locked")
    throw new LockedError(
      `"${machine.name}" is being activated by another floe (process ${rest[0]} on ${machine.where})`,
      {
        hint: "Try again when it is over",
      },
    );
  if (word === "missing")
    throw new FloeError(
      `"${generation}" on ${machine.where} is no generation of home-manager: it has no program "activate"`,
    );
  throw new FloeError(
    `The activation of "${machine.name}" could not be started: ${stderr.trim() || `exit code ${exitCode}`}`,
  );
}

/** What is known of one whose beginning was not answered: the machine may have heard of it. */
export function unansweredHome(error: ConnectionError): HomeEnd {
  return { state: "lost", exitCode: undefined, previous: undefined, log: error.message };
}

/** Waits for its end, through connections that are lost. @throws CancelledError; then it goes on there */
export async function awaitHome(machine: Machine, id: string, signal?: AbortSignal): Promise<HomeEnd> {
  const log: string[] = [];
  let seen = performance.now();
  for (;;) {
    try {
      const { stdout, exitCode, stderr } = await machine.script(
        followHomeScript,
        [id, String(log.length), String(lookSeconds)],
        { signal, timeoutMs: lookSeconds * 1000 + slackMs },
      );
      if (exitCode !== 0) throw new FloeError(stderr.trim() || `exit code ${exitCode}`);
      seen = performance.now();
      const end = readLook(stdout, log);
      if (end !== undefined) return { ...end, log: log.join("\n") };
    } catch (error) {
      if (signal?.aborted) throw new CancelledError("Cancelled while a home was activated; it goes on there");
      if (!(error instanceof FloeError)) throw error;
      if (performance.now() - seen > blindMs)
        return { state: "lost", exitCode: undefined, previous: undefined, log: [...log, error.message].join("\n") };
      await pause(retryMs, signal);
    }
  }
}

// --- internal ---

/** For a connection that ends while it is begun. */
const startPatienceMs = 60_000;
/** One look lasts no longer than this, so that a connection that hangs is noticed. */
const lookSeconds = 15;
const slackMs = 20_000;
/** A machine may be away for this long. */
const blindMs = 120_000;
const retryMs = 1_000;

/** Adds the new lines of the log; undefined while it goes on. */
function readLook(text: string, log: string[]): Omit<HomeEnd, "log"> | undefined {
  const lines = text.split("\n");
  log.push(...lines.filter((line) => line.startsWith("|")).map((line) => line.slice(1)));
  const find = (word: string): string | undefined =>
    lines.find((line) => line === word || line.startsWith(`${word} `))?.slice(word.length + 1);
  const previous = find("previous") || undefined;
  if (find("unknown") !== undefined || find("lost") !== undefined)
    return { state: "lost", exitCode: undefined, previous };
  const result = find("result");
  if (result === undefined) return undefined;
  const [state = "lost", code = ""] = result.split(" ");
  return { state: state as HomeEnd["state"], exitCode: code === "" ? undefined : Number(code), previous };
}
