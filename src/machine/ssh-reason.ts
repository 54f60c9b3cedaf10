/** What ssh's own words mean. The words are those of OpenSSH, in English. */

export type SshReason =
  | { readonly kind: "key-changed"; readonly host: string; readonly fingerprint?: string; readonly remove?: string }
  | { readonly kind: "key-unknown"; readonly host?: string }
  | { readonly kind: "denied"; readonly user: string; readonly host: string; readonly methods: string }
  | { readonly kind: "too-many-keys"; readonly host?: string }
  | { readonly kind: "name"; readonly host: string }
  | { readonly kind: "refused" | "unreachable"; readonly host: string; readonly port: string; readonly words: string }
  | { readonly kind: "timeout"; readonly host?: string }
  /** A jump host was reached, and could not reach what comes after it. */
  | { readonly kind: "beyond-jump"; readonly words: string }
  | { readonly kind: "config"; readonly words: string }
  /** A connection that there was ended. */
  | { readonly kind: "lost"; readonly words: string }
  | { readonly kind: "other"; readonly words: string };

/** Reads what ssh printed before it ended with 255: narrow forms before wide ones. */
export function readReason(stderr: string): SshReason {
  const text = stderr.replaceAll("\r", "");
  for (const read of readers) {
    const reason = read(text);
    if (reason !== undefined) return reason;
  }
  const words = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !isAftermath(line))
    .slice(-3)
    .join("; ");
  return words === "" ? { kind: "lost", words: "" } : { kind: "other", words };
}

/** True when the ssh that reports saw its way to the next hop end: what failed is a hop before the last. */
export function isBeforeTarget(stderr: string): boolean {
  return stderr.split("\n").some(isAftermath);
}

// --- internal ---

/** What the last ssh of a chain says when one before it ended. */
function isAftermath(line: string): boolean {
  return /^kex_exchange_identification: |^Connection (closed|reset) by UNKNOWN port 65535|^banner exchange: /.test(
    line,
  );
}

type Reader = (text: string) => SshReason | undefined;

const readers: readonly Reader[] = [
  keyChanged,
  keyUnknown,
  (text) => {
    const found = /^(?:(\S+)@)?(\S+): Permission denied \(([^)]*)\)\.?$/m.exec(text);
    return found ? { kind: "denied", user: found[1] ?? "", host: found[2] ?? "", methods: found[3] ?? "" } : undefined;
  },
  (text) => {
    const found = /(?:from (\S+) port \d+:\d*: )?Too many authentication failures/.exec(text);
    return found ? { kind: "too-many-keys", ...(found[1] === undefined ? {} : { host: found[1] }) } : undefined;
  },
  (text) => {
    const found = /^ssh: Could not resolve hostname (.+?): /m.exec(text);
    return found ? { kind: "name", host: found[1] ?? "" } : undefined;
  },
  connecting,
  (text) => {
    const found = /^channel \d+: open failed: (?:connect failed|administratively prohibited): (.+)$/m.exec(text);
    return found ? { kind: "beyond-jump", words: found[1] ?? "" } : undefined;
  },
  (text) => {
    const found =
      /^(.*(?:Bad configuration option|Bad owner or permissions|terminating, \d+ bad configuration).*)$/m.exec(text);
    return found ? { kind: "config", words: found[1] ?? "" } : undefined;
  },
  (text) => {
    const found = LOST.exec(text);
    return found ? { kind: "lost", words: found[0].trim() } : undefined;
  },
];

const LOST =
  /^(?:client_loop: send disconnect: .*|Timeout, server \S+ not responding\.?|(?:Shared connection|Connection) to \S+ closed(?: by remote host)?\.?|(?:Read from remote host \S+: |ssh_dispatch_run_fatal: .*)?Connection (?:reset|closed) by .*|mux_client\w*: .*|packet_write_wait: .*|.*Broken pipe)\s*$/m;

function keyChanged(text: string): SshReason | undefined {
  const changed = /^Host key for (.+) has changed/m.exec(text);
  if (changed === null) return undefined;
  const fingerprint = /^(SHA256:\S+?)\.?$/m.exec(text)?.[1];
  const remove = /^\s*(ssh-keygen .*-R .+)$/m.exec(text)?.[1];
  return {
    kind: "key-changed",
    host: changed[1] ?? "",
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(remove === undefined ? {} : { remove }),
  };
}

function keyUnknown(text: string): SshReason | undefined {
  const strict = /^No \S+ host key is known for (.+?) and you have requested strict checking/m.exec(text);
  if (strict !== null) return { kind: "key-unknown", host: strict[1] ?? "" };
  return /^Host key verification failed/m.test(text) ? { kind: "key-unknown" } : undefined;
}

function connecting(text: string): SshReason | undefined {
  const found = /^ssh: connect to host (\S+) port (\d+): (.+)$/m.exec(text);
  const [, host = "", port = "", words = ""] = found ?? [];
  if (found === null)
    return /^Connection timed out during banner exchange/m.test(text) ? { kind: "timeout" } : undefined;
  if (/timed out/.test(words)) return { kind: "timeout", host };
  return { kind: /refused/.test(words) ? "refused" : "unreachable", host, port, words };
}
