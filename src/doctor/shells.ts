/** Dev shells from anywhere: is the user's own shell told of nrs and nd, and does direnv run where a file asks for it? */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import { readText } from "../util/files.ts";
import { quoteWord } from "../util/quote-word.ts";
import { type Finding, finding } from "./finding.ts";
import { isOnPath } from "./machine.ts";

export function checkShells(fleet: Fleet, env: NodeJS.ProcessEnv): Finding[] {
  if (Object.keys(fleet.shells).length === 0) return [];
  return [...checkInit(fleet, env), ...checkDirenv(fleet, env)];
}

// --- internal ---

/** What a shell reads at its start, relative to the home. */
const startFiles: Readonly<Record<string, readonly string[]>> = {
  bash: [".bashrc", ".bash_profile", ".profile"],
  zsh: [".zshrc", ".zshenv"],
  fish: ["fish/config.fish"],
};

function checkInit({ root }: Fleet, env: NodeJS.ProcessEnv): Finding[] {
  const say = finding("shells", "shell-init");
  const shell = basename(env["SHELL"] ?? "");
  const files = startFiles[shell];
  if (files === undefined) return [];
  const home = env["HOME"] ?? homedir();
  const folder =
    shell === "fish"
      ? (env["XDG_CONFIG_HOME"] ?? join(home, ".config"))
      : shell === "zsh"
        ? (env["ZDOTDIR"] ?? home)
        : home;
  const texts = files.map((file) => readText(join(folder, file)) ?? "");
  if (texts.some((text) => text.includes("shell-init"))) return [say("ok", `nd and nrs in ${shell}`)];
  const file = join(folder, files[0] ?? "");
  const line =
    shell === "fish"
      ? `floe -C ${quoteWord(root)} shell-init fish | source`
      : `eval "$(floe -C ${quoteWord(root)} shell-init ${shell})"`;
  return [
    say(
      "info",
      `${shell} does not know nd and nrs, which enter shells and switch this machine from anywhere`,
      `Add to ${file}: ${line}`,
    ),
  ];
}

function checkDirenv({ root }: Fleet, env: NodeJS.ProcessEnv): Finding[] {
  if (!existsSync(join(root, ".envrc"))) return [];
  const say = finding("shells", "direnv");
  return [
    isOnPath("direnv", env)
      ? say("ok", "direnv for .envrc")
      : say("warn", "The project has an .envrc, but direnv is not installed", "apt-get install direnv"),
  ];
}
