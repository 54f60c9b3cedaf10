/** The formatter that a flake offers, built: what `nix fmt` would run. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { NixError } from "../errors.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import { type Asking, type AskOptions, askMachines } from "./ask.ts";
import { buildDerivations } from "./build.ts";
import { takenOverKey } from "./source-revision.ts";
import { localSystem } from "./system.ts";

/** Whether it has one for this system; nothing is built. @throws NixError when it does not evaluate, CancelledError */
export async function hasFlakeFormatter(options: AskOptions): Promise<boolean> {
  return askMachines(options, async ({ ask }) => isRecord(await described(ask)));
}

/**
 * The absolute path of its program; undefined where the flake has none for this system. The same sources have the same formatter: nix is not asked twice.
 * @throws NixError when it does not evaluate or cannot be built, CancelledError
 */
export async function flakeFormatter(options: AskOptions): Promise<string | undefined> {
  const { nix, root, cacheDir, taken, emit, signal } = options;
  const file = join(cacheDir, "formatter.json");
  const revision = await takenOverKey(taken, signal);
  const told = await askMachines(options, async ({ stageHash, ask }) => {
    const key = JSON.stringify([stageHash, nix.version, revision]);
    const known = readCache(file);
    if (isRecord(known) && known["key"] === key && typeof known["program"] === "string" && existsSync(known["program"]))
      return { key, program: known["program"] };
    return { key, value: await described(ask) };
  });
  if (told.program !== undefined) return told.program;
  const { value, key } = told;
  if (!isRecord(value)) return undefined;
  const [drvPath, outPath, main] = ["drv", "out", "main"].map((name) => String(value[name])) as [
    string,
    string,
    string,
  ];
  const rootsDir = join(root, ".floe", "roots");
  const derivations = [{ name: "formatter", drvPath, outPath }];
  const [built] = await buildDerivations({ nix, derivations, rootsDir, builders: [], keepGoing: true, emit, signal });
  if (built?.ok === false) throw built.error;
  const program = join(outPath, "bin", main);
  writeCache(file, { key, program });
  return program;
}

// --- internal ---

async function described(ask: Asking["ask"]): Promise<unknown> {
  const answer = await ask(describe, "formatter");
  if (!answer.ok) throw new NixError(`The flake's formatter does not evaluate: ${answer.error.message}`);
  return answer.value;
}

/** The name of the program is found as nix finds that of `nix run`. */
const describe = `formatters: let found = formatters.${localSystem()} or null; in
  if found == null then null else {
    drv = found.drvPath;
    out = found.outPath;
    main = found.meta.mainProgram or found.pname or (builtins.parseDrvName found.name).name;
  }`;
