// @ts-check
/** `floe plan` of a fleet like examples/home, beside one bare `nix eval` of the very output that it needs. */
import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../scripts/setup/checkout.mjs";
import { freePort } from "./lib/port.mjs";
import { run } from "./lib/program.mjs";
import { compared, timesTheOther } from "./lib/result.mjs";

const RUNS = 7;

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function plan(lab) {
  await lab.startIncus();
  const project = await copyHome(path.join(lab.root, "home"));
  await lab.floe(["apply", "--yes"], { cwd: project });
  // Exit code 3 would say that something changed: then this is not what it claims to be.
  const planUnchanged = async () => (await lab.floe(["plan", "--exit-code"], { cwd: project })).ms;
  const planEdited = async () => (await lab.floe(["plan"], { cwd: project })).ms;
  const evaluateOnce = async () =>
    (await run("nix", ["eval", "--json", `path:${project}/.floe/src#floe`], { env: lab.env })).ms;

  const unchanged = { floe: /** @type {number[]} */ ([]), nix: /** @type {number[]} */ ([]) };
  await evaluateOnce();
  for (let round = 0; round < RUNS; round++) {
    unchanged.floe.push(await planUnchanged());
    unchanged.nix.push(await evaluateOnce());
  }
  const edited = { floe: /** @type {number[]} */ ([]), nix: /** @type {number[]} */ ([]) };
  for (let round = 0; round < RUNS; round++) {
    greet(project, `Round ${Date.now()}`);
    edited.floe.push(await planEdited());
    edited.nix.push(await evaluateOnce());
  }
  const name = "nix eval";
  return {
    rows: [
      timesTheOther({
        what: "plan, nothing changed",
        floe: { name: "floe plan", ms: unchanged.floe },
        other: { name, ms: unchanged.nix },
        factor: 2,
      }),
      compared({
        what: "plan after an edit",
        floe: { name: "floe plan", ms: edited.floe },
        other: { name, ms: edited.nix },
      }),
    ],
  };
}

// --- internal ---

/**
 * examples/home with ports that are free here.
 * @param {string} project
 */
async function copyHome(project) {
  fs.cpSync(path.join(ROOT, "examples/home"), project, {
    recursive: true,
    dereference: true,
    filter: (source) => !/\/(\.floe|node_modules)$/.test(source),
  });
  /** @type {Map<string, string>} */
  const ports = new Map();
  for (const port of ["8081", "8082", "8083"]) ports.set(port, String(await freePort()));
  for (const file of ["web.ts", "counter.ts"]) {
    const source = path.join(project, "containers", file);
    const text = fs.readFileSync(source, "utf8").replace(/\b808[123]\b/g, (port) => ports.get(port) ?? port);
    fs.writeFileSync(source, text);
  }
  return project;
}

/**
 * @param {string} project
 * @param {string} greeting
 */
function greet(project, greeting) {
  const file = path.join(project, "containers/web.ts");
  fs.writeFileSync(
    file,
    fs.readFileSync(file, "utf8").replace(/^const greeting = .*$/m, `const greeting = "${greeting}";`),
  );
}
