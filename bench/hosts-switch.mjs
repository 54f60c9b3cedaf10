// @ts-check
/**
 * A switch of ten machines that differ in one line from what they run, beside the same by hand: build, nix copy, set the profile and switch
 * over ssh, one machine after another. And the copy of a large closure beside one bare nix copy. The machines are Debian in Incus, with
 * systemd, sshd and Nix of their own. They all share this machine's processors, which real ones do not: what only computes cannot be done
 * faster at the same time. So a switch is measured twice, as it is, and with an activation that waits as one does that restarts services.
 */
import fs from "node:fs";
import path from "node:path";
import { createJiti } from "jiti";
import { FLOE, ROOT } from "../scripts/setup/checkout.mjs";
import { run } from "./lib/program.mjs";
import { compared, timesFaster, timesTheOther } from "./lib/result.mjs";

const MACHINES = 10;
const ROUNDS = 2;
/** Seconds that an activation waits for services. */
const WAIT = 5;
/** Of the closure whose copy is measured. */
const BALLAST_MB = 100;
const PROFILE = "/nix/var/nix/profiles/system";
const nix = ["--extra-experimental-features", "nix-command flakes", "--option", "flake-registry", "/dev/null"];
const names = Array.from({ length: MACHINES }, (_, index) => `m${index}`);

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function hostsSwitch(lab) {
  await lab.startIncus();
  const machines = await makeMachines(lab);
  const project = path.join(lab.root, "hosts-switch");
  const env = { ...lab.env, PATH: machines.env["PATH"], SSH_AUTH_SOCK: undefined };
  try {
    makeProject(project);
    await byFloe(project, env, { line: "first" });
    const waiting = await measureSwitches(project, env, WAIT);
    const computing = await measureSwitches(project, env, 0);
    const copies = await measureCopies(project, env);
    return {
      rows: [
        timesFaster({
          what: `${MACHINES} machines whose activation waits ${WAIT} s, beside one after another by hand`,
          ...waiting,
          factor: 4,
        }),
        compared({
          what: `${MACHINES} machines whose activation does not wait (floe's time, of that by hand)`,
          ...computing,
        }),
        timesTheOther({
          what: `the copy of ${BALLAST_MB} MB, beside one bare nix copy`,
          floe: { name: "floe's step", ms: copies.floe },
          other: { name: "nix copy", ms: copies.bare },
          factor: 1.15,
        }),
      ],
    };
  } finally {
    await machines.remove();
  }
}

// --- internal ---

/** @param {import("./lib/lab.mjs").Lab} lab */
async function makeMachines({ incusDir }) {
  process.env["INCUS_DIR"] = incusDir;
  const jiti = createJiti(import.meta.url);
  const support = (/** @type {string} */ name) => jiti.import(path.join(ROOT, "test/support", name));
  const { testIncus } = /** @type {any} */ (await support("incus.ts"));
  const { sshLab } = /** @type {any} */ (await support("ssh-machine.ts"));
  const { firnSystem } = /** @type {any} */ (await support("firn-system.ts"));
  const incus = await testIncus();
  const machines = await sshLab(incus, Object.fromEntries(names.map((name) => [name, {}])));
  for (const name of names) await machines.machines[name].installSystem(await firnSystem({ hostName: name }));
  return {
    env: machines.env,
    async remove() {
      await machines.remove();
      await incus.remove();
    },
  };
}

