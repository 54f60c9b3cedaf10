// @ts-check
/** firn's base in the Nix store: what the containers of the demo and the tests are built from. */
import path from "node:path";
import { runShown } from "./programs.mjs";

/** @param {string} root the checkout */
export function ensureFirnBase(root) {
  runShown("sh", [path.join(root, "firn/add-base.sh"), path.join(root, ".floe/roots")], { cwd: root });
}
