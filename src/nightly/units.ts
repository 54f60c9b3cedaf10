/** The apply by the clock as plain systemd units, for a machine that is not one of the fleet's NixOS hosts. Pure. */
import { UsageError } from "../errors.ts";
import type { Nightly } from "../model/fleet.ts";

/** The name of both units. */
export const unitName = "floe-nightly";

export interface UnitFiles {
  readonly [file: string]: string;
}

/** What `floe apply` is told by the clock. */
export function nightlyArguments({ instances, updateInputs, notify }: Nightly): string[] {
  return [
    "apply",
    "--yes",
    ...(notify.length === 0 ? [] : ["--notify"]),
    ...(instances === "running" ? ["--instances", "running"] : []),
    ...(updateInputs.length === 0 ? [] : ["--update-inputs", updateInputs.join(",")]),
  ];
}

/**
 * `floe-nightly.service` and `floe-nightly.timer`. `command` is how floe is started on this machine, `path` where it and nix find programs.
 * @throws UsageError when a word cannot be written in a unit
 */
export function unitFiles(nightly: Nightly, fleet: string, command: readonly string[], path: string): UnitFiles {
  const words = [...command, ...nightlyArguments(nightly)].map(quoteWord).join(" ");
  return {
    [`${unitName}.service`]: [
      "[Unit]",
      `Description=floe: bring ${fleet} up to date`,
      "Wants=network-online.target",
      "After=network-online.target",
      "",
      "[Service]",
      "Type=oneshot",
      `User=${nightly.user}`,
      `WorkingDirectory=${quoteValue(nightly.folder)}`,
      `Environment=${quoteWord(`PATH=${path}`)}`,
      `ExecStart=${words}`,
      "",
    ].join("\n"),
    [`${unitName}.timer`]: [
      "[Unit]",
      `Description=floe: bring ${fleet} up to date`,
      "",
      "[Timer]",
      `OnCalendar=${nightly.at}`,
      `RandomizedDelaySec=${nightly.randomDelay}`,
      "Persistent=true",
      "",
      "[Install]",
      "WantedBy=timers.target",
      "",
    ].join("\n"),
  };
}

/** https://www.freedesktop.org/software/systemd/man/systemd.syntax.html#Quoting; `%` and `$` have meanings of their own. @throws UsageError */
export function quoteWord(word: string): string {
  const text = quoteValue(word).replaceAll("$", "$$$$");
  return /^[\w@%+=:,./$-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A value that is not taken apart at blanks. @throws UsageError */
export function quoteValue(value: string): string {
  if (/[\n\0]/.test(value)) throw new UsageError("A word with a line break cannot be written in a systemd unit");
  return value.replaceAll("%", "%%");
}
