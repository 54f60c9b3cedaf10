/** Evaluation of machines that set options which do not exist. */
import { type EvalContext, type EvalResult, evalOutput } from "./eval.ts";
import { lockedFlake } from "./watched.ts";

/**
 * As `evalOutput`, of machines whose definitions of unknown options are let pass, so that the rest of them can be looked at. Later releases
 * of NixOS offer that of themselves (`extendModules`), but those before 21.11 refuse to say anything about such a machine.
 */
export async function evalUnchecked(context: EvalContext, output: string, apply: string): Promise<EvalResult> {
  const { outputs } = context;
  if (outputs !== undefined) return evalOutput({ ...context, outputs: (name) => outputs(name, true) }, output, apply);
  const flake = await lockedFlake(context);
  return flake === undefined
    ? evalOutput(context, output, apply)
    : evalOutput({ ...context, expression: uncheckedExpression(flake, output, apply) }, output, apply);
}

// --- internal ---

function uncheckedExpression(flake: string, output: string, apply: string): string {
  return `let
  flake = builtins.getFlake ${JSON.stringify(flake)};
  unchecked = nixpkgs: nixpkgs // {
    lib = nixpkgs.lib // {
      nixosSystem = args: nixpkgs.lib.nixosSystem (args // { modules = args.modules ++ [ { _module.check = false; } ]; });
    };
  };
  inputs = flake.inputs // (if flake.inputs ? nixpkgs then { nixpkgs = unchecked flake.inputs.nixpkgs; } else { });
  outputs = (import (flake.outPath + "/flake.nix")).outputs (inputs // { self = flake; });
in (${apply}) outputs.${output}`;
}
