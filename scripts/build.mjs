#!/usr/bin/env node
// Bundles floe into dist/: the command with its lazily loaded parts, the library, the dashboard's page, and type declarations.
// Does nothing when dist/ was made from the files as they are; --force builds anyway, --no-types leaves the declarations out, --no-web keeps the page as it
// was built before (node scripts/build-web.mjs builds it alone).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWeb } from "./build-web.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const withTypes = !process.argv.includes("--no-types");
const withWeb = !process.argv.includes("--no-web");

const entries = { bin: "src/bin.ts", index: "src/index.ts", pipeline: "src/pipeline.ts" };

/** The one dependency that is not bundled: it reads its own files at run time. */
const external = [/^node:/, "jiti"];

/** What entering a dev shell that was made before needs. */
const quick =
  /\/src\/(config\/project-above|exec\/interactive|shell\/(cached|enter|quick-shell|scripts)|util\/(files|quote-word))\.ts$/;

/** Small modules that the entry shares with what is loaded later. */
const neededAtStart =
  /\/src\/(errors|version|util\/(nearest|ansi|duration)|cli\/(main|drift)|cli\/render\/(style|table))\.ts$|\/picocolors\/|rolldown\/runtime/;

/** What nearly every verb needs of the project and its terminal, and to run a program; help needs none of it. */
const neededByVerbs =
  /\/src\/(cli\/(output|progress|project|render\/error)|config\/recall|exec\/run|nix\/(args|find|network|stage)|pipeline\/(durations|load)|util\/map-limit)\.ts$/;

/** Formatting, which is quick: what it needs of other verbs is not read for it. */
const neededByFmt = /\/src\/(cli\/actions\/fmt|config\/recall-tooling|format\/format-files|pipeline\/format)\.ts$/;

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.(test|d)\.ts$|\.tmp$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A hash of everything the build reads. */
function inputsHash() {
  const inputs = [
    ...filesBelow(join(root, "src")),
    ...(withWeb ? filesBelow(join(root, "web")) : []),
    ...["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"].map((file) => join(root, file)),
    ...["scripts/build.mjs", "scripts/build-web.mjs"].map((file) => join(root, file)),
  ];
  const hash = createHash("sha256");
  for (const file of inputs)
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}

async function bundle(folder, hash) {
  // Only when there is something to build: reading it takes longer than the rest of a build with nothing to do.
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, file)])),
    platform: "node",
    external,
    // No module does anything by being imported but the entry: what a part does not use is not loaded with it.
    treeshake: { moduleSideEffects: [{ test: /\/src\/(?!bin\.ts$)/, sideEffects: false }] },
    transform: { define: { FLOE_VERSION: JSON.stringify(version), FLOE_BUILD: JSON.stringify(hash) } },
    onLog: (level, log, handle) => (log.code === "CIRCULAR_DEPENDENCY" ? undefined : handle(level, log)),
  });
  await build.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "chunks/[name]-[hash].mjs",
    // What help needs is one file beside the entry, what nearly every verb needs another, and what a plan needs when nothing changed a third: each
    // further one costs a millisecond or two at every start. A group takes along all that its files import, also through files that only pass
    // exports on: what is to be apart imports from src/pipeline/, not from src/pipeline.ts.
    codeSplitting: {
      groups: [
        { name: "quick", test: quick, priority: 6 },
        { name: "start", test: neededAtStart, priority: 5 },
        { name: "verb", test: neededByVerbs, priority: 4 },
        { name: "fmt", test: neededByFmt, priority: 3 },
        { name: "plan", test: /\/src\/cli\/actions\/plan\.ts$/, priority: 2 },
        { name: "pipeline", test: /\/src\/pipeline(\/[a-z-]+)?\.ts$/, priority: 1 },
      ],
    },
    minify: false,
    // What is said in dist/types need not be read at every start.
    comments: { legal: true, jsdoc: false },
  });
  await build.close();
}

function declarations(folder) {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  return new Promise((resolve, reject) => {
    const child = spawn(tsc, ["-p", join(root, "tsconfig.build.json"), "--outDir", folder], {
      cwd: root,
      stdio: "inherit",
    });
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`tsc ended with exit code ${code}`))));
  });
}

/** npm links a package's command into the node_modules of those who depend on it, but not into its own: `npx floe` needs this. */
function linkOwnCommand() {
  const link = join(root, "node_modules", ".bin", "floe");
  const target = "../../dist/floe";
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === target) return;
  rmSync(link, { force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link);
}

const stamp = join(dist, ".inputs");

/** True when dist/ was made from these inputs. A build with types is one without types as well. */
function isMadeFrom(hash) {
  const wanted = withTypes ? `${hash} with types` : hash;
  return existsSync(stamp) && readFileSync(stamp, "utf8").split("\n").includes(wanted);
}

function keepWeb(folder) {
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(dist, "web"))) cpSync(join(dist, "web"), folder, { recursive: true });
  else writeFileSync(join(folder, "index.html"), "<!doctype html><title>floe</title>The page is not built\n");
}

/** Built beside and then moved into place: a build that fails leaves the old one as it was. */
async function build(hash) {
  const cache = join(root, "node_modules", ".cache");
  const fresh = join(cache, `floe-build-${process.pid}`);
  const old = join(cache, `floe-old-${process.pid}`);
  mkdirSync(cache, { recursive: true });
  try {
    await Promise.all([
      bundle(fresh, hash),
      withWeb ? buildWeb(root, join(fresh, "web")) : keepWeb(join(fresh, "web")),
      withTypes ? declarations(join(fresh, "types")) : undefined,
    ]);
    chmodSync(join(fresh, "bin.mjs"), 0o755);
    const front = readFileSync(join(root, "src/front.sh"), "utf8").replace("@FLOE_BUILD@", hash);
    writeFileSync(join(fresh, "floe"), front, { mode: 0o755 });
    writeFileSync(join(fresh, ".inputs"), withTypes ? `${hash}\n${hash} with types\n` : `${hash}\n`);
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

let hash = inputsHash();
if (!isMadeFrom(hash) || process.argv.includes("--force")) await build(hash);
// Sources that were edited meanwhile are built again: what is in dist/ is what is in src/.
for (let round = 0; round < 3 && inputsHash() !== hash; round += 1) {
  hash = inputsHash();
  await build(hash);
}
linkOwnCommand();
