/** Waits for a file of the project to be saved. */
import { existsSync, type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";

/** Editors save in several steps; what follows within this time is one change. */
const settleMs = 40;

export interface Watching {
  /** The files that changed since the last call, as soon as there are some; undefined when the signal ended it. */
  next(): Promise<readonly string[] | undefined>;
  close(): void;
}

/**
 * Watches the folders of a project. What floe, npm and git write is passed over: `.floe`, `node_modules`, hidden folders, and the files
 * that are generated (`ignore`, relative to the root).
 */
export function watchProject(root: string, ignore: (file: string) => boolean, signal: AbortSignal): Watching {
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let wake: (() => void) | undefined;
  const onChange = (folder: string, name: string | null) => {
    if (name === null || isPassedOver(name)) return;
    const file = folder === "" ? name : `${folder}/${name}`;
    if (ignore(file)) return;
    changed.add(file);
    wake?.();
  };
  const follow = () => {
    for (const folder of foldersBelow(root, "")) {
      if (watchers.has(folder)) continue;
      const watcher = watch(join(root, folder), (_event, name) => onChange(folder, name));
      // A folder that was deleted.
      watcher.on("error", () => {
        watcher.close();
        watchers.delete(folder);
      });
      watchers.set(folder, watcher);
    }
  };
  follow();
  return {
    async next() {
      if (changed.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      wake = undefined;
      if (signal.aborted) return undefined;
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      follow();
      const files = [...changed].sort();
      changed.clear();
      // Editors write beside the file first and rename.
      const there = files.filter((file) => existsSync(join(root, file)));
      return there.length > 0 ? there : files;
    },
    close() {
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

// --- internal ---

function isPassedOver(name: string): boolean {
  return name === "node_modules" || name.startsWith(".") || name.endsWith("~") || /^result(-.*)?$/.test(name);
}

function foldersBelow(root: string, folder: string): string[] {
  const inside = readdirSync(join(root, folder), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !isPassedOver(entry.name),
  );
  return [folder, ...inside.flatMap(({ name }) => foldersBelow(root, folder === "" ? name : `${folder}/${name}`))];
}
