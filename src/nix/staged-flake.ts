/** How nix is told of a flake in a snapshot, and what it makes of the snapshot. */
import { NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { isRecord } from "../util/files.ts";
import { nixArgv } from "./args.ts";
import type { EvalContext } from "./eval.ts";
import { splitStage } from "./stage.ts";

type Place = Pick<EvalContext, "nix" | "network" | "stage" | "signal">;

/** A flake reference with the folder in which it means what it says. */
export interface StagedFlake {
  readonly url: string;
  readonly cwd: string;
  /** The flake's folder in what nix is given, "" for itself. */
  readonly folder: string;
}

/** A snapshot, or a folder of one, in the store. */
export interface StoredTree {
  readonly storePath: string;
  readonly narHash: string;
}

/** With the repository around it where that is staged; old releases know nothing of a flake in a folder of a path, and get that folder alone. */
export async function flakeInStage(place: Place): Promise<StagedFlake> {
  const { top, folder } = splitStage(place.stage);
  if (folder === "") return { url: "path:.", cwd: top, folder };
  const url = `path:.?dir=${encodeURI(folder)}`;
  const { exitCode, stderr } = await prefetch(place, url, top);
  const isOld = exitCode !== 0 && /unsupported parameter 'dir'/.test(stderr);
  return isOld ? { url: "path:.", cwd: place.stage, folder: "" } : { url, cwd: top, folder };
}

/** Has nix copy a folder into the store, unless it is there. @throws NixError */
export async function storeTree(place: Place, folder: string): Promise<StoredTree> {
  const { argv, exitCode, stdout, stderr } = await prefetch(place, "path:.", folder);
  const told: unknown = exitCode === 0 ? JSON.parse(stdout) : undefined;
  if (isRecord(told) && typeof told["storePath"] === "string" && typeof told["hash"] === "string")
    return { storePath: told["storePath"], narHash: told["hash"] };
  throw new NixError(`Cannot copy "${folder}" into the Nix store: ${stderr.trim()}`, {
    details: { phase: "eval", argv, exitCode },
  });
}

/** A reference to a flake in the store that `builtins.getFlake` takes; `folder`: the flake's in the tree, "" for itself. */
export function flakeUrl({ storePath, narHash }: StoredTree, folder: string): string {
  const dir = folder === "" ? "" : `dir=${encodeURIComponent(folder)}&`;
  return `path:${storePath}?${dir}narHash=${encodeURIComponent(narHash)}`;
}

/** The same reference of the flake in a stage. @throws NixError */
export async function storedFlake(place: Place): Promise<string> {
  const { top, folder } = splitStage(place.stage);
  const isWhole = (await flakeInStage(place)).folder === folder;
  return isWhole ? flakeUrl(await storeTree(place, top), folder) : flakeUrl(await storeTree(place, place.stage), "");
}

// --- internal ---

function prefetch({ nix, network, signal }: Place, url: string, cwd: string) {
  return run([...nixArgv(nix, network), "flake", "prefetch", "--json", url], { cwd, signal, plainLocale: true });
}
