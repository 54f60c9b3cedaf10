// @ts-check
/** Debian packages that floe's demo and tests need, and getting those that are missing. */
import fs from "node:fs";
import { addBackports } from "./backports.mjs";
import { findProgram, outputOf, runQuiet } from "./programs.mjs";
import { SetupError, say } from "./say.mjs";

/** The oldest Incus that floe works with. */
const INCUS_FLOOR = "6.0";

/**
 * @typedef {{ package: string, why: string, isThere: () => boolean, isIncus?: boolean, isForTests?: boolean }} Need
 * @type {readonly Need[]}
 */
const NEEDS = [
  { package: "nix-bin", why: "the Nix that evaluates and builds", isThere: () => findProgram("nix") !== undefined },
  { package: "incus-base", why: "the container engine", isThere: () => findIncusd() !== undefined, isIncus: true },
  {
    package: "incus-client",
    why: "the incus command, to look at what runs",
    isThere: () => findProgram("incus") !== undefined,
    isIncus: true,
  },
  { package: "busybox-static", why: "what firn's containers are made of", isThere: hasStaticBusybox },
  {
    package: "squashfs-tools",
    why: "packs and unpacks container images",
    isThere: () => findProgram("mksquashfs") !== undefined && findProgram("unsquashfs") !== undefined,
  },
  { package: "zstd", why: "compresses container images", isThere: () => findProgram("zstd") !== undefined },
  {
    package: "git",
    why: "for tests: projects in a repository",
    isThere: () => findProgram("git") !== undefined,
    isForTests: true,
  },
  {
    package: "debootstrap",
    why: "for tests: makes a Debian with systemd, once",
    isThere: () => findProgram("debootstrap") !== undefined,
    isForTests: true,
  },
  ...["fish", "zsh", "direnv"].map((name) => ({
    package: name,
    why: "for tests: enters dev shells",
    isThere: () => findProgram(name) !== undefined,
    isForTests: true,
  })),
  ...["black", "isort", "pre-commit", "pylint", "shellcheck", "shfmt", "yamllint"].map((name) => ({
    package: name,
    why: "for tests: formats, lints or checks files",
    isThere: () => findProgram(name) !== undefined,
    isForTests: true,
  })),
  {
    package: "openssh-client",
    why: "for tests: reaches machines over SSH",
    isThere: () => findProgram("ssh") !== undefined && findProgram("ssh-keygen") !== undefined,
    isForTests: true,
  },
  {
    package: "iproute2",
    why: "for tests: makes networks for machines",
    isThere: () => findProgram("ip", ["/usr/sbin", "/sbin"]) !== undefined,
    isForTests: true,
  },
  {
    package: "wget",
    why: "for tests: asks what serves on a second machine",
    isThere: () => findProgram("wget") !== undefined,
    isForTests: true,
  },
];

/** Of the tier that looks at the dashboard alone: without them the rest is tested all the same. @type {readonly Need[]} */
const BROWSER_NEEDS = [
  {
    package: "chromium",
    why: "for tests: the browser that looks at the dashboard",
    isThere: () => findChromium() !== undefined,
  },
  { package: "fonts-dejavu-core", why: "for tests: letters for the browser", isThere: hasFonts },
];

/** @returns {string | undefined} the Incus daemon's program, which packages put beside the PATH */
export function findIncusd() {
  return findProgram("incusd", ["/usr/libexec/incus", "/usr/lib/incus", "/opt/incus/bin"]);
}

/**
 * Installs what is missing and says why. Where nothing is missing, nothing happens.
 * @param {{ withIncus: boolean, forTests?: boolean }} options `withIncus`: false where a daemon answers already
 * @throws SetupError that lists what is missing, where it cannot be installed
 */
export function ensurePackages({ withIncus, forTests = false }) {
  const wanted = NEEDS.filter((need) => (withIncus || !need.isIncus) && (forTests || !need.isForTests));
  installMissing(wanted);
}