/** @param {string} project */
function makeProject(project) {
  fs.mkdirSync(path.join(project, "hosts"), { recursive: true });
  fs.cpSync(path.join(ROOT, "firn"), path.join(project, "firn"), { recursive: true });
  fs.writeFileSync(
    path.join(project, "floe.config.ts"),
    `import { dir, fleet } from "floe";
export default fleet({ name: "bench", inputs: { nixpkgs: dir("./firn") }, hosts: dir("./hosts"), rollout: { parallel: ${MACHINES} } });
`,
  );
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {number} wait
 */
async function measureSwitches(project, env, wait) {
  const sides = { floe: /** @type {number[]} */ ([]), hand: /** @type {number[]} */ ([]) };
  for (let round = 0; round < ROUNDS; round++) {
    sides.floe.push(await byFloe(project, env, { line: `floe ${wait} ${round}`, wait }));
    sides.hand.push(await byHand(project, env, { line: `hand ${wait} ${round}`, wait }));
  }
  return {
    floe: { name: "floe switch", ms: sides.floe },
    other: { name: "nix build, nix copy, ssh", ms: sides.hand },
  };
}

/**
 * One line of each host differs; from another run's too, whose systems the store may still have.
 * @typedef {{ line: string, wait?: number, more?: string }} Text
 * @param {string} project
 * @param {Text} text
 */
function edit(project, { line, wait = 0, more = "" }) {
  for (const name of names)
    fs.writeFileSync(
      path.join(project, "hosts", `${name}.ts`),
      `import { host } from "floe";
export default host({ target: "${name}", substitute: false }, ({ pkgs }) => ({
  networking: { hostName: "${name}" },
  ${wait === 0 ? 'system: { stateVersion: "26.05" },' : ""}
  services: { beat: { script: "exec sleep 1000000" } },
  environment: { etc: { page: { text: "${line} of ${process.pid}" }, ${more} } },
  ${wait === 0 ? "" : `system: { stateVersion: "26.05", activationScripts: { services: "sleep ${wait}" } },`}
}));
`,
    );
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {Text} text
 */
async function byFloe(project, env, text) {
  edit(project, text);
  const args = ["switch", ...names, "--yes", "--adopt", "--max-parallel", String(MACHINES)];
  const { ms } = await run(process.execPath, [FLOE, ...args], { cwd: project, env });
  return ms;
}

/**
 * What is written is the flake that floe wrote for the project; only that is not counted.
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {Text} text
 */
async function byHand(project, env, text) {
  edit(project, text);
  await run(process.execPath, [FLOE, "synth"], { cwd: project, env });
  let sum = 0;
  for (const name of names) {
    const attribute = `path:.#nixosConfigurations.${name}.config.system.build.toplevel`;
    const built = await run("nix", [...nix, "build", "--no-link", "--json", attribute], { cwd: project, env });
    const system = JSON.parse(built.stdout)[0].outputs.out;
    const copied = await run("nix", [...nix, "copy", "--no-check-sigs", "--to", `ssh-ng://${name}`, system], { env });
    const set = await run("ssh", [name, `nix-env -p ${PROFILE} --set ${system}`], { env });
    const switched = await run("ssh", [name, `${system}/bin/switch-to-configuration switch`], { env });
    sum += [built, copied, set, switched].reduce((ms, step) => ms + step.ms, 0);
  }
  return sum;
}

/**
 * To two machines in turn, each of which has none of it.
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 */
async function measureCopies(project, env) {
  const floe = [];
  const bare = [];
  for (let round = 0; round < ROUNDS; round++) {
    const more = `ballast: { source: pkgs.runCommand("ballast-${round}", {}, "head -c ${BALLAST_MB}000000 /dev/urandom > $out") }`;
    edit(project, { line: `copy ${round}`, more });
    const built = await run(process.execPath, [FLOE, "build", "host:m0", "host:m1"], { cwd: project, env });
    const [, second = ""] = built.stdout.trim().split("\n");
    const { stdout } = await run(process.execPath, [FLOE, "dry-activate", "m0", "--adopt", "--json"], {
      cwd: project,
      env,
    });
    floe.push(copyIn(stdout));
    bare.push((await run("nix", [...nix, "copy", "--no-check-sigs", "--to", "ssh-ng://m1", second], { env })).ms);
  }
  return { floe, bare };
}

/** @param {string} stdout */
function copyIn(stdout) {
  for (const line of stdout.split("\n")) {
    const { event } = line === "" ? { event: undefined } : JSON.parse(line);
    if (event?.type === "step.end" && event.step === "copy") return event.ms;
  }
  throw new Error("floe copied nothing");
}
