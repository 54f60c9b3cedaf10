/**
 * Evaluation with an eye on the flake's `self`. A machine that reads `self.outPath`, its revision or another machine depends on
 * the whole project, and no look at the project's files can tell: a module of an input may do it. So the flake's outputs are called with a
 * `self` that says when one of these is read.
 */
import { run } from "../exec/run.ts";
import type { Emit } from "../report/events.ts";
import { isRecord } from "../util/files.ts";
import { nixArgv } from "./args.ts";
import type { EvalContext } from "./eval.ts";

const MARK = "floe: self is read: ";

/** What `lockedFlake` says of the snapshot with that hash. */
export interface LocatedFlake {
  readonly hash: string;
  readonly flake: string | undefined;
}

/** The flake in the store, for `EvalContext.watched`; undefined when this nix cannot say what it is. */
export async function lockedFlake({ nix, network, stage, signal }: EvalContext): Promise<string | undefined> {
  const argv = nixArgv(nix, network);
  const result = await run([...argv, "flake", "metadata", "--json", "--no-update-lock-file", "path:."], {
    cwd: stage,
    signal,
    plainLocale: true,
  });
  const told: unknown = result.exitCode === 0 ? JSON.parse(result.stdout) : undefined;
  const locked = isRecord(told) ? told["locked"] : undefined;
  const narHash = isRecord(locked) ? locked["narHash"] : undefined;
  return typeof narHash === "string" ? `path:${encodeURI(stage)}?narHash=${encodeURIComponent(narHash)}` : undefined;
}

/** What `path:.#OUTPUT --apply` evaluates, for the flake of that reference, with a watched `self`. */
export function watchedExpression(flake: string, output: string, apply: string): string {
  // What these hold is written in the project's files, and is watched there.
  return `let
  flake = builtins.getFlake ${JSON.stringify(flake)};
  plain = [ "inputs" "overlays" "nixosModules" "devShells" "formatter" "_type" ];
  outputs = (import (flake.outPath + "/flake.nix")).outputs (flake.inputs // { inherit self; });
  self = builtins.mapAttrs (
    name: value: if builtins.elem name plain then value else builtins.trace "${MARK}\${name}" value
  ) (flake // outputs);
in (${apply}) outputs.${output}`;
}

/** Events without the words of the watch; `seen` tells whether there were some. */
export function watchSelf(emit: Emit): { readonly emit: Emit; readonly seen: () => boolean } {
  let isSeen = false;
  return {
    seen: () => isSeen,
    emit(event) {
      if (event.type === "message" && event.text.startsWith(MARK)) isSeen = true;
      else emit(event);
    },
  };
}
