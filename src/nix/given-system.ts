/** A system that somebody else built: a store path, or a link such as `./result`. */
import { existsSync, realpathSync } from "node:fs";
import { CancelledError, FloeError, NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Emit } from "../report/events.ts";
import { nixArgv } from "./args.ts";
import type { NixTool } from "./find.ts";
import { readNixLog } from "./log-reader.ts";
import { checkNetwork } from "./network.ts";
import { pathInfo } from "./path-info.ts";

/**
 * The store path, which is valid here when this returns: fetched from a binary cache where that has to be.
 * @throws FloeError when there is no such thing, or it is no system; NixError; CancelledError
 */
export async function findSystem(
  nix: NixTool,
  given: string,
  { emit, signal }: { readonly emit: Emit; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const path = storePathOf(given);
  if (!(await pathInfo(nix, [path], { signal })).has(path)) await fetch(nix, path, { emit, signal });
  if (existsSync(`${path}/bin/switch-to-configuration`)) return path;
  throw new FloeError(`"${given}" is no NixOS system: it has no bin/switch-to-configuration`, {
    hint: "Give the path that nix build .#nixosConfigurations.NAME.config.system.build.toplevel printed",
  });
}

// --- internal ---

function storePathOf(given: string): string {
  const real = existsSync(given) ? realpathSync(given) : given;
  const path = /^\/nix\/store\/[0-9a-z]{32}-[^/]+/.exec(real)?.[0];
  if (path !== undefined) return path;
  throw new FloeError(`"${given}" is not in the Nix store`, {
    hint: "Give a store path, or a link to one such as ./result",
  });
}

async function fetch(
  nix: NixTool,
  path: string,
  { emit, signal }: { readonly emit: Emit; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const log = readNixLog(emit);
  const flags = ["--log-format", "internal-json", "build", "--no-link", path];
  const argv: [string, ...string[]] = [...nixArgv(nix, await checkNetwork(nix)), ...flags];
  const { exitCode } = await run(argv, { signal, plainLocale: true, onStderrLine: log.onLine });
  if (signal?.aborted) throw new CancelledError("Cancelled while a system was fetched");
  if (exitCode === 0) return;
  const said = log.errors.map(({ text }) => text).at(-1) ?? log.text().trim();
  throw new NixError(`"${path}" is not in this machine's store, and no binary cache has it: ${said}`, {
    hint: "Copy it here first: nix copy --from STORE PATH",
    details: { phase: "fetch", exitCode },
  });
}
