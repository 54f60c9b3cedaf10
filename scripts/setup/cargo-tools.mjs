// @ts-check
/** Formatters and linters of Nix that neither npm nor Debian has, built once with cargo and kept outside of any clone. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { findProgram, outputOf, runQuiet } from "./programs.mjs";
import { SetupError, say } from "./say.mjs";

/**
 * `rust`: the oldest that builds it. statix and alejandra are not here: what crates.io has of these names is another program, and a
 * library without the program.
 * The real nixfmt is written in Haskell. Both together take about a minute on two processors.
 * @type {readonly { crate: string, version: string, program: string, rust: string }[]}
 */
const TOOLS = [
  { crate: "nixpkgs-fmt", version: "1.3.0", program: "nixpkgs-fmt", rust: "1.56" },
  { crate: "deadnix", version: "1.3.1", program: "deadnix", rust: "1.74" },
];

/**
 * Builds what is missing and answers the folders with the programs, for the PATH of tests. A tool that cannot be built here is left out, loudly:
 * the tests of it are skipped, or fail where FLOE_REQUIRE names cargo.
 * @returns {string[]}
 */
export function ensureCargoTools() {
  const cargo = findProgram("cargo", [path.join(os.homedir(), ".cargo/bin")]);
  return TOOLS.flatMap((tool) => {
    const folder = path.join(cacheFolder(), `${tool.crate}-${tool.version}`);
    if (!fs.existsSync(path.join(folder, "bin", tool.program)) && !build(tool, folder, cargo)) return [];
    return [path.join(folder, "bin")];
  });
}

// --- internal ---

/** Shared by all clones of this user. */
function cacheFolder() {
  return path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "floe-test-tools");
}

/**
 * @param {typeof TOOLS[number]} tool
 * @param {string} folder
 * @param {string | undefined} cargo
 */
function build({ crate, version, program, rust }, folder, cargo) {
  const found = /^cargo (\d+\.\d+)/.exec(cargo === undefined ? "" : (outputOf(cargo, ["--version"]) ?? ""))?.[1];
  if (cargo === undefined || found === undefined || isOlder(found, rust)) {
    say(`\n!! ${program} is NOT tested: building it needs cargo ${rust}, and here is ${found ?? "none"}\n`);
    return false;
  }
  say(`Building ${program} ${version} with cargo (about a minute, once) in ${folder}`);
  const unfinished = `${folder}.${process.pid}`;
  try {
    // A target folder of its own, so that nothing is left but the program.
    const target = path.join(unfinished, "target");
    runQuiet(
      cargo,
      ["install", "--locked", "--quiet", "--root", unfinished, "--target-dir", target, `${crate}@${version}`],
      {
        hint: "Is there a network, and may crates.io be reached?",
      },
    );
    fs.rmSync(target, { recursive: true });
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(unfinished, folder);
    return true;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`\n!! ${program} is NOT tested: ${error.message}\n${error.hint ?? ""}\n`);
    return false;
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
}

/**
 * @param {string} version
 * @param {string} floor
 */
function isOlder(version, floor) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldMajor = 0, oldMinor = 0] = floor.split(".").map(Number);
  return major < oldMajor || (major === oldMajor && minor < oldMinor);
}
