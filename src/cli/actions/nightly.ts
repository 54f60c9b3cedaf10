import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigError } from "../../errors.ts";
import { load, nightlyUnits, writeUnits } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";

export interface NightlyFlags extends GlobalFlags {
  readonly write?: string;
}

/** Its own path is that of this process, and programs are found where this process finds them: what works here works there. */
export async function nightly(this: Cli, flags: NightlyFlags): Promise<void> {
  const project = openProject(this, flags);
  await withProgress(this, flags, async ({ emit, pause }) => {
    const fleet = await load(project, { emit, signal: this.signal });
    if (fleet.nightly === undefined)
      throw new ConfigError("The fleet has no nightly apply", {
        hint: `Say it in ${fleet.configFile}: nightly: { folder: "${project.root}", updateInputs: ["nixpkgs"] }`,
      });
    const command = [process.execPath, realpathSync(process.argv[1] ?? "")];
    const files = await nightlyUnits(fleet.nightly, fleet.name, command, this.env["PATH"] ?? "");
    const written = flags.write === undefined ? [] : await writeUnits(resolve(this.cwd, flags.write), files);
    pause();
    writeResult(this, flags, "nightly", { files, written }, ({ colors }) =>
      written.length > 0
        ? `${written.map((file) => `${colors.green("✓")} ${file}\n`).join("")}\nThen: ${colors.cyan("systemctl daemon-reload && systemctl enable --now floe-nightly.timer")}\n`
        : Object.entries(files)
            .map(([name, text]) => `${colors.dim(`# ${name}`)}\n${text}`)
            .join("\n"),
    );
  });
}
