/** How the user that floe comes in as becomes root on a machine. */
import { randomBytes } from "node:crypto";
import { FloeError } from "../errors.ts";
import { withHead } from "./input.ts";
import type { AskPassword, Elevation } from "./machine.ts";
import { withPath } from "./shell.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/** A way to root's rights that was tried and works. The password stays in here, in memory. */
export interface Root {
  readonly elevation: Elevation;
  /** A command as root. */
  as(argv: readonly [string, ...string[]], input: TransportOptions["input"]): RootCommand;
}

interface RootCommand {
  readonly argv: [string, ...string[]];
  readonly input: TransportOptions["input"];
}

export interface RootOptions {
  /** Configured; absent: what works is found. */
  readonly elevation?: Exclude<Elevation, "none"> | undefined;
  readonly askPassword?: AskPassword | undefined;
}

/** Finds the way, and asks for a password at most once. @throws ConnectionError, FloeError when there is none */
export async function findRoot(
  transport: Transport,
  { elevation, askPassword }: RootOptions,
  signal: AbortSignal | undefined,
): Promise<Root> {
  const found = await probe(transport, elevation, signal);
  if (found.uid === 0) return plainRoot;
  const free = found.free[0];
  if (free !== undefined) return { elevation: free, as: (argv, input) => ({ argv: freely(free, argv), input }) };
  if (found.tools.includes("sudo") && (elevation ?? "sudo") === "sudo")
    return withPassword(transport, found.user, askPassword, signal);
  throw cannotBecomeRoot(transport, found, elevation);
}

// --- internal ---

type Tool = Exclude<Elevation, "none">;

const TOOLS: readonly Tool[] = ["sudo", "doas", "run0"];
const ATTEMPTS = 3;
const TIMEOUT_MS = 60_000;

const plainRoot: Root = { elevation: "none", as: (argv, input) => ({ argv: [...argv], input }) };

interface Found {
  readonly uid: number;
  readonly user: string;
  readonly tools: readonly Tool[];
  /** Those that ask for nothing. */
  readonly free: readonly Tool[];
}

/** Without -k, sudo would also count a password that was given a moment ago in the same place, and then forget it. */
const PROBE = `echo "uid $(id -u)"; echo "user $(id -un)"
[ "$(id -u)" = 0 ] && exit 0
for tool in "$@"; do
  command -v "$tool" >/dev/null 2>&1 || continue
  echo "tool $tool"
  case $tool in
    sudo) sudo -k -n true ;;
    doas) doas -n true ;;
    run0) run0 --no-ask-password --background= true ;;
  esac </dev/null >/dev/null 2>&1 && echo "free $tool" && break
done
exit 0`;

async function probe(transport: Transport, wanted: Tool | undefined, signal: AbortSignal | undefined): Promise<Found> {
  const tools = wanted === undefined ? TOOLS : [wanted];
  const options = { signal, timeoutMs: TIMEOUT_MS, repeatable: true };
  const { stdout } = await transport.exec(["sh", "-c", PROBE, "floe", ...tools], options);
  const said = (key: string) =>
    stdout.split("\n").flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  return {
    uid: Number(said("uid")[0] ?? -1),
    user: said("user")[0] ?? "?",
    tools: said("tool") as Tool[],
    free: said("free") as Tool[],
  };
}

function freely(tool: Tool, argv: readonly string[]): [string, ...string[]] {
  switch (tool) {
    case "sudo":
      return ["sudo", "-n", "--", ...withPath(argv)];
    case "doas":
      return ["doas", "-n", "--", ...withPath(argv)];
    case "run0":
      return ["run0", "--no-ask-password", "--background=", "--", ...withPath(argv)];
  }
}

/** The password goes in as the first line of the input. -k: sudo asks for it every time, whatever it remembers. */
const sudoWithPassword = ["sudo", "-k", "-S", "-p", "", "--"] as const;

/**
 * Reads up to the end of what was meant for sudo: where it did not ask after all, the password would become the command's input.
 * `read` takes no byte beyond its line.
 */
const SKIP = `floe_end=$1; shift
while IFS= read -r floe_line; do [ "$floe_line" = "$floe_end" ] && break; done
unset floe_line floe_end; exec "$@"`;

async function withPassword(
  transport: Transport,
  user: string,
  askPassword: AskPassword | undefined,
  signal: AbortSignal | undefined,
): Promise<Root> {
  const password = await verifiedPassword(transport, user, askPassword, signal);
  return {
    elevation: "sudo",
    as(argv, input) {
      const end = `floe-${randomBytes(8).toString("hex")}`;
      return {
        argv: [...sudoWithPassword, "sh", "-c", SKIP, "floe", end, ...withPath(argv)],
        input: withHead(`${password}\n${end}\n`, input),
      };
    },
  };
}

async function verifiedPassword(
  transport: Transport,
  user: string,
  askPassword: AskPassword | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { where } = transport;
  const question = `Password of ${user} on ${where}, for sudo`;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const prompt = attempt === 1 ? question : `That was not right. ${question}`;
    const password = await askPassword?.({ where, prompt });
    if (password === undefined) throw nobodyToAsk(where, user);
    const argv = ["env", "LC_ALL=C", ...sudoWithPassword, "true"] as [string, ...string[]];
    const result = await transport.exec(argv, { input: `${password}\n`, signal, timeoutMs: TIMEOUT_MS });
    if (result.exitCode === 0) return password;
    if (!/try again|incorrect password|no password was provided/i.test(result.stderr))
      throw refused(where, user, result.stderr);
  }
  throw new FloeError(`Cannot become root on ${where}: sudo refused the password of "${user}" ${ATTEMPTS} times`, {
    hint: `Try it there, in a terminal: sudo true`,
    details: { where, user },
  });
}

function nobodyToAsk(where: string, user: string): FloeError {
  return new FloeError(
    `Cannot become root on ${where}: sudo asks for the password of "${user}", and this is no terminal`,
    {
      hint: `Run floe in a terminal, reach the machine as root, or let "${user}" use sudo without a password there`,
      details: { where, user },
    },
  );
}

function refused(where: string, user: string, said: string): FloeError {
  return new FloeError(`Cannot become root on ${where}: sudo said: ${said.trim()}`, {
    hint: `Let "${user}" use sudo there, or reach the machine as another user`,
    details: { where, user },
  });
}

function cannotBecomeRoot({ where }: Transport, { user, tools }: Found, wanted: Tool | undefined): FloeError {
  const reasons = {
    doas: "doas asks for a password, which it takes only from a terminal",
    run0: "run0 asks for a password, which it takes only from a terminal",
    sudo: "sudo does not let it",
  };
  const missing = wanted === undefined ? "there is no sudo, doas or run0" : `there is no ${wanted}`;
  const reason = tools.length === 0 ? missing : tools.map((tool) => reasons[tool]).join(", and ");
  const hints = {
    doas: `Write "permit nopass ${user}" into doas.conf there`,
    run0: `Let polkit allow "${user}" org.freedesktop.systemd1.manage-units there`,
    sudo: `Let "${user}" use sudo there`,
  };
  return new FloeError(`Cannot become root on ${where} as "${user}": ${reason}`, {
    hint: `${tools[0] === undefined ? "Install sudo there" : hints[tools[0]]}, or reach the machine as root`,
    details: { where, user, tools },
  });
}
