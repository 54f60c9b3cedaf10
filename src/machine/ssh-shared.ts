/** The connection that all commands to a machine share (ssh_config: ControlMaster), also those of a floe that comes soon after. */
import { createHash } from "node:crypto";
import { existsSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { CancelledError, ExecError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { lastingFolder, socketPath } from "./runtime-folder.ts";
import { nixSshOptions } from "./ssh-options.ts";

export interface SharedConnection {
  /** It stays when this process ends. */
  readonly isLasting: boolean;
  /** Its socket. @throws ConnectionError when there is no safe place for it */
  path(): string;
  /** What a command's ssh is told, so that it goes through the connection, and makes it where there is none. */
  options(): string[];
  /**
   * Undefined: a command of this process got through, and the connection is there. Else the caller is to try it, and all others wait until
   * it did. @throws CancelledError
   */
  turn(signal: AbortSignal | undefined): Promise<Turn | undefined>;
  /** A command of this process got through, and the connection is there. */
  isOpen(): boolean;
  /** Somebody keeps a connection open that may be dead: made by another process, or seen to fail. */
  isLeftover(): Promise<boolean>;
  /** The next command may not rely on it. */
  doubt(): void;
  /** Nobody takes the connection any more; commands that run on it, perhaps another floe's, go on. */
  leave(): Promise<void>;
  /** Ends it, with everything that runs on it. */
  end(): Promise<void>;
}

export interface Turn {
  /** A command got through. */
  proved(): void;
  end(): void;
}

/** Seconds that a connection lasts that nothing runs on. */
const PERSIST_SECONDS = 60;

/**
 * By default it stays for a while after floe ended, for the next one. Whoever can use it is the user that made it, as root of that machine
 * is: the same who can use the user's agent. `FLOE_SSH_PERSIST`: other seconds than 60; 0: it ends with floe, and no other floe finds it.
 */
export function shareConnection(destination: string, env: NodeJS.ProcessEnv): SharedConnection {
  const seconds = persistOf(env);
  const isLasting = seconds > 0;
  let socket: string | undefined;
  let isProven = false;
  let first: Promise<void> | undefined;

  const path = (): string => {
    socket ??= isLasting ? join(lastingFolder(env), nameOf(destination, env)) : socketPath(env);
    return socket;
  };

  const isOpen = (): boolean => isProven && existsSync(path());

  /** Asks the process that keeps it. It may hang as its connection does. */
  async function tell(word: "stop" | "exit"): Promise<void> {
    const argv = ["ssh", "-o", `ControlPath=${path()}`, "-O", word, "--", destination] as const;
    try {
      await run([...argv], { env, timeoutMs: 1000, graceMs: 100 });
    } catch (error) {
      if (!(error instanceof ExecError)) throw error;
    }
  }

  return {
    isLasting,
    path,
    isOpen,
    options() {
      // Also after a crash of floe it ends some time.
      const persist = isLasting ? seconds : PERSIST_SECONDS;
      const settings = ["ControlMaster=auto", `ControlPath=${path()}`, `ControlPersist=${persist}`];
      return settings.flatMap((setting) => ["-o", setting]);
    },
    async turn(signal) {
      for (;;) {
        if (isOpen()) return undefined;
        if (first !== undefined) {
          await settled(first, signal);
          continue;
        }
        const { promise, turn } = newTurn((proved) => {
          first = undefined;
          if (proved) isProven = true;
        });
        first = promise;
        return turn;
      }
    },
    isLeftover: () => isListening(path()),
    doubt() {
      isProven = false;
    },
    async leave() {
      await tell("stop");
      rmSync(path(), { force: true });
    },
    async end() {
      isProven = false;
      if (socket !== undefined && existsSync(socket)) await tell("exit");
    },
  };
}

// --- internal ---

/** `onOver` is called once, before those who wait. */
function newTurn(onOver: (proved: boolean) => void): { readonly promise: Promise<void>; readonly turn: Turn } {
  let over: (proved: boolean) => void = () => {};
  const promise = new Promise<void>((resolve) => {
    let isOver = false;
    over = (proved) => {
      if (!isOver) onOver(proved);
      isOver = true;
      resolve();
    };
  });
  return { promise, turn: { proved: () => over(true), end: () => over(false) } };
}

function persistOf(env: NodeJS.ProcessEnv): number {
  const wanted = env["FLOE_SSH_PERSIST"] ?? "";
  return /^\d+$/.test(wanted) ? Number(wanted) : PERSIST_SECONDS;
}

/**
 * Another name for whatever may lead elsewhere: the options, the ssh that is found, and the state of its configuration. (Not of files that
 * this includes: a change there counts when the connection has ended.)
 */
function nameOf(destination: string, env: NodeJS.ProcessEnv): string {
  const users = nixSshOptions(env);
  const files = [
    "/etc/ssh/ssh_config",
    join(userInfo().homedir, ".ssh/config"),
    ...users.map((word) => word.replace(/^-F/, "")),
  ];
  const states = files.map((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found && [found.ino, found.size, found.mtimeMs];
  });
  const parts = JSON.stringify([destination, users, env["PATH"], env["FLOE_SSH_PERSIST"], states]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 16);
}

/** A socket without its process is a file that stayed. */
function isListening(path: string): Promise<boolean> {
  if (!existsSync(path)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Waits for it, or for the caller's own end. */
function settled(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new CancelledError("Cancelled while another command connected"));
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
