/** Is there a nix, does it work, can it build? */
import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { nixArgv } from "../nix/args.ts";
import { findNix, installHint, type NixTool } from "../nix/find.ts";
import { checkNetwork, type Network } from "../nix/network.ts";
import { readText } from "../util/files.ts";
import { lastLine } from "../util/last-line.ts";
import { type Finding, finding } from "./finding.ts";
import { isWritable } from "./writable.ts";

/** Long enough for a busy machine, short enough to wait for. */
const timeoutMs = 20_000;

const daemonSocket = "/nix/var/nix/daemon-socket/socket";

export interface NixContext {
  readonly cacheDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

export async function checkNix(context: NixContext): Promise<Finding[]> {
  const say = finding("nix", "version");
  let nix: NixTool;
  try {
    nix = await findNix({ cacheDir: context.cacheDir, env: context.env });
  } catch (error) {
    if (!(error instanceof FloeError)) throw error;
    return [say("fail", error.message, error.hint ?? installHint())];
  }
  const network = await checkNetwork(nix, context.env);
  const [evaluation, settings] = await Promise.all([
    checkEvaluation(nix, network, context),
    readSettings(nix, context),
  ]);
  return [
    say("ok", `nix ${nix.version} (${nix.command})`),
    evaluation,
    checkStore(),
    ...checkTrust(settings),
    ...checkBuilders(settings),
    checkFeatures(settings),
    describeCaches(network, settings),
  ];
}

// --- internal ---

type Settings = Readonly<Record<string, string>>;

async function checkEvaluation(nix: NixTool, network: Network, context: NixContext): Promise<Finding> {
  const say = finding("nix", "evaluation");
  const result = await run([...nixArgv(nix, network), "eval", "--expr", "1 + 1"], {
    plainLocale: true,
    timeoutMs,
    ...signalOf(context),
  });
  if (result.stdout.trim() === "2") return say("ok", "evaluates");
  const reason = lastLine(result.stderr, "it printed nothing");
  return say("fail", `nix cannot evaluate: ${reason}`, "Run: nix eval --expr '1 + 1'");
}

/** Without a daemon the store must be the user's own. */
function checkStore(): Finding {
  const say = finding("nix", "store");
  if (existsSync(daemonSocket)) {
    return isWritable(daemonSocket)
      ? say("ok", "builds through the nix daemon")
      : say(
          "fail",
          "No permission to use the nix daemon",
          "Ask for membership in the group that may (nix-users), then log in again",
        );
  }
  if (!existsSync("/nix/store")) return say("info", "There is no /nix/store yet; the first build makes it");
  if (isWritable("/nix/store")) return say("ok", "builds into /nix/store without a daemon");
  return say(
    "fail",
    "/nix/store is not writable and no nix daemon runs",
    "Start the daemon (sudo systemctl start nix-daemon), or run floe as root",
  );
}

/** What the daemon lets others than trusted users not do: name caches, and bring what nobody signed. */
function checkTrust(settings: Settings): Finding[] {
  if (!existsSync(daemonSocket) || process.getuid?.() === 0) return [];
  const say = finding("nix", "trusted-user");
  const user = userInfo().username;
  const trusted = (settings["trusted-users"] ?? "root").split(/\s+/);
  const isTrusted = trusted.some((name) => name === "*" || name === user || groupsOf(user).has(name));
  return [
    isTrusted
      ? say("ok", `${user} is a trusted user of the nix daemon`)
      : say(
          "warn",
          `${user} is no trusted user of the nix daemon: caches of flakes are not used, and unsigned builds of other machines not taken`,
          `Add to /etc/nix/nix.conf: trusted-users = ${[...trusted, user].join(" ")}; then: sudo systemctl restart nix-daemon`,
        ),
  ];
}

/** floe asks for them each time; a person who types nix does not. */
function checkFeatures(settings: Settings): Finding {
  const say = finding("nix", "features");
  const on = new Set((settings["experimental-features"] ?? "").split(/\s+/));
  const missing = ["nix-command", "flakes"].filter((name) => !on.has(name));
  if (missing.length === 0) return say("ok", "flakes and the nix command are enabled");
  return say(
    "info",
    `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not enabled for plain nix commands; floe does not need that`,
    "Add to /etc/nix/nix.conf: experimental-features = nix-command flakes",
  );
}

function checkBuilders(settings: Settings): Finding[] {
  const isSingleUserRoot = process.getuid?.() === 0 && !existsSync(daemonSocket);
  return [...(isSingleUserRoot ? [checkBuildUsers(settings)] : []), checkSandbox(settings)];
}

/** Root builds as the members of this group; without any, Debian's nix builds as root and cannot isolate builds from each other. */
function checkBuildUsers(settings: Settings): Finding {
  const say = finding("nix", "build-users");
  const group = settings["build-users-group"] ?? "nixbld";
  if (group === "")
    return say(
      "warn",
      "Builds run as root: no build-users-group is set",
      "Set build-users-group = nixbld in /etc/nix/nix.conf",
    );
  const members = membersOf(group);
  if (members > 0) return say("ok", `${members} build users in the group ${group}`);
  const commands = `groupadd -r ${group}; for n in 1 2 3 4; do useradd -r -g ${group} -G ${group} -d /var/empty -s /usr/sbin/nologin ${group}$n; done`;
  return say("warn", `The group ${group} has no members: builds run as root`, commands);
}

function checkSandbox(settings: Settings): Finding {
  const say = finding("nix", "sandbox");
  const sandbox = settings["sandbox"];
  if (sandbox === "true") return say("ok", "builds run in a sandbox");
  return say(
    "warn",
    `The build sandbox is ${sandbox ?? "unknown"}: results may depend on this machine`,
    "Set sandbox = true in /etc/nix/nix.conf",
  );
}

function describeCaches(network: Network, settings: Settings): Finding {
  const say = finding("nix", "network");
  if (!network.online)
    return say("info", `Without a network (${network.reason}): nothing is downloaded, nothing is waited for`);
  const caches = (settings["substituters"] ?? "").split(" ").filter((url) => url !== "");
  return say(
    "info",
    caches.length === 0 ? "No binary caches are set: everything is built here" : `Binary caches: ${caches.join(", ")}`,
  );
}

async function readSettings(nix: NixTool, context: NixContext): Promise<Settings> {
  const command = nix.features.configShow ? ["config", "show"] : ["show-config"];
  // Without the flag: what floe itself enables is not what the user has.
  const plain = await run([nix.command, ...command], { plainLocale: true, timeoutMs, ...signalOf(context) });
  const isEnabled = plain.exitCode === 0;
  const result = isEnabled
    ? plain
    : await run([nix.command, "--extra-experimental-features", "nix-command", ...command], {
        plainLocale: true,
        timeoutMs,
        ...signalOf(context),
      });
  const lines = result.stdout.split("\n").flatMap((line) => {
    const [, key, value] = /^([\w-]+) = ?(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value ?? ""] as const];
  });
  const settings = Object.fromEntries(lines);
  if (isEnabled) return settings;
  // The flag itself is among what is told.
  const features = (settings["experimental-features"] ?? "").split(/\s+/).filter((name) => name !== "nix-command");
  return { ...settings, "experimental-features": features.join(" ") };
}

/** As `trusted-users` writes them: `@wheel`. */
function groupsOf(user: string): Set<string> {
  const gids = new Set(process.getgroups?.() ?? []);
  const lines = (readText("/etc/group") ?? "").split("\n").map((line) => line.split(":"));
  const own = lines.filter(
    ([, , gid = "", members = ""]) => gids.has(Number(gid)) || members.split(",").includes(user),
  );
  return new Set(own.map(([name]) => `@${name}`));
}

function membersOf(group: string): number {
  const line = (readText("/etc/group") ?? "").split("\n").find((entry) => entry.startsWith(`${group}:`));
  return (line?.split(":")[3] ?? "").split(",").filter((name) => name !== "").length;
}

function signalOf({ signal }: NixContext): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
