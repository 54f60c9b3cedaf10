/** Remote builders: Nix sends builds there by itself when it is told of them. */
import { join } from "node:path";
import { run } from "../exec/run.ts";
import type { Builder } from "../model/fleet.ts";
import { writeFileWhole } from "../util/files.ts";
import type { NixTool } from "./find.ts";

/**
 * Flags that let a nix command build on these machines too, beside those that nix.conf names; none where there are none. Nix heeds them only of
 * root and its trusted users, and says so to others.
 */
export async function builderFlags(nix: NixTool, builders: readonly Builder[]): Promise<string[]> {
  if (builders.length === 0) return [];
  const file = join(nix.cacheDir, "builders");
  writeFileWhole(file, `${builders.map(builderLine).join("\n")}\n`);
  const known = await configuredBuilders(nix);
  const value = [`@${file}`, ...(known === "" ? [] : [known])].join(" ; ");
  return ["--builders", value, "--option", "builders-use-substitutes", "true"];
}

/** A builder as nix.conf(5) describes it: eight words, `-` for one that is not said. */
export function builderLine(builder: Builder): string {
  const list = (words: readonly string[]): string => words.join(",") || "-";
  return [
    builder.host,
    list(builder.systems),
    builder.key ?? "-",
    builder.maxJobs,
    builder.speed,
    // What is demanded is offered as well.
    list([...new Set([...builder.features, ...builder.mandatoryFeatures])]),
    list(builder.mandatoryFeatures),
    builder.hostKey ?? "-",
  ].join(" ");
}

// --- internal ---

/** The value of `builders` in nix.conf; by default it is `@/etc/nix/machines`, which need not be there. */
async function configuredBuilders(nix: NixTool): Promise<string> {
  const show = nix.features.configShow ? ["config", "show"] : ["show-config"];
  const argv: [string, ...string[]] = [nix.command, "--extra-experimental-features", "nix-command", ...show];
  const { exitCode, stdout } = await run(argv, { plainLocale: true, timeoutMs: 10_000 });
  return exitCode === 0 ? (/^builders = (.*)$/m.exec(stdout)?.[1]?.trim() ?? "") : "";
}
