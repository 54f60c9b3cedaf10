/** Dev shells. */
import type { Fleet } from "../model/fleet.ts";
import { lastStage } from "../nix/stage.ts";
import type { MakeShell } from "../shell/make-shell.ts";
import { hooks } from "./hooks.ts";
import { nixOf } from "./nix-of.ts";
import type { Work } from "./work.ts";

/**
 * Makes the environment of a dev shell, or finds that it is still the one it was. `lookedAt`: milliseconds since the epoch, before anything was read.
 * @throws NixError when what it needs cannot be built, CancelledError
 */
export async function makeDevShell(
  fleet: Fleet,
  { name, isDefault, derivation, lookedAt }: Pick<MakeShell, "name" | "isDefault" | "derivation" | "lookedAt">,
  work: Work,
): Promise<void> {
  const { makeShell } = await import("../shell/make-shell.ts");
  const nix = await nixOf(fleet);
  await makeShell({ nix, root: fleet.root, name, isDefault, derivation, lookedAt, ...work });
  await (await hooks()).refreshHooks(fleet.tooling, { root: fleet.root, signal: work.signal });
  // From now on its shells are found from any folder.
  (await import("../state/fleets.ts")).rememberPlace(fleet);
}

/** The files that the last snapshot of a project had, relative to it. */
export function lastFiles(root: string): string[] {
  return Object.keys(lastStage(root)?.files ?? {});
}
