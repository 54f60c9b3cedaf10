import { initScript } from "../../shell/scripts.ts";
import { completionVerb } from "../completing.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { openProject } from "../project.ts";

export function shellInit(this: Cli, flags: GlobalFlags, kind: "bash" | "zsh" | "fish" | "direnv"): void {
  const { root } = openProject(this, flags);
  const text = kind === "direnv" ? 'eval "$(floe shell --direnv)"\n' : initScript(kind, root, completionVerb);
  this.process.stdout.write(text);
}
