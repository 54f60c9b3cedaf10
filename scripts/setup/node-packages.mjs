// @ts-check
/** npm packages of this checkout. */
import fs from "node:fs";
import path from "node:path";
import { runShown } from "./programs.mjs";
import { say } from "./say.mjs";

/**
 * Installs what the lock file says when node_modules is missing or older than it. Not with `npm ci`: that refuses a lock
 * file without the packages of other platforms, which a registry mirror need not have.
 * @param {string} root
 */
export function ensureNodePackages(root) {
  const installed = fs.statSync(path.join(root, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  if (installed && installed.mtimeMs >= fs.statSync(path.join(root, "package-lock.json")).mtimeMs) return;
  say("Installing npm packages");
  runShown("npm", ["install", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: root,
    hint: "Look at npm's own message above: is there a network?",
  });
}
