/**
 * A machine that floe reaches: this one, one over SSH, or a NixOS that runs as an Incus instance. Everything that is done on a host is done
 * through this, so that nothing else knows how it is reached.
 */

/** Where a host is, as its `target` says. */
export type MachineTarget =
  /** The machine that floe runs on. */
  | { readonly kind: "local" }
  /** As ssh takes it: `root@crown.lan`, or an alias of the user's ssh config. */
  | { readonly kind: "ssh"; readonly destination: string }
  | { readonly kind: "incus"; readonly server: string; readonly project: string; readonly instance: string };

/** How somebody who is not root becomes root. `none`: it is root already, or root is not needed. */
export type Elevation = "none" | "sudo" | "run0" | "doas";

export interface CommandOptions {
  /** As root, by the machine's elevation; default false: as the user that floe came in as. */
  readonly root?: boolean;
  /** What it reads; default nothing. */
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it is given up; default 60 seconds. */
  readonly timeoutMs?: number;
  /** Over a connection of its own, none that is shared or kept open: proves that the machine can still be reached. */
  readonly fresh?: boolean;
  /**
   * It may run twice, since it changes nothing: asked once more when a connection that was open before turns out to be dead. Default: not;
   * then such a connection is tried with a command that does nothing first.
   */
  readonly repeatable?: boolean;
  readonly onStdoutLine?: (line: string) => void;
  readonly onStderrLine?: (line: string) => void;
}

/** How a command on a machine ended. Only an end that the command itself came to is a result; a connection that fails is thrown. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a machine says of itself. */
export interface MachineIdentity {
  readonly hostName: string;
  /** /etc/machine-id; undefined where there is none. */
  readonly machineId: string | undefined;
  /** Of /proc/sys/kernel/random/boot_id: another one after each boot. */
  readonly bootId: string;
}

export interface Machine {
  /** The host's name in the fleet. */
  readonly name: string;
  readonly target: MachineTarget;
  /** For messages: `this machine`, `root@crown.lan`, `the instance web-1 on crown`. */
  readonly where: string;
  /**
   * Runs a program; the words reach it as they are, whatever is in them.
   * @throws ConnectionError when the machine cannot be reached or the connection ends before the command, CancelledError
   */
  run(argv: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandResult>;
  /** Runs a script of POSIX shell with arguments ($1, $2, ...). As `run`. */
  script(text: string, args?: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /**
   * Makes root's rights usable before anything starts: finds out whether they are needed and how they are had, and asks for a password at most once.
   * @throws ConnectionError, FloeError when the user may not become root there
   */
  prepareRoot(signal?: AbortSignal): Promise<Elevation>;
  /**
   * Copies the closures of store paths that are valid here into the machine's store, unless they are there; for this machine nothing has to be done.
   * @throws NixError, ConnectionError, CancelledError
   */
  copyClosures(paths: readonly string[], options: CopyOptions): Promise<void>;
  /**
   * Ends what is kept open. A connection over SSH stays for a minute, for the next floe; `disconnect`: that ends as well, as it does
   * anyway when a password was asked for.
   */
  close(options?: { readonly disconnect?: boolean }): Promise<void>;
}

export interface CopyOptions {
  readonly signal?: AbortSignal | undefined;
  /** What the machine can get from its own substituters (caches) is not sent. */
  readonly substitute?: boolean;
  /** The paths are those of derivations, and these themselves are meant, with all that building them needs. */
  readonly derivations?: boolean;
  /** Called while it goes on: bytes are of NARs. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Asks a person for the password of a user on a machine; undefined when nobody can be asked. Kept in memory only. */
export type AskPassword = (question: {
  readonly where: string;
  readonly prompt: string;
}) => Promise<string | undefined>;
