// @ts-check
/** `floe fmt` on 2,000 files: beside `git status` when nothing changed, and beside the formatter alone when ten did. */
import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../scripts/setup/checkout.mjs";
import { run } from "./lib/program.mjs";
import { compared, least, timesTheOther } from "./lib/result.mjs";

const FILES = 2_000;
const CHANGED = 10;
const RUNS = 15;
const CHANGED_RUNS = 8;
/** As the command is installed: a shell that begins Node when it has to. */
const FRONT = path.join(ROOT, "dist/floe");

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function fmt(lab) {
  const project = path.join(lab.root, "fmt");
  makeProject(project);
  const { env } = lab;
  const inProject = { cwd: project, env };
  const git = (/** @type {string[]} */ ...args) =>
    run("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], inProject);
  await git("init", "--quiet");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=all");
  const floe = () => run(FRONT, ["fmt"], inProject);
  await floe();
  await floe();

  const nothing = await inTurns(RUNS, {
    git: () => run("git", ["status"], inProject),
    node: () => run(process.execPath, ["-e", "0"], { env }),
    floe,
  });
  const changed = Array.from({ length: CHANGED }, (_, index) => fileName(index * 190));
  const prettier = path.join(project, "node_modules/.bin/prettier");
  const some = await inTurns(CHANGED_RUNS, {
    alone: (round) => {
      disturb(project, changed, `alone ${round}`);
      return run(prettier, ["--write", "--log-level=warn", "--ignore-unknown", ...changed], inProject);
    },
    floe: (round) => {
      disturb(project, changed, `floe ${round}`);
      return floe();
    },
  });
  const side = (/** @type {string} */ name, /** @type {number[] | undefined} */ ms) => ({ name, ms: ms ?? [] });
  return {
    rows: [
      timesTheOther({
        what: `floe fmt, ${FILES} files, nothing changed, least of ${RUNS}`,
        floe: side("floe fmt", nothing["floe"]),
        other: side("git status", nothing["git"]),
        factor: 3,
        of: least,
      }),
      timesTheOther({
        what: `floe fmt, ${CHANGED} of them changed, least of ${CHANGED_RUNS}`,
        floe: side("floe fmt", some["floe"]),
        other: side("prettier on these", some["alone"]),
        factor: 1.3,
        of: least,
      }),
      compared({
        what: "floe fmt, nothing changed",
        floe: side("floe fmt", nothing["floe"]),
        other: side("node -e 0", nothing["node"]),
      }),
    ],
  };
}

/** @param {number} index */
const fileName = (index) => `src/${Math.floor(index / 40)}/f${index}.ts`;

/**
 * A module of some fifty lines as prettier leaves it.
 * @param {string} name
 */
const formatted = (name) =>
  Array.from(
    { length: 12 },
    (_, index) =>
      `export function f${index}(value: string): string {\n  return value + ${JSON.stringify(`${name} ${index}`)};\n}\n`,
  ).join("\n");

/** @param {string} project */
function makeProject(project) {
  const write = (/** @type {string} */ file, /** @type {string} */ text) => {
    fs.mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    fs.writeFileSync(path.join(project, file), text);
  };
  for (let index = 0; index < FILES; index++) write(fileName(index), formatted(`file ${index}`));
  write("base/flake.nix", "{ outputs = _: { }; }\n");
  write(".gitignore", ".floe\nnode_modules\n");
  write(
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "fmt", inputs: { nixpkgs: dir("./base") }, format: { "src/**/*.ts": "prettier" } });
`,
  );
  fs.mkdirSync(path.join(project, "node_modules/.bin"), { recursive: true });
  fs.symlinkSync(
    path.join(ROOT, "node_modules/prettier/bin/prettier.cjs"),
    path.join(project, "node_modules/.bin/prettier"),
  );
}

/**
 * Writes text into the files that no tool has seen, and that is to be formatted.
 * @param {string} project
 * @param {readonly string[]} files
 * @param {string} what
 */
function disturb(project, files, what) {
  for (const file of files)
    fs.writeFileSync(path.join(project, file), formatted(`${what} of ${file}`).replaceAll("  ", "     "));
}

/**
 * Times each way once a round, so that what else the machine does meets all of them.
 * @param {number} rounds
 * @param {Record<string, (round: number) => Promise<{ ms: number }>>} ways
 */
async function inTurns(rounds, ways) {
  /** @type {Record<string, number[]>} */
  const taken = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, way] of Object.entries(ways)) taken[name]?.push((await way(round)).ms);
  return taken;
}
