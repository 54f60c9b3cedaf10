/** Why a reboot is needed before all of a new system counts. Pure. */
import type { SystemParts } from "./observed.ts";
import { parseStoreName } from "./store-name.ts";

/**
 * Compares what was booted with what is to run, as `kernel 5.4.72 → 5.4.75`. Parts that one of the two systems does not have, as in a
 * container, are no reason. A new kernel brings its modules and initrd with it: only the kernel is told then.
 */
export function rebootReasons(booted: SystemParts, next: SystemParts): string[] {
  const kernel = partChange("kernel", booted.kernel, next.kernel);
  const modules = partChange("kernel modules", booted.kernelModules, next.kernelModules);
  const initrd = partChange("initrd", booted.initrd, next.initrd);
  const reasons = kernel.length > 0 ? kernel : [...modules, ...initrd];
  return [
    ...reasons,
    ...parametersChange(booted.kernelParams, next.kernelParams),
    ...partChange("systemd", booted.systemd, next.systemd),
  ];
}

// --- internal ---

function partChange(what: string, before: string | undefined, after: string | undefined): string[] {
  if (before === undefined || after === undefined || before === after) return [];
  const [old, fresh] = [versionOf(before), versionOf(after)];
  if (old === fresh || what === "initrd") return [`${what}${fresh === "" ? "" : ` ${fresh}`}: other content`];
  return [`${what} ${old || "(no version)"} → ${fresh || "(no version)"}`];
}

/** Of `/nix/store/HASH-linux-5.4.72/bzImage`. */
function versionOf(path: string): string {
  return parseStoreName(path.split("/").slice(0, 4).join("/")).version;
}

function parametersChange(before: string | undefined, after: string | undefined): string[] {
  if (before === undefined || after === undefined) return [];
  const [old, fresh] = [wordsOf(before), wordsOf(after)];
  const changes = [
    ...fresh.filter((word) => !old.includes(word)).map((word) => `+${word}`),
    ...old.filter((word) => !fresh.includes(word)).map((word) => `-${word}`),
  ];
  if (changes.length > 0) return [`kernel parameters ${changes.join(" ")}`];
  return old.join(" ") === fresh.join(" ") ? [] : ["kernel parameters in another order"];
}

function wordsOf(parameters: string): string[] {
  return parameters.split(/\s+/).filter((word) => word !== "" && !word.startsWith("init=/nix/store/"));
}
