// @ts-check
/**
 * The plan of 20 hosts on a real nixpkgs with nothing changed, beside evaluating them. Needs a flake of nixpkgs in $FLOE_NIXPKGS, as
 * `git+file:///src/nixpkgs`. The hosts are reached by real ssh through an sshd on the loopback; what answers there sees a name, a current
 * system and a system profile of its own, in a namespace. The systems are not built: what runs there is only named.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../scripts/setup/checkout.mjs";
import { say } from "../scripts/setup/say.mjs";
import { freePort } from "./lib/port.mjs";
import { run } from "./lib/program.mjs";
import { timesFaster, timesTheOther } from "./lib/result.mjs";

const HOSTS = 20;
const RUNS = 5;
const PLAN = path.join(ROOT, "bench/lib/plan-hosts.mjs");
const SSHD = "/usr/sbin/sshd";
const DRV_PATHS = "hosts: builtins.mapAttrs (_: host: host.config.system.build.toplevel.drvPath) hosts";

/**
 * @param {import("./lib/lab.mjs").Lab} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function hostsPlan(lab) {
  const nixpkgs = process.env["FLOE_NIXPKGS"];
  const lacking =
    nixpkgs === undefined ? "FLOE_NIXPKGS, a flake of nixpkgs" : fs.existsSync(SSHD) ? undefined : "openssh-server";
  if (nixpkgs === undefined || lacking !== undefined) {
    say(`SKIPPED: hosts-plan needs ${lacking}`);
    return { rows: [], details: [`  SKIPPED: it needs ${lacking}`] };
  }
  const project = path.join(lab.root, "hosts-plan");
  makeProject(project, nixpkgs);
  const hosts = await openSshd(path.join(lab.root, "hosts-plan-sshd"));
  try {
    const base = {
      ...lab.env,
      NIX_SSHOPTS: `-F ${hosts.config}`,
      SSH_AUTH_SOCK: undefined,
      FLOE_SSH_PERSIST: undefined,
    };
    const systems = await systemsOf(project, { ...base, FLOE_SSH_PERSIST: "0" });
    for (const [name, system] of Object.entries(systems)) hosts.install(name, system);
    const plan = async (/** @type {NodeJS.ProcessEnv} */ env) => {
      const { stdout, ms } = await run(process.execPath, [PLAN], { env, cwd: project });
      expectUnchanged(stdout);
      return ms;
    };
    await plan({ ...base, FLOE_SSH_PERSIST: "0" });
    const cold = [];
    const warm = [];
    const bare = [];
    const made = { cold: 0, warm: 0 };
    let alone = 0;
    // In turns, so that both sides see the machine as busy as it is.
    for (let round = 0; round < RUNS; round++) {
      // Connections are found by their folder: a new one has none.
      const runtime = fs.mkdtempSync(path.join(hosts.folder, "run-"));
      const env = { ...base, XDG_RUNTIME_DIR: runtime };
      const before = hosts.connections();
      cold.push(await plan(env));
      const between = hosts.connections();
      warm.push(await plan(env));
      made.cold += between - before;
      made.warm += hosts.connections() - between;
      await disconnect(runtime);
      bare.push(await connectAll(hosts.config, base));
      for (const name of names.slice((round * HOSTS) / RUNS, ((round + 1) * HOSTS) / RUNS))
        alone += (await evaluateOne(project, name, base)).ms;
    }
    const together = [(await evaluateAll(project, base)).ms];
    const sides = [
      { name: "floe's plan, nothing connected", ms: cold, made: made.cold / RUNS / HOSTS, due: 1 },
      { name: "floe's plan, connected by a plan before", ms: warm, made: made.warm / RUNS / HOSTS, due: 0 },
    ];
    const floor = timesTheOther({
      what: `${HOSTS} unchanged hosts (nothing connected), beside only connecting: 20 times ssh HOST true at once`,
      floe: { name: "floe's plan, nothing connected", ms: cold },
      other: { name: `${HOSTS} × ssh HOST true`, ms: bare },
      factor: 1.75,
    });
    return { rows: [...sides.flatMap((side) => rowsOf(side, alone, together)), floor] };
  } finally {
    await hosts.close();
  }
}

// --- internal ---

/**
 * @param {import("./lib/result.mjs").Side & { made: number, due: number }} side
 * @param {number} alone
 * @param {readonly number[]} together
 * @returns {import("./lib/result.mjs").Row[]}
 */
