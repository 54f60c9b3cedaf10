#!/usr/bin/env node
// @ts-check
/**
 * npm run demo: from a fresh checkout to containers that serve HTTP, and the dashboard that shows them.
 *
 *   npm run demo                set up what is missing, apply examples/home, start the dashboard, say what runs
 *   npm run demo -- --stop      stop what the demo started; data and images stay
 *   npm run demo -- --remove    stop it and delete all that the demo made
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureBuild, FLOE, ROOT } from "./setup/checkout.mjs";
import { startDashboard, stopDashboard } from "./setup/dashboard.mjs";
import { findIncus } from "./setup/find-incus.mjs";
import { ensureFirnBase } from "./setup/firn-base.mjs";
import { incusApi } from "./setup/incus-api.mjs";
import { defaultIncusDir, removeIncusd, startIncusd, stateDir, stopIncusd } from "./setup/incusd.mjs";
import { ensureBuildUsers } from "./setup/nixbld.mjs";
import { ensureNodePackages } from "./setup/node-packages.mjs";
import { ensurePackages } from "./setup/packages.mjs";
import { runMain, say } from "./setup/say.mjs";

const HOME = path.join(ROOT, "examples/home");
/** Of examples/home/floe.config.ts: what floe labels its objects with. */
const FLEET = "home";
const PAGES = {
  "web-1": "http://127.0.0.1:8081/",
  "web-2": "http://127.0.0.1:8082/",
  counter: "http://127.0.0.1:8083/",
};
/** Which Incus the demo ran on, so that --stop touches no other. */
const NOTE = path.join(stateDir(), "demo.json");

await runMain(async () => {
  const { values } = parseArgs({
    options: { stop: { type: "boolean" }, remove: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) return say("npm run demo [-- --stop | --remove]");
  if (values.remove) return remove();
  if (values.stop) return stop();
  return demo();
});

async function demo() {
  ensureNodePackages(ROOT);
  const { socket, isPrivate } = await setUpTools();
  ensureBuild();
  say(`\nfloe apply --yes   (in examples/home)\n`);
  const applied = spawnSync(process.execPath, [FLOE, "apply", "--yes"], {
    cwd: HOME,
    stdio: "inherit",
    env: { ...process.env, INCUS_SOCKET: socket },
  });
  if (applied.status !== 0) {
    say(
      `\nThe demo ended early: floe apply ended with ${applied.status === null ? `signal ${applied.signal}` : `exit code ${applied.status}`}`,
    );
    return applied.status ?? 1;
  }
  if (!(await visit())) return 1;
  const link = await startDashboard(HOME, { ...process.env, INCUS_SOCKET: socket });
  return tellNext(isPrivate, link);
}

async function setUpTools() {
  const existing = await findIncus();
  ensurePackages({ withIncus: existing === undefined });
  const isPrivate = existing === undefined;
  const socket = existing ?? (await startPrivate());
  ensureBuildUsers();
  ensureFirnBase(ROOT);
  fs.mkdirSync(path.dirname(NOTE), { recursive: true });
  fs.writeFileSync(NOTE, JSON.stringify({ socket, isPrivate }));
  return { socket, isPrivate };
}

async function startPrivate() {
  const dir = defaultIncusDir();
  const { socket, started } = await startIncusd(dir);
  say(
    started
      ? `Started a private Incus daemon: no other one answers here. All it has is in ${dir}`
      : `The private Incus daemon in ${dir} runs already`,
  );
  return socket;
}

/** Asks each page as a browser would; says what came. */
async function visit() {
  say("");
  const answers = await Promise.all(Object.values(PAGES).map(fetchPage));
  Object.entries(PAGES).forEach(([name, url], index) => {
    say(`  ${name.padEnd(8)} ${url}  ${answers[index]?.words}`);
  });
  if (answers.every(({ isOk }) => isOk)) return true;
  say("\nNot every page answers. What Incus says of an instance: cd examples/home && npx floe logs web-1");
  return false;
}

/**
 * As lenient as a browser: a CGI script may end its header lines with a bare line feed.
 * @param {string} url
 * @returns {Promise<{ isOk: boolean, words: string }>}
 */
function fetchPage(url) {
  return new Promise((resolve) => {
    const request = http.get(url, { insecureHTTPParser: true, timeout: 10_000 }, (response) => {
      let html = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        html += chunk;
      });
      response.on("end", () => {
        resolve({ isOk: response.statusCode === 200, words: `${response.statusCode}  ${textOf(html).slice(0, 60)}` });
      });
    });
    request.on("timeout", () => request.destroy(new Error("nothing within 10 s")));
    request.on("error", (error) => resolve({ isOk: false, words: `no answer: ${error.message}` }));
  });
}

