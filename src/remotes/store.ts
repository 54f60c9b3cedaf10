/** The servers that were added, with the certificate each is known by: `remotes.json` in floe's own folder. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StateError } from "../errors.ts";
import { configFolder } from "./folder.ts";

export interface Remote {
  readonly name: string;
  /** `https://HOST:PORT` */
  readonly url: string;
  /** SHA-256 of the server's certificate, 64 hex digits. */
  readonly fingerprint: string;
}

interface RemotesFile {
  readonly version: 1;
  readonly remotes: readonly Remote[];
}

/** In the order of their names. @throws StateError */
export async function readRemotes(environment?: NodeJS.ProcessEnv): Promise<readonly Remote[]> {
  const file = remotesFile(environment);
  try {
    const { version, remotes } = JSON.parse(await readFile(file, "utf8")) as RemotesFile;
    if (version === 1 && Array.isArray(remotes)) return remotes;
    throw new Error("it was written by another version of floe");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new StateError(`Cannot read the known servers in "${file}": ${(cause as Error).message}`, {
      hint: "Mend the file, or delete it and add the servers again: floe remote add",
      cause,
    });
  }
}

/** Replaces all. @throws StateError */
export async function writeRemotes(remotes: readonly Remote[], environment?: NodeJS.ProcessEnv): Promise<void> {
  const file = remotesFile(environment);
  const sorted = [...remotes].sort((a, b) => (a.name < b.name ? -1 : 1));
  try {
    await mkdir(configFolder(environment), { recursive: true, mode: 0o700 });
    const half = `${file}.${process.pid}.tmp`;
    const text = `${JSON.stringify({ version: 1, remotes: sorted } satisfies RemotesFile, null, 2)}\n`;
    await writeFile(half, text, { flush: true });
    await rename(half, file);
  } catch (cause) {
    throw new StateError(`Cannot write "${file}": ${(cause as Error).message}`, { cause });
  }
}

function remotesFile(environment?: NodeJS.ProcessEnv): string {
  return join(configFolder(environment), "remotes.json");
}
