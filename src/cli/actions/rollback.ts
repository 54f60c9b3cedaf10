import { acquireLock, type Lock, load, type Work } from "../../pipeline.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { findNamed } from "../named.ts";
import { type Progress, withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { rollbackInstance } from "./rollback-instance.ts";
import { rollbackHome, rollbackHost } from "./rollback-machine.ts";

export interface RollbackFlags extends GlobalFlags {
  readonly to?: number;
  readonly forceHost: boolean;
}

/** What the kinds of rollback have in common. */
export interface Rollback {
  readonly cli: Cli;
  readonly flags: RollbackFlags;
  readonly lock: Lock;
  readonly work: Work;
  /** Takes the moving lines away. */
  readonly pause: () => void;
  /** Keeps them away while a question is asked. */
  readonly hold: Progress["hold"];
  /** Whether the user agrees; when not, that nothing was changed is said. */
  readonly agrees: (name: string) => Promise<boolean>;
}

export async function rollback(this: Cli, flags: RollbackFlags, name: string): Promise<void> {
  const project = openProject(this, flags);
  const lock = acquireLock(project.root, "rollback");
  const agrees = async (named: string): Promise<boolean> => {
    if (await confirm(this, flags, `Roll ${named} back?`)) return true;
    this.process.stderr.write("Nothing was changed\n");
    this.exitCode = 130;
    return false;
  };
  try {
    await withProgress(
      this,
      flags,
      async ({ emit, pause, hold }) => {
        const work = { emit, signal: this.signal };
        const fleet = await load(project, work);
        const named = findNamed(fleet, name);
        const about: Rollback = { cli: this, flags, lock, work, pause, hold, agrees };
        if (named.kind === "host") return rollbackHost(about, fleet, named.host);
        if (named.kind === "home") return rollbackHome(about, fleet, named.home);
        return rollbackInstance(about, fleet, named.instance);
      },
      { streamJson: true },
    );
  } finally {
    lock.release();
  }
}