/** @returns {string} a Chromium; FLOE_CHROMIUM names another one */
export function ensureBrowser() {
  const { FLOE_CHROMIUM: named } = process.env;
  if (named !== undefined && !fs.existsSync(named))
    throw new SetupError(
      `FLOE_CHROMIUM names "${named}", which is not there`,
      "Name the program of a Chromium; or unset it, and the one of this machine is taken",
    );
  installMissing(BROWSER_NEEDS);
  const program = findChromium();
  if (program === undefined)
    throw new SetupError("No Chromium is on the PATH", "Install it, or name its program in FLOE_CHROMIUM");
  return program;
}

// --- internal ---

/** @param {readonly Need[]} wanted */
function installMissing(wanted) {
  const missing = wanted.filter((need) => !need.isThere());
  if (missing.length === 0) return;
  requireApt(missing);
  say(`Installing from Debian (this takes a minute):\n${listOf(missing)}`);
  apt(["update"]);
  installIncus(missing.filter((need) => need.isIncus));
  install(missing.filter((need) => !need.isIncus));
}

function findChromium() {
  return process.env.FLOE_CHROMIUM ?? findProgram("chromium") ?? findProgram("chromium-browser");
}

function hasFonts() {
  return (outputOf("fc-list", [":", "family"]) ?? "").trim() !== "";
}

/** @param {readonly Need[]} needs */
function listOf(needs) {
  const width = Math.max(...needs.map((need) => need.package.length));
  return needs.map((need) => `  ${need.package.padEnd(width)}  ${need.why}`).join("\n");
}

/** @param {readonly Need[]} missing */
function requireApt(missing) {
  const names = missing.map((need) => need.package).join(" ");
  const message = `This machine lacks:\n${listOf(missing)}`;
  if (findProgram("apt-get") === undefined) {
    throw new SetupError(
      message,
      "The names are Debian's. Install these programs the way this system does (on NixOS: virtualisation.incus.enable), then run this again",
    );
  }
  if (process.getuid?.() !== 0)
    throw new SetupError(
      message,
      `Run this as root, or install them first: sudo apt-get install ${names}\n(Incus on Debian 12 comes from bookworm-backports)`,
    );
}

/**
 * Debian 13 has an Incus that is new enough; Debian 12 has one in its backports.
 * @param {readonly Need[]} needs
 */
function installIncus(needs) {
  if (needs.length === 0) return;
  if (isNewEnough(candidate("incus-base"))) return install(needs);
  const suite = addBackports();
  apt(["update"]);
  if (!isNewEnough(candidate("incus-base", suite)))
    throw new SetupError(
      `No Incus ${INCUS_FLOOR} or newer in this machine's package sources, nor in ${suite}`,
      "See https://github.com/zabbly/incus for packages of newer versions",
    );
  install(needs, ["--target-release", suite]);
}

/**
 * @param {readonly Need[]} needs
 * @param {readonly string[]} options
 */
function install(needs, options = []) {
  if (needs.length > 0)
    apt(["install", "--yes", "--no-install-recommends", ...options, ...needs.map((need) => need.package)]);
}

/** @param {readonly string[]} args */
function apt(args) {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  runQuiet("apt-get", ["--quiet", "--quiet", ...args], {
    env: environment,
    hint: "Look at apt's own message above: is there a network, and are the package sources right?",
  });
}

/**
 * @param {string} name
 * @param {string} [suite]
 * @returns {string | undefined} the version that apt would install
 */
function candidate(name, suite) {
  const target = suite === undefined ? [] : ["--target-release", suite];
  return /^ {2}Candidate: (\d\S*)/m.exec(outputOf("apt-cache", [...target, "policy", name]) ?? "")?.[1];
}

/** @param {string | undefined} version */
function isNewEnough(version) {
  return version !== undefined && outputOf("dpkg", ["--compare-versions", version, "ge", INCUS_FLOOR]) !== undefined;
}

/** A dynamically linked busybox is of no use in an empty root file system. */
function hasStaticBusybox() {
  const busybox = findProgram("busybox");
  if (busybox === undefined) return false;
  // The interpreter's path is named in the first page of a dynamic program.
  const file = fs.openSync(busybox, "r");
  const page = Buffer.alloc(4096);
  fs.readSync(file, page);
  fs.closeSync(file);
  return !page.includes("/ld-");
}
