/** Which packages a person wants to read of first. Pure. */
import { parseStoreName } from "./store-name.ts";

/** What the whole machine rests on, or what lets somebody in. Kernels are named in many ways: `linux`, `linux-zen`, `linux-rt`. */
const everywhere =
  /^(?:linux(?:-(?:zen|rt|hardened|libre|lqx|xanmod|rpi\d?|lts|latest|testing))?|systemd|glibc|musl|openssl|openssh|nix|lix|bash|bash-interactive|firn-(?:busybox|runtime)|sudo|doas|polkit|dbus|dbus-broker|shadow|grub|systemd-boot)$/;

export function isAlwaysImportant(name: string): boolean {
  return everywhere.test(name);
}

/** What nearly every script runs; it says nothing about what a service is. */
const tools: ReadonlySet<string> = new Set([
  "bash",
  "bash-interactive",
  "coreutils",
  "diffutils",
  "findutils",
  "gawk",
  "getent",
  "glibc",
  "gnugrep",
  "gnused",
  "iproute2",
  "kmod",
  "shadow",
  "systemd",
  "util-linux",
]);

/**
 * The packages whose programs a unit or its script runs.
 * @param texts the unit's own, or those of the scripts that it starts
 */
export function programsOf(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) =>
    [...text.matchAll(/\/nix\/store\/([0-9a-z]{32}-[^/\s"';:]+)\/(?:s?bin|libexec)\//g)].map(
      ([, path = ""]) => parseStoreName(path).name,
    ),
  );
  return [...new Set(found)].filter((name) => !tools.has(name) && !name.startsWith("unit-script-"));
}
