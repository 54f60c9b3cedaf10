// @ts-check
/** Entering an unchanged dev shell: `nd` of shell-init and `floe shell`, beside Node alone and `nix develop`. */
import fs from "node:fs";
import path from "node:path";
import { FLOE, ROOT } from "../scripts/setup/checkout.mjs";
import { run } from "./lib/program.mjs";
import { beyondTheOther, compared, least, timesTheOther } from "./lib/result.mjs";

const RUNS = 15;

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function shell(lab) {
  const project = path.join(lab.root, "shells");
  fs.cpSync(path.join(ROOT, "examples/home"), project, {
    recursive: true,
    dereference: true,
    filter: (source) => !/\/(\.floe|node_modules)$/.test(source),
  });
  const env = { ...lab.env, XDG_STATE_HOME: path.join(lab.root, "state") };
  const nd = path.join(lab.root, "nd.sh");
  await run(process.execPath, [FLOE, "-C", project, "shell", "--", "true"], { env });
  fs.writeFileSync(
    nd,
    `${(await run(process.execPath, [FLOE, "-C", project, "shell-init", "bash"], { env })).stdout}\nnd -- true\n`,
  );
  const develop = ["develop", "--offline", `path:${project}/.floe/src#default`, "-c", "true"];
  /** @type {Record<string, () => Promise<{ ms: number }>>} */
  const ways = {
    nothing: () => run("bash", ["-c", "true"], { env }),
    nd: () => run("bash", [nd], { env }),
    node: () => run(process.execPath, ["-e", "0"], { env }),
    floe: () => run(process.execPath, [FLOE, "-C", project, "shell", "--", "true"], { env }),
    develop: () => run("nix", develop, { env }),
  };
  /** @type {Record<string, number[]>} */
  const taken = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  await ways["develop"]?.();
  for (let round = 0; round < RUNS; round++)
    for (const [name, way] of Object.entries(ways)) taken[name]?.push((await way()).ms);
  const side = (/** @type {string} */ name, /** @type {string} */ key) => ({ name, ms: taken[key] ?? [] });
  return {
    rows: [
      beyondTheOther({
        what: "nd -- true, unchanged, to its end",
        floe: side("bash with nd", "nd"),
        other: side("bash -c true", "nothing"),
        ms: 30,
      }),
      timesTheOther({
        what: `floe shell -- true, least of ${RUNS}`,
        floe: side("floe shell -- true", "floe"),
        other: side("node -e 0", "node"),
        factor: 1.5,
        of: least,
      }),
      compared({
        what: "nd beside nix develop",
        floe: side("nd -- true", "nd"),
        other: side("nix develop -c true", "develop"),
      }),
      compared({
        what: "floe shell beside nix develop",
        floe: side("floe shell -- true", "floe"),
        other: side("nix develop -c true", "develop"),
      }),
    ],
  };
}
