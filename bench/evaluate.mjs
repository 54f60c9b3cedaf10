// @ts-check
/**
 * Twenty hosts on a real nixpkgs: `floe check` beside nix alone. Needs a flake of nixpkgs in $FLOE_NIXPKGS, as `git+file:///src/nixpkgs`.
 * floe's time is that of the whole command, start-up, TypeScript and tsc included; its memory that of all its nix processes together.
 */
import fs from "node:fs";
import path from "node:path";
import { FLOE } from "../scripts/setup/checkout.mjs";
import { say } from "../scripts/setup/say.mjs";
import { peakOfNix } from "./lib/memory.mjs";
import { run } from "./lib/program.mjs";
import { least, timesFaster, timesTheOther } from "./lib/result.mjs";

const HOSTS = 20;
const CHANGES = 5;
const DRV_PATHS = "hosts: builtins.mapAttrs (_: host: host.config.system.build.toplevel.drvPath) hosts";

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function evaluate(lab) {
  const nixpkgs = process.env["FLOE_NIXPKGS"];
  if (nixpkgs === undefined) {
    say("SKIPPED: evaluate needs FLOE_NIXPKGS, a flake of nixpkgs");
    return { rows: [], details: ["  SKIPPED: set FLOE_NIXPKGS to a flake of nixpkgs, as git+file:///src/nixpkgs"] };
  }
  const project = path.join(lab.root, "evaluate");
  makeProject(project, nixpkgs);
  const check = () => run(process.execPath, [FLOE, "check"], { env: lab.env, cwd: project });
  const one = (/** @type {string} */ host) =>
    nix(lab, path.join(project, ".floe/src"), [
      `path:.#nixosConfigurations.${host}.config.system.build.toplevel.drvPath`,
    ]);
  await run(process.execPath, [FLOE, "synth"], { env: lab.env, cwd: project });
  // Locks the input, copies it into the store and reads the options.
  await check();

  const changed = { floe: /** @type {number[]} */ ([]), alone: /** @type {number[]} */ ([]) };
  for (let round = 0; round < CHANGES; round++) {
    write(project, "hosts/h07.ts", host("h07", `round ${round}`));
    await run(process.execPath, [FLOE, "synth"], { env: lab.env, cwd: project });
    changed.floe.push((await check()).ms);
    changed.alone.push((await one("h07")).ms);
  }

  for (const cache of ["evaluation.json", "parts.json"]) fs.rmSync(path.join(project, ".floe/cache", cache));
  const floe = await peakOfNix(check);
  const separate = path.join(lab.root, "separate");
  fs.cpSync(path.join(project, ".floe/src"), separate, { recursive: true });
  const flake = fs.readFileSync(path.join(separate, "flake.nix"), "utf8");
  fs.writeFileSync(path.join(separate, "flake.nix"), flake.replace(/^ *\(sharing .*\)$/gm, ""));
  const own = await peakOfNix(() => nix(lab, separate, ["path:.#nixosConfigurations", "--apply", DRV_PATHS]));
  let serial = 0;
  for (let number = 1; number <= HOSTS; number++) serial += (await one(nameOf(number))).ms;

  const memory = timesTheOther({
    what: `peak memory of ${HOSTS} hosts, in MB`,
    floe: { name: "floe check", ms: [floe.peak / 1e6] },
    other: { name: "a nixpkgs each, one process", ms: [own.peak / 1e6] },
    factor: 0.4,
  });
  return {
    rows: [
      timesTheOther({
        what: `check of one changed host of ${HOSTS}, least of ${CHANGES}`,
        floe: { name: "floe check", ms: changed.floe },
        other: { name: "nix eval of that host", ms: changed.alone },
        factor: 1.3,
        of: least,
      }),
      timesFaster({
        what: `${HOSTS} hosts, beside a nixpkgs each`,
        floe: { name: "floe check", ms: [floe.ms] },
        other: { name: "one process", ms: [own.ms] },
        factor: 2.5,
      }),
      memory,
      timesFaster({
        what: `${HOSTS} hosts, beside one after another`,
        floe: { name: "floe check", ms: [floe.ms] },
        other: { name: `${HOSTS} nix evals`, ms: [serial] },
        factor: 4,
      }),
    ],
  };
}

// --- internal ---

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @param {string} flake
 * @param {readonly string[]} args
 */
function nix(lab, flake, args) {
  return run("nix", ["--option", "eval-cache", "false", "eval", "--json", ...args], { env: lab.env, cwd: flake });
}

/** @param {number} number */
function nameOf(number) {
  return `h${String(number).padStart(2, "0")}`;
}

/**
 * A server without a manual of its own: that alone takes as long as all the rest.
 * @param {string} root
 * @param {string} nixpkgs
 */
function makeProject(root, nixpkgs) {
  write(
    root,
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "bench", inputs: { nixpkgs: ${JSON.stringify(nixpkgs)} }, hosts: dir("./hosts") });\n`,
  );
  write(
    root,
    "modules/base.ts",
    `import { module } from "floe";
export const base = module({
  boot: { loader: { grub: { device: "/dev/sda" } } },
  fileSystems: { "/": { device: "/dev/sda1", fsType: "ext4" } },
  documentation: { nixos: { enable: false } },
  services: { openssh: { enable: true } },
});\n`,
  );
  for (let number = 1; number <= HOSTS; number++)
    write(root, `hosts/${nameOf(number)}.ts`, host(nameOf(number), "hello"));
}

/**
 * @param {string} name
 * @param {string} motd
 */
function host(name, motd) {
  return `import { host } from "floe";
import { base } from "../modules/base.ts";
export default host(({ pkgs }) => ({
  imports: [base],
  networking: { hostName: "${name}" },
  users: { motd: "${motd}" },
  environment: { systemPackages: [pkgs.htop] },
}));\n`;
}

/**
 * @param {string} root
 * @param {string} file
 * @param {string} text
 */
function write(root, file, text) {
  const target = path.join(root, file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, text);
}
