// @ts-check
/** Paths that enter the Nix store once, known by their hash, and leave it again. */
import fs from "node:fs";
import { run } from "./program.mjs";

/** @typedef {{ name: string, path: string, hash: string }} Pin */

/**
 * Copies a folder into the store.
 * @param {string} name
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Pin>}
 */
export async function pin(name, folder, env) {
  const hash = await run("nix", ["hash", "path", "--type", "sha256", folder], { env });
  const added = await run("nix", ["store", "add-path", "--name", name, folder], { env });
  return { name, path: added.stdout.trim(), hash: hash.stdout.trim() };
}

/**
 * The pinned path as a derivation that is never built: its output is there.
 * @param {Pin} pin
 */
export function pinExpression({ name, hash }) {
  return `derivation {
  name = "${name}";
  system = "${system()}";
  builder = "builtin:fetchurl";
  url = "file:///not-in-the-store";
  urls = [ "file:///not-in-the-store" ];
  outputHashMode = "recursive";
  outputHashAlgo = "sha256";
  outputHash = "${hash}";
}`;
}

/**
 * Deletes a pinned path with all that was made from it: systems, images and derivations. What is still needed stays.
 * @param {Pin} pinned
 * @param {NodeJS.ProcessEnv} env
 */
export async function deleteWithUsers(pinned, env) {
  const query = async (/** @type {readonly string[]} */ args) => {
    const { stdout } = await run("nix-store", ["--query", ...args], { env });
    return stdout.split("\n").filter((line) => line.startsWith("/"));
  };
  const { stdout: drv } = await run("nix", ["eval", "--raw", "--expr", `(${pinExpression(pinned)}).drvPath`], { env });
  // An image does not name what is packed in it: only its derivation tells where it comes from.
  const derivations = await query(["--referrers-closure", drv]);
  const outputs = (await query(["--outputs", ...derivations])).filter((output) => fs.existsSync(output));
  const users = await query(["--referrers-closure", ...outputs]);
  // Both lists begin with what the others refer to, and nothing can go before those that refer to it.
  const paths = [...new Set([...derivations, ...users])].reverse();
  for (const path of paths) await run("nix-store", ["--delete", path], { env }).catch(() => {});
}

/** @returns {string} this machine as Nix calls it */
export function system() {
  return process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
}
