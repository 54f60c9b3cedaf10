/** Units of systemd, printed to be read or written into a folder. */
import { existsSync, lchownSync, lstatSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeUnits } from "../pipeline.ts";
import type { Cli } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";
import { writeResult } from "./output.ts";

export interface UnitFlags extends GlobalFlags {
  readonly write?: string;
}

export interface Units {
  /** Of the document that `--json` prints. */
  readonly kind: string;
  readonly files: Readonly<Record<string, string>>;
  /** What makes systemd begin with them. */
  readonly next: string;
  /** The project's folder. */
  readonly root: string;
}

/** @throws StateError */
export async function printUnits(cli: Cli, flags: UnitFlags, { kind, files, next, root }: Units): Promise<void> {
  giveBack(root);
  const written = flags.write === undefined ? [] : await writeUnits(resolve(cli.cwd, flags.write), files);
  writeResult(cli, flags, kind, { files, written }, ({ colors }) =>
    written.length > 0
      ? `${written.map((file) => `${colors.green("✓")} ${file}\n`).join("")}\nThen: ${colors.cyan(next)}\n`
      : Object.entries(files)
          .map(([name, text]) => `${colors.dim(`# ${name}`)}\n${text}`)
          .join("\n"),
  );
}

// --- internal ---

/** A folder of the system takes root to write to: what root's floe has cached in somebody else's project would then be in the way of theirs. */
function giveBack(root: string): void {
  const { uid, gid } = lstatSync(root);
  const folder = join(root, ".floe");
  if (process.getuid?.() !== 0 || uid === 0 || !existsSync(folder)) return;
  const made = readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) =>
    join(entry.parentPath, entry.name),
  );
  for (const path of [folder, ...made]) if (lstatSync(path).uid === 0) lchownSync(path, uid, gid);
}
