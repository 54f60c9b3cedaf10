// @ts-check
/** What 50 hosts add to `floe synth --check`, beside one host: loading, recording and printing, without start-up. The least of interleaved runs. */
import fs from "node:fs";
import path from "node:path";
import { FLOE, ROOT } from "../scripts/setup/checkout.mjs";
import { run } from "./lib/program.mjs";
import { least, timesTheOther } from "./lib/result.mjs";

const RUNS = 7;
const HOSTS = 50;
const LIMIT_MS = 300;

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function synth(lab) {
  const many = makeProject(path.join(lab.root, "many"), HOSTS);
  const one = makeProject(path.join(lab.root, "one"), 1);
  /** @param {string} project */
  const once = async (project) => (await run(process.execPath, [FLOE, "synth"], { env: lab.env, cwd: project })).ms;
  // The first run compiles the files; later ones find them compiled.
  for (const project of [many, one]) await once(project);
  const taken = { many: /** @type {number[]} */ ([]), one: /** @type {number[]} */ ([]) };
  for (let round = 0; round < RUNS; round++) {
    // Every file is written anew.
    for (const project of [many, one]) fs.rmSync(path.join(project, "nix"), { recursive: true });
    taken.many.push(await once(many));
    taken.one.push(await once(one));
  }
  const beyond = least(taken.many) - least(taken.one);
  return {
    rows: [
      timesTheOther({
        what: `synth of ${HOSTS} hosts beyond start-up, least of ${RUNS}`,
        floe: { name: `${HOSTS} hosts less one`, ms: [beyond] },
        other: { name: "limit", ms: [LIMIT_MS] },
        factor: 1,
        of: least,
      }),
    ],
  };
}

// --- internal ---

/**
 * Hosts with every kind of thing in them: those of the golden project "surface".
 * @param {string} root
 * @param {number} count
 */
function makeProject(root, count) {
  const surface = path.join(ROOT, "test/golden/surface");
  fs.mkdirSync(path.join(root, "hosts"), { recursive: true });
  for (const folder of ["modules", "hosts/crown"])
    fs.cpSync(path.join(surface, folder), path.join(root, folder), { recursive: true });
  const host = fs.readFileSync(path.join(surface, "hosts/crown.ts"), "utf8");
  for (let number = 1; number <= count; number++)
    fs.writeFileSync(
      path.join(root, `hosts/host-${number}.ts`),
      host.replace('hostName: "crown"', `hostName: "host-${number}"`),
    );
  fs.writeFileSync(
    path.join(root, "floe.config.ts"),
    `import { dir, fleet } from "floe";
export default fleet({ name: "bench", inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" }, hosts: dir("./hosts") });\n`,
  );
  return root;
}