/** @param {string} html */
function textOf(html) {
  return html
    .replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * @param {boolean} isPrivate
 * @param {string} link
 */
function tellNext(isPrivate, link) {
  say(`
Three containers run, each an Incus instance of its own, built by Nix from TypeScript.

See them in a browser; the link lets one in, once:

  ${link}

Change the greeting in examples/home/containers/web.ts: the dashboard shows the update, its plan, and applies it.

The same in a terminal:
${isPrivate ? `  export INCUS_DIR=${defaultIncusDir()}\n` : ""}  cd examples/home
  npx floe plan                what would change, and why
  npx floe apply               do it
  npx floe list                what there is
  npx floe serve --new-link    a link for another browser${isPrivate ? "\n  incus list                   the same through Incus' own eyes" : ""}

Stop it:   npm run demo -- --stop      data and images stay; "npm run demo" starts it again
Undo it:   npm run demo -- --remove    deletes the demo's instances${isPrivate ? ", images and volumes with the private daemon" : " and images; its volume stays"}`);
  return 0;
}

async function stop() {
  if (await stopDashboard()) say("Stopped the dashboard");
  const note = readNote();
  if (note === undefined) return say("The demo does not run");
  if (note.isPrivate) {
    const stopped = await stopIncusd(defaultIncusDir());
    return say(
      stopped
        ? "Stopped the demo's instances and the private Incus daemon; volumes and images stay"
        : "The demo does not run",
    );
  }
  for (const { name, project, status } of await demoInstances(note.socket)) {
    if (status !== "Stopped")
      await incusApi(note.socket, "PUT", `/1.0/instances/${name}/state?project=${project}`, {
        action: "stop",
        timeout: 10,
        force: true,
      });
    say(`Stopped ${name}`);
  }
}

async function remove() {
  await stopDashboard();
  const note = readNote();
  const dir = defaultIncusDir();
  if (note && !note.isPrivate) await removeFrom(note.socket);
  if (fs.existsSync(dir)) {
    await removeIncusd(dir);
    say(`Removed the private Incus daemon with its instances, images and volumes (${dir})`);
  }
  fs.rmSync(NOTE, { force: true });
  say("The demo is gone. Debian packages, the Nix store and .floe folders stay");
}

/** @param {string} socket of a daemon that is not ours: only what carries the demo's label goes. */
async function removeFrom(socket) {
  await stop();
  for (const { name, project } of await demoInstances(socket))
    await incusApi(socket, "DELETE", `/1.0/instances/${name}?project=${project}`);
  const images = (await incusApi(socket, "GET", "/1.0/images?recursion=1")) ?? [];
  for (const { fingerprint, properties } of images) {
    if (properties?.["floe.fleet"] === FLEET) await incusApi(socket, "DELETE", `/1.0/images/${fingerprint}`);
  }
  say(
    "Deleted the demo's instances and images. Its volume stays: incus storage volume list default user.floe.fleet=home",
  );
}

/**
 * @param {string} socket
 * @returns {Promise<{ name: string, project: string, status: string }[]>}
 */
async function demoInstances(socket) {
  const instances = (await incusApi(socket, "GET", "/1.0/instances?recursion=1&all-projects=true")) ?? [];
  return instances.filter((/** @type {any} */ instance) => instance.config["user.floe.fleet"] === FLEET);
}

/** @returns {{ socket: string, isPrivate: boolean } | undefined} */
function readNote() {
  return fs.existsSync(NOTE) ? JSON.parse(fs.readFileSync(NOTE, "utf8")) : undefined;
}
