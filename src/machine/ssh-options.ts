/** What every ssh of floe is told. */

/** Seconds that a connection may take to be made. */
const CONNECT_SECONDS = 10;
/** Seconds between questions whether the other side is still there, and how many of them may stay without an answer. */
const ALIVE = { seconds: 5, count: 3 };

/** What the user gives nix' ssh is meant for floe's too. */
export function nixSshOptions(env: NodeJS.ProcessEnv): string[] {
  return (env["NIX_SSHOPTS"] ?? "").split(/\s+/).filter((word) => word !== "");
}

/**
 * No questions, since nobody could answer them; no forwardings or commands that the user's configuration has for this machine; and a dead
 * connection is noticed in seconds.
 */
export function baseOptions(env: NodeJS.ProcessEnv): string[] {
  const settings = [
    "BatchMode=yes",
    `ConnectTimeout=${CONNECT_SECONDS}`,
    `ServerAliveInterval=${ALIVE.seconds}`,
    `ServerAliveCountMax=${ALIVE.count}`,
    "ClearAllForwardings=yes",
    "RemoteCommand=none",
    "PermitLocalCommand=no",
    "LogLevel=ERROR",
  ];
  return ["-T", "-x", ...nixSshOptions(env), ...settings.flatMap((setting) => ["-o", setting])];
}

/** Nobody sits at the other end of a question, also not of a jump host's, to which ssh does not pass our options on. */
export function quietEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, SSH_ASKPASS_REQUIRE: "never", LC_ALL: "C" };
}
