/** The nightly apply of this machine: is its unit there, and does it find what it needs? */
import { accessSync, constants, existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import { unitName } from "../nightly/units.ts";
import { readText } from "../util/files.ts";
import { type Finding, finding } from "./finding.ts";

/** @param folder of systemd's units. Nothing where another machine does it. */
export function checkNightly({ nightly, hosts }: Fleet, folder = "/etc/systemd/system"): Finding[] {
  if (nightly === undefined || (nightly.host !== undefined && nightly.host !== hostname())) return [];
  const say = finding("nightly", "unit");
  const file = join(folder, `${unitName}.service`);
  const text = readText(file);
  if (text === undefined)
    return nightly.host !== undefined && hosts[nightly.host] !== undefined
      ? [say("warn", `This machine does not have the unit ${unitName} yet`, `floe switch ${nightly.host}`)]
      : [say("info", `No ${unitName} here: nothing is applied by the clock`, `floe nightly --write ${folder}`)];
  return [...checkStart(text, file), ...checkPath(text, file), ...checkFolder(nightly.folder)];
}

// --- internal ---

function checkStart(text: string, file: string): Finding[] {
  const say = finding("nightly", "command");
  const words = /^ExecStart=(.*)$/m.exec(text)?.[1]?.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const programs = words
    .slice(0, 2)
    .map((word) => word.replace(/^"|"$/g, ""))
    .filter((word) => word.startsWith("/"));
  const gone = programs.filter((program) => !existsSync(program));
  return gone.length === 0
    ? [say("ok", `${unitName} starts ${programs.join(" ")}`)]
    : [
        say(
          "fail",
          `${file} starts ${gone.join(" ")}, which is not there`,
          "floe nightly --write /etc/systemd/system && systemctl daemon-reload",
        ),
      ];
}

/** Programs that an apply starts; the PATH of a unit is fixed when it is written. */
function checkPath(text: string, file: string): Finding[] {
  const say = finding("nightly", "path");
  const path = /^Environment="?PATH=([^"\n]*)"?$/m.exec(text)?.[1];
  if (path === undefined) return [];
  const missing = ["nix", "git"].filter(
    (program) => !path.split(":").some((folder) => isProgram(join(folder, program))),
  );
  return missing.length === 0
    ? [say("ok", "its PATH has nix and git")]
    : [
        say(
          "fail",
          `The PATH of ${file} has no ${missing.join(", ")}`,
          "floe nightly --write /etc/systemd/system && systemctl daemon-reload",
        ),
      ];
}

function checkFolder(folder: string): Finding[] {
  if (existsSync(folder)) return [];
  return [
    finding("nightly", "folder")(
      "fail",
      `The nightly apply is of the project in "${folder}", which is not there`,
      "Set nightly.folder in floe.config.ts",
    ),
  ];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
