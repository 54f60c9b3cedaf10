// @ts-check
/**
 * The same edit the way it is done without floe: build the root file system and the metadata as tar.xz, copy both, import them,
 * delete the instance, launch it again, forward its port.
 */
import fs from "node:fs";
import path from "node:path";
import { freePort } from "../lib/port.mjs";
import { run } from "../lib/program.mjs";
import { visit } from "../lib/visitor.mjs";
import { greetInNix, writeHandProject } from "./hand-project.mjs";
import { forward, initLike, stopwatch } from "./way.mjs";

/** The instance of this way. Its image has an alias of its own beside floe's. */
const INSTANCE = "by-hand";
const ALIAS = "site-by-hand";

/**
 * The first instance of this way is made from the image that floe has built: only to have something to replace.
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {{ from: string, name: string, xz: import("../lib/store.mjs").Pin }} options floe's project, and its instance
 * @returns {Promise<import("./way.mjs").Way>}
 */
export async function handWay({ root, env }, { from, name, xz }) {
  const project = path.join(root, INSTANCE);
  writeHandProject({ root: project, from, name, xz });
  const port = await freePort();
  await initLike(env, INSTANCE, name);
  await run("incus", ["start", INSTANCE], { env });
  await forward(env, INSTANCE, port);
  return { title: "by hand", serve: (before, after) => serve({ env, project, port, before, after }) };
}

// --- internal ---

/**
 * @param {{ env: NodeJS.ProcessEnv, project: string, port: number, before: string, after: string }} round
 * @returns {Promise<import("./way.mjs").Served>}
 */
async function serve({ env, project, port, before, after }) {
  // The alias is free again; what it costs to delete the image of the round before is nobody's.
  await run("incus", ["image", "delete", ALIAS], { env }).catch(() => {});
  const { begin, phases, step } = stopwatch();
  greetInNix(project, before, after);
  await buildAndCopy(project, env, step);
  // Only from here on: the builds shall have the processors for themselves.
  const visitor = visit(`http://127.0.0.1:${port}/`);
  try {
    await visitor.waitFor(before);
    const files = ["server/metadata.tar.xz", "server/rootfs.tar.xz"];
    await step("incus image import", () =>
      run("incus", ["image", "import", ...files, "--alias", ALIAS], { cwd: project, env }),
    );
    await step("incus delete --force", () => run("incus", ["delete", "--force", INSTANCE], { env }));
    await step("incus launch", () => run("incus", ["launch", ALIAS, INSTANCE], { env }));
    await step("incus config device add", () => forward(env, INSTANCE, port));
    const served = await visitor.waitFor(after);
    return { servingMs: served - begin, downtimeMs: visitor.gapBetween(before, after), phases };
  } finally {
    visitor.stop();
  }
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./way.mjs").Step} step
 */
async function buildAndCopy(project, env, step) {
  const copy = (/** @type {string} */ name) => {
    const folder = path.join(project, "result/tarball");
    const [file = ""] = fs.readdirSync(folder);
    fs.copyFileSync(path.join(folder, file), path.join(project, "server", name));
  };
  await step("nix build .#site-tarball", () => run("nix", ["build", ".#site-tarball"], { cwd: project, env }));
  await step("cp", () => copy("rootfs.tar.xz"));
  await step("nix build .#site-metadata", () => run("nix", ["build", ".#site-metadata"], { cwd: project, env }));
  await step("cp ", () => copy("metadata.tar.xz"));
}