function rowsOf({ name, ms, made, due }, alone, together) {
  const floe = { name, ms };
  const how = due === 0 ? "connected before" : "nothing connected";
  return [
    timesFaster({
      what: `${HOSTS} unchanged hosts (${how}), beside evaluating one after another`,
      floe,
      other: { name: `${HOSTS} nix evals`, ms: [alone] },
      factor: 50,
    }),
    timesFaster({
      what: `${HOSTS} unchanged hosts (${how}), beside evaluating them in one process`,
      floe,
      other: { name: "one nix eval", ms: together },
      factor: 10,
    }),
    {
      what: `connections made for a host (${how})`,
      sides: [floe],
      value: made,
      unit: "requests",
      aim: String(due),
      isMet: made === due,
    },
  ];
}

/**
 * What nobody who asks the hosts over ssh can be faster than; in milliseconds.
 * @param {string} config
 * @param {NodeJS.ProcessEnv} env
 */
async function connectAll(config, env) {
  const begin = performance.now();
  await Promise.all(names.map((name) => run("ssh", ["-F", config, name, "true"], { env })));
  return performance.now() - begin;
}

/**
 * Ends the connections that a floe left.
 * @param {string} runtime
 */
async function disconnect(runtime) {
  const [folder] = fs.readdirSync(runtime);
  if (folder === undefined) throw new Error("The plan left no connections");
  const sockets = fs.readdirSync(path.join(runtime, folder)).map((name) => path.join(runtime, folder, name));
  await Promise.all(sockets.map((socket) => run("ssh", ["-o", `ControlPath=${socket}`, "-O", "exit", "any"])));
}

/** @param {number} number */
const nameOf = (number) => `h${String(number).padStart(2, "0")}`;
const names = Array.from({ length: HOSTS }, (_, index) => nameOf(index + 1));

/**
 * A plan that did not look at the hosts, or found something to do, is not what is measured.
 * @param {string} json
 */
