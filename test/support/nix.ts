/** The real nix in tests: `FLOE_TEST_NIX` names the command, `nix` is the default. */
import path from "node:path";
import { run } from "./run.ts";

export const nixCommand = process.env["FLOE_TEST_NIX"] ?? "nix";

/** Runs nix with flakes on and no substituters; answers stdout. */
export function nix(args: readonly string[]): Promise<string> {
  return run(nixCommand, [
    "--extra-experimental-features",
    "nix-command flakes",
    "--option",
    "substituters",
    "",
    ...args,
  ]);
}

/** The value of an expression in a file, through JSON. */
export async function evalFile(file: string): Promise<unknown> {
  return JSON.parse(await nix(["eval", "--json", "--file", file]));
}

/** Parses a file with the `nix-instantiate` that lies beside nix, and answers Nix's own normal form of it. */
export function parseFile(file: string): Promise<string> {
  const beside = nixCommand.includes("/") ? path.join(path.dirname(nixCommand), "nix-instantiate") : "nix-instantiate";
  return run(beside, ["--parse", file]);
}
