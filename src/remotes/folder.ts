/** Where floe keeps what belongs to a person and not to a project. */
import { homedir } from "node:os";
import { join } from "node:path";

/** `$XDG_CONFIG_HOME/floe`, else `~/.config/floe`. */
export function configFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment["XDG_CONFIG_HOME"] || join(environment["HOME"] || homedir(), ".config"), "floe");
}