function expectUnchanged(json) {
  const { hosts } = JSON.parse(json);
  const changes = hosts?.changes ?? [];
  const same = changes.filter((/** @type {{ action: string }} */ { action }) => action === "none").length;
  if (same !== HOSTS || hosts.problems.length > 0)
    throw new Error(
      `${same} of ${HOSTS} hosts are unchanged: ${JSON.stringify(hosts?.problems ?? "no hosts in the plan").slice(0, 2000)}`,
    );
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 */
function evaluateAll(project, env) {
  return nix(project, env, ["path:.#nixosConfigurations", "--apply", DRV_PATHS]);
}

/**
 * @param {string} project
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
function evaluateOne(project, name, env) {
  return nix(project, env, [`path:.#nixosConfigurations.${name}.config.system.build.toplevel.drvPath`]);
}

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} args
 */
function nix(project, env, args) {
  const cwd = path.join(project, ".floe/src");
  return run("nix", ["--option", "eval-cache", "false", "eval", "--json", ...args], { env, cwd });
}

/**
 * What each host is to run, from the first plan: it locks the input, evaluates, and finds machines on which nothing runs yet.
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Record<string, string>>}
 */
async function systemsOf(project, env) {
  const { stdout } = await run(process.execPath, [PLAN], { env, cwd: project });
  const { changes } = JSON.parse(stdout).hosts;
  if (changes.length !== HOSTS) throw new Error(`The first plan has ${changes.length} of ${HOSTS} hosts`);
  return Object.fromEntries(
    changes.map((/** @type {{ name: string, system: string }} */ { name, system }) => [name, system]),
  );
}

/**
 * @param {string} root
 * @param {string} nixpkgs
 */
function makeProject(root, nixpkgs) {
  const write = (/** @type {string} */ file, /** @type {string} */ text) => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  write(
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "bench", inputs: { nixpkgs: ${JSON.stringify(nixpkgs)} }, hosts: dir("./hosts") });\n`,
  );
  write(
    "modules/base.ts",
    `import { module } from "floe";
export const base = module({
  boot: { loader: { grub: { device: "/dev/sda" } } },
  fileSystems: { "/": { device: "/dev/sda1", fsType: "ext4" } },
  services: { openssh: { enable: true } },
});\n`,
  );
  for (const name of names)
    write(
      `hosts/${name}.ts`,
      `import { host } from "floe";
import { base } from "../modules/base.ts";
export default host({ system: "${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux", target: "${name}" }, {
  imports: [base],
  networking: { hostName: "${name}" },
});\n`,
    );
}

/**
 * An sshd on the loopback that is another machine for each alias of its ssh config.
 * @param {string} folder
 */
async function openSshd(folder) {
  const file = (/** @type {string} */ name) => path.join(folder, name);
  fs.mkdirSync(folder, { recursive: true });
  // The home there is empty: what the shell of this machine's root does when it starts is no part of those machines.
  fs.mkdirSync(file("home"));
  fs.mkdirSync("/run/sshd", { recursive: true });
  // Mount namespaces can only be kept below a mount that passes nothing on.
  await run("mount", ["--bind", folder, folder]);
  await run("mount", ["--make-private", folder]);
  for (const key of ["host", "id"]) await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(key)]);
  fs.copyFileSync(file("id.pub"), file("authorized"));
  const port = await freePort();
  fs.writeFileSync(
    file("machine"),
    `#!/bin/sh
# The machine that the client names.
exec nsenter --mount=${folder}/machines/$FLOE_BENCH_HOST/mount --uts=${folder}/machines/$FLOE_BENCH_HOST/uts sh -c "$SSH_ORIGINAL_COMMAND"
`,
    { mode: 0o755 },
  );
  fs.writeFileSync(
    file("sshd_config"),
    `Port ${port}
ListenAddress 127.0.0.1
HostKey ${file("host")}
AuthorizedKeysFile ${file("authorized")}
PidFile ${file("pid")}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
UseDNS no
MaxStartups 100
AcceptEnv FLOE_BENCH_HOST
SetEnv HOME=${file("home")}
ForceCommand ${file("machine")}
`,
  );
  fs.writeFileSync(file("known"), `[127.0.0.1]:${port} ${fs.readFileSync(file("host.pub"), "utf8")}`);
  const aliases = names.map((name) => `Host ${name}\n  SetEnv FLOE_BENCH_HOST=${name}\n`);
  fs.writeFileSync(
    file("config"),
    `${aliases.join("")}Host *
  HostName 127.0.0.1
  Port ${port}
  User root
  IdentityFile ${file("id")}
  IdentitiesOnly yes
  UserKnownHostsFile ${file("known")}
  GlobalKnownHostsFile none
`,
  );
  for (const name of names) await makeMachine(path.join(folder, "machines", name), name);
  const log = fs.openSync(file("log"), "a");
  const server = spawn(SSHD, ["-D", "-e", "-f", file("sshd_config")], { stdio: ["ignore", log, log] });
  return {
    folder,
    config: file("config"),
    connections: () => fs.readFileSync(file("log"), "utf8").split("Accepted publickey").length - 1,
    async close() {
      server.kill();
      const kept = names.flatMap((name) => ["mount", "uts"].map((kind) => path.join(folder, "machines", name, kind)));
      for (const place of [...kept, folder]) await run("umount", ["--lazy", place]);
    },
    /**
     * @param {string} name
     * @param {string} system
     */
    install(name, system) {
      const home = path.join(folder, "machines", name);
      fs.symlinkSync(system, path.join(home, "run/current-system"));
      fs.symlinkSync(system, path.join(home, "profiles/system-1-link"));
      fs.symlinkSync("system-1-link", path.join(home, "profiles/system"));
    },
  };
}

/**
 * Namespaces in which this machine has another name, machine-id, /run and profiles.
 * @param {string} home
 * @param {string} name
 */
async function makeMachine(home, name) {
  for (const folder of ["profiles", "run"]) fs.mkdirSync(path.join(home, folder), { recursive: true });
  for (const file of ["mount", "uts"]) fs.writeFileSync(path.join(home, file), "");
  fs.writeFileSync(path.join(home, "machine-id"), `${name.replace("h", "a").padStart(32, "0")}\n`);
  const script = `set -e
hostname "$2"
mount --bind "$1/run" /run
mount --bind "$1/profiles" /nix/var/nix/profiles
mount --bind "$1/machine-id" /etc/machine-id`;
  await run("unshare", [`--mount=${home}/mount`, `--uts=${home}/uts`, "sh", "-c", script, "sh", home, name]);
}
