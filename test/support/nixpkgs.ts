/** A real nixpkgs, for the tests that want one. */
import { existsSync } from "node:fs";
import path from "node:path";

/** The flake reference in `$FLOE_NIXPKGS`, which may also be the folder of a checkout; undefined without it. */
export function nixpkgsUrl(): string | undefined {
  const given = process.env["FLOE_NIXPKGS"];
  if (given === undefined || given === "" || given.includes(":")) return given === "" ? undefined : given;
  return existsSync(path.join(given, ".git")) ? `git+file://${given}` : `path:${given}`;
}
