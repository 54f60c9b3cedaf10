/** Why ssh failed, in plain words, with the hop that is meant and what to do. */
import { CancelledError, ConnectionError } from "../errors.ts";
import { findSilentHop, plainHost, readWay, type SilentHop, type Ssh, sshOf, type Way } from "./ssh-hops.ts";
import { isBeforeTarget, readReason, type SshReason } from "./ssh-reason.ts";

export interface SshFailure {
  readonly destination: string;
  /** What ssh printed. */
  readonly stderr: string;
  /** The options that every ssh gets. */
  readonly base: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/** Asks ssh further where its words alone do not say which hop is meant. @throws CancelledError */
export async function explainFailure(failure: SshFailure): Promise<ConnectionError> {
  const { destination, base, env, signal } = failure;
  const ssh = sshOf(env, base, signal);
  try {
    const stderr = await wholeWords(ssh, failure);
    const reason = readReason(stderr);
    const way = await readWay(ssh, destination);
    if (reason.kind === "timeout" && reason.host === undefined) {
      const silent = await findSilentHop(ssh, way.jumps);
      if (silent !== undefined) return describeSilent(destination, way, silent);
    }
    const seen = reason.kind === "key-unknown" ? await seeHostKey(ssh, destination) : {};
    return describeFailure({ destination, reason, way, isBefore: isBeforeTarget(stderr), ...seen });
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    const way = { target: { name: destination, host: destination }, jumps: [] };
    return describeFailure({ destination, reason: readReason(failure.stderr), way, isBefore: false });
  }
}

export interface KnownFailure {
  readonly destination: string;
  readonly reason: SshReason;
  readonly way: Way;
  /** A hop before the target failed. */
  readonly isBefore: boolean;
  /** The host whose key is not known, and that key. */
  readonly host?: string;
  readonly fingerprint?: string;
  /** The jump host that was found not to answer. */
  readonly silent?: string;
}

/** The words for it. */
export function describeFailure(failure: KnownFailure): ConnectionError {
  const { destination, reason } = failure;
  const hop = hopOf(failure);
  const who = hop === undefined ? destination : `the jump host "${hop}"`;
  const { what, hint } = wordsFor(failure, who, hop ?? destination);
  const message = reason.kind === "lost" && !failure.isBefore ? what : `Cannot reach ${destination}: ${what}`;
  return new ConnectionError(message, {
    hint,
    details: { where: destination, reason: reason.kind, ...(hop === undefined ? {} : { hop }) },
  });
}

// --- internal ---

/** The way to share a connection throws away what a jump host's ssh says (ControlPersist): so it is tried once more without. */
async function wholeWords(ssh: Ssh, { destination, stderr }: SshFailure): Promise<string> {
  if (!isBeforeTarget(stderr) || readReason(stderr).kind !== "lost") return stderr;
  return (await ssh(["-o", "ControlPath=none", "--", destination, "true"])).stderr || stderr;
}

/** What a try of the jump host alone says of it, however it failed before. */
function describeSilent(destination: string, way: Way, { name, stderr }: SilentHop): ConnectionError {
  return describeFailure({ destination, reason: readReason(stderr), way, isBefore: true, silent: name });
}

/** The jump host that failed; undefined: the target itself, or it cannot be told. */
function hopOf({ reason, way, isBefore, host, silent }: KnownFailure): string | undefined {
  if (silent !== undefined) return silent;
  if (reason.kind === "beyond-jump") return way.jumps.at(-1)?.name;
  const named = host ?? ("host" in reason ? reason.host : undefined);
  const jump = way.jumps.find((hop) => named !== undefined && hop.host === plainHost(named));
  const isTarget = named !== undefined && plainHost(named) === way.target.host;
  if (jump !== undefined && (isBefore || !isTarget)) return jump.name;
  return isBefore && way.jumps.length > 0 ? way.jumps.map(({ name }) => name).join(", ") : undefined;
}

interface Words {
  readonly what: string;
  readonly hint?: string | undefined;
}

function wordsFor(failure: KnownFailure, who: string, name: string): Words {
  const { reason, destination } = failure;
  switch (reason.kind) {
    case "key-changed":
      return {
        what: `the host key of ${who} is another one than before${fingerprint(reason.fingerprint)}`,
        hint: `Somebody may be in between. Only if it was installed anew: ${reason.remove ?? `ssh-keygen -R ${reason.host}`}, then: ssh ${name} true`,
      };
    case "key-unknown":
      return {
        what: `the host key of ${who} is not known${fingerprint(failure.fingerprint)}`,
        hint: `Compare it with what the machine has in /etc/ssh, and accept it once: ssh ${name} true`,
      };
    case "denied":
      return {
        what: `${who} refuses the user "${reason.user}" (it takes: ${reason.methods.replaceAll(",", ", ")})`,
        hint: `floe answers no questions of ssh: the key must be in the agent (ssh-add -l) or without a passphrase, and in authorized_keys there. See: ssh -v ${name} true`,
      };
    case "too-many-keys":
      return {
        what: `${who} ended the connection after too many keys of the agent`,
        hint: `Name the right one for it in ~/.ssh/config: IdentityFile, with IdentitiesOnly yes`,
      };
    case "name":
      return {
        what: `no address is known for ${who === destination ? `"${reason.host}"` : who}`,
        hint: `Look at the name, at HostName in ~/.ssh/config, and at the network of this machine`,
      };
    case "refused":
      return {
        what: `${who} takes no connections on port ${reason.port}`,
        hint: "Is sshd running there, and is this its port?",
      };
    case "unreachable":
      return {
        what: `${reason.words} (${who}, port ${reason.port})`,
        hint: "Look at the network between here and there",
      };
    case "timeout":
      return {
        what: `${who === destination ? "it" : who} does not answer`,
        hint: "Is it on, and does a firewall let ssh through?",
      };
    case "beyond-jump":
      return {
        what: `${who} cannot reach it: ${reason.words}`,
        hint: `Is it on, and can it be reached from there? See: ssh ${name}`,
      };
    case "config":
      return { what: `ssh does not take its configuration: ${reason.words}`, hint: "Correct ~/.ssh/config" };
    case "lost":
      return lostWords(failure, who, reason.words);
    case "other":
      return { what: reason.words, hint: `See: ssh -v ${destination} true` };
  }
}

function lostWords({ isBefore, way, destination }: KnownFailure, who: string, words: string): Words {
  const hint = `Look at the network, then run this again; see: ssh -v ${destination} true`;
  if (!isBefore)
    return {
      what: `The connection to ${destination} ended${words === "" ? "" : `: ${words.replace(/\.$/, "")}`}`,
      hint,
    };
  const by = way.proxyCommand === undefined ? who : `the ProxyCommand "${way.proxyCommand}"`;
  return { what: `${by} ended the connection before ssh could begin`, hint };
}

function fingerprint(text: string | undefined): string {
  return text === undefined ? "" : ` (${text})`;
}

/** ssh names neither the host nor the key when it may not ask about it, unless it talks about everything. */
async function seeHostKey(ssh: Ssh, destination: string): Promise<Pick<KnownFailure, "host" | "fingerprint">> {
  const { stderr } = await ssh(["-v", "-o", "ControlPath=none", "--", destination, "true"]);
  const host = [...stderr.matchAll(/Authenticating to (.+):\d+ as /g)].at(-1)?.[1];
  const key = [...stderr.matchAll(/Server host key: \S+ (SHA256:\S+)/g)].at(-1)?.[1];
  return { ...(host === undefined ? {} : { host }), ...(key === undefined ? {} : { fingerprint: key }) };
}
