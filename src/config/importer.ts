import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { installGuards } from "../authoring/guards.ts";
import { registry } from "../authoring/registry.ts";
import { StateError } from "../errors.ts";
import { asSystemError } from "../util/system-error.ts";
import { settled } from "./contain.ts";
import { guardConditions } from "./guard-plugin.ts";
import { importFailure } from "./import-failure.ts";
import type { Problems } from "./problems.ts";

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** Imports the user's TypeScript files of one project. */
export interface Importer {
  /** What the file (absolute) exports; undefined, and a problem, when it cannot be loaded. */
  load(file: string): Promise<Exports | undefined>;
}

/**
 * An importer whose `import ... from "floe"` gives the face: the functions of this process, so that nothing is loaded twice.
 * Compiled files are kept in `.floe/cache/jiti-guarded`. Files are imported one after the other, because two imports of a shared module
 * at once could see it half done. `plugins` are Babel plugins for the compilation; what they made is not kept.
 */
export async function openImporter(
  root: string,
  configFile: string,
  face: object,
  problems: Problems,
  plugins: readonly unknown[] = [],
): Promise<Importer> {
  // Not import(): Node would scan all of this CommonJS package for the names that it exports, which takes longer than to run it.
  const { createJiti } = createRequire(import.meta.url)("jiti") as typeof import("jiti");
  installGuards();
  const jiti = createJiti(join(root, configFile), {
    // A name for what the files are compiled to: what was kept before must not be taken for it.
    fsCache: plugins.length === 0 && join(root, ".floe", "cache", "jiti-guarded"),
    virtualModules: { floe: face },
    transformOptions: { babel: { plugins: [guardConditions, ...plugins] } },
  });
  forget(jiti.cache, root);
  return {
    async load(file) {
      try {
        return await settled(jiti.import<Exports>(file), relative(root, file));
      } catch (thrown) {
        const error = asSystemError(thrown);
        // What the files are compiled to cannot be kept: no fault of theirs.
        if (error instanceof StateError && error.details["errno"] !== "EACCES") throw error;
        const { place, message, hint } = importFailure(error, file, root);
        problems.report(place, [], message, hint);
        return undefined;
      }
    },
  };
}

/** Files of the project that this process has loaded before may have changed since. */
function forget(cache: Record<string, unknown>, root: string): void {
  for (const file of Object.keys(cache)) {
    if (file.startsWith(`${root}/`) && !file.includes("/node_modules/")) delete cache[file];
  }
  for (const file of registry().modules.keys()) if (file.startsWith(`${root}/`)) registry().modules.delete(file);
}
