/** Which servers run for a project, so that `floe serve --new-link` finds them: `.floe/serve/PORT.json`. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readCache } from "../util/files.ts";
import { serveFolder, writePrivate } from "./link.ts";

export interface RunningServer {
  readonly port: number;
  readonly url: string;
}

export function rememberServer(root: string, { port, url }: RunningServer): void {
  writePrivate(fileOf(root, port), JSON.stringify({ pid: process.pid, url }));
}

export function forgetServer(root: string, port: number): void {
  rmSync(fileOf(root, port), { force: true });
}

/** Those whose process is alive. */
export function runningServers(root: string): RunningServer[] {
  return readdirSync(serveFolder(root)).flatMap((name) => {
    const port = Number(/^(\d+)\.json$/.exec(name)?.[1]);
    const value = Number.isNaN(port) ? undefined : readCache(join(serveFolder(root), name));
    if (!isRecord(value) || typeof value["url"] !== "string" || !isAlive(value["pid"])) return [];
    return [{ port, url: value["url"] }];
  });
}

// --- internal ---

function fileOf(root: string, port: number): string {
  return join(serveFolder(root), `${port}.json`);
}

function isAlive(pid: unknown): boolean {
  if (typeof pid !== "number") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
