// @ts-check
/** floe's own steps, done with `nix` and the `incus` command: without its checks, and without a way back when one fails. */
import fs from "node:fs";
import path from "node:path";
import { freePort } from "../lib/port.mjs";
import { run } from "../lib/program.mjs";
import { visit } from "../lib/visitor.mjs";
import { greetInNix, writeHandProject } from "./hand-project.mjs";
import { forward, initLike, stopwatch } from "./way.mjs";

/**
 * @typedef {{ env: NodeJS.ProcessEnv, project: string, instance: string, port: number }} Place
 * @typedef {{ from: string, name: string, xz: import("../lib/store.mjs").Pin }} Origin floe's project, and its instance
 */

/**
 * A successor is made beside the instance and takes its name.
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {Origin} origin
 * @returns {Promise<import("./way.mjs").Way>}
 */
export async function incusSwapWay(lab, origin) {
  const place = await prepare(lab, "by-incus", origin);
  await run("incus", ["start", place.instance], { env: place.env });
  await forward(place.env, place.instance, place.port);
  return { title: "incus, swap", serve: (before, after) => serve(place, before, after, swap) };
}

/**
 * The instance's `/nix/store` is this machine's; it is switched to another system of it.
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {Origin} origin
 * @returns {Promise<import("./way.mjs").Way>}
 */
export async function incusInPlaceWay(lab, origin) {
  const place = await prepare(lab, "by-incus-in-place", origin);
  const { env, instance, port } = place;
  const store = ["disk", "source=/nix/store", "path=/nix/store", "shift=true", "readonly=true"];
  await run("incus", ["config", "device", "add", instance, "store", ...store], { env });
  await run("incus", ["start", instance], { env });
  await forward(env, instance, port);
  return { title: "incus, in-place", serve: (before, after) => serve(place, before, after, switchSystem) };
}

// --- internal ---

/**
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {string} instance
 * @param {Origin} origin
 * @returns {Promise<Place>}
 */
async function prepare({ root, env }, instance, { from, name, xz }) {
  const project = path.join(root, instance);
  writeHandProject({ root: project, from, name, xz });
  await initLike(env, instance, name);
  return { env, project, instance, port: await freePort() };
}

/**
 * Visited all the time, as floe's ways are.
 * @param {Place} place
 * @param {string} before
 * @param {string} after
 * @param {(place: Place, step: import("./way.mjs").Step) => Promise<void>} update
 * @returns {Promise<import("./way.mjs").Served>}
 */
async function serve(place, before, after, update) {
  const visitor = visit(`http://127.0.0.1:${place.port}/`);
  try {
    await visitor.waitFor(before);
    const { begin, phases, step } = stopwatch();
    greetInNix(place.project, before, after);
    await update(place, step);
    const served = await visitor.waitFor(after);
    return { servingMs: served - begin, downtimeMs: visitor.gapBetween(before, after), phases };
  } finally {
    visitor.stop();
    await dropOld(place);
  }
}

/** @param {Place} place @param {import("./way.mjs").Step} step */
async function swap({ env, project, instance, port }, step) {
  const [next, previous] = [`${instance}-next`, `${instance}-previous`];
  const incus = (/** @type {string[]} */ ...args) =>
    step(`incus ${args.slice(0, 2).join(" ")}`, () => run("incus", args, { cwd: project, env }));
  await step("nix build", () => run("nix", ["build", ".#site-squashfs", ".#site-metadata"], { cwd: project, env }));
  // Not before the build: the paths are those of its results.
  await incus("image", "import", metadataIn(project), rootIn(project), "--alias", next);
  await incus("init", next, next);
  await step("incus config device add", () => forward(env, next, port));
  await incus("stop", instance);
  await incus("rename", instance, previous);
  await incus("rename", next, instance);
  await incus("start", instance);
}

/** What the next round makes again; nobody waits for this. @param {Place} place */
async function dropOld({ env, instance }) {
  for (const args of [
    ["delete", `${instance}-previous`],
    ["image", "delete", `${instance}-next`],
  ])
    await run("incus", args, { env }).catch(() => {});
}

/** @param {Place} place @param {import("./way.mjs").Step} step */
async function switchSystem({ env, project, instance }, step) {
  const inside = (/** @type {string[]} */ ...args) => run("incus", ["exec", instance, "--", ...args], { env });
  await step("nix build", () => run("nix", ["build", ".#site-toplevel"], { cwd: project, env }));
  const system = fs.readlinkSync(path.join(project, "result"));
  await step("incus exec switch", () => inside(`${system}/bin/switch-to-configuration`, "test"));
  const link = ["/run/current-system/sw/bin/ln", "-sfn", system, "/nix/var/nix/profiles/system"];
  await step("incus exec ln", () => inside(...link));
}

/** @param {string} project */
function metadataIn(project) {
  const folder = path.join(project, "result-1/tarball");
  const [file = ""] = fs.readdirSync(folder);
  return path.join(folder, file);
}

/** @param {string} project */
function rootIn(project) {
  const folder = path.join(project, "result");
  const file = fs.readdirSync(folder).find((name) => name.endsWith(".squashfs")) ?? "";
  return path.join(folder, file);
}
