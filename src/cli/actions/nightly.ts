import { realpathSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import { load, nightlyUnits } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import { printUnits, type UnitFlags } from "../print-units.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";

/** Its own path is that of this process, and programs are found where this process finds them: what works here works there. */
export async function nightly(this: Cli, flags: UnitFlags): Promise<void> {
  const project = openProject(this, flags);
  await withProgress(this, flags, async ({ emit, pause }) => {
    const fleet = await load(project, { emit, signal: this.signal });
    if (fleet.nightly === undefined)
      throw new ConfigError("The fleet has no nightly apply", {
        hint: `Say it in ${fleet.configFile}: nightly: { folder: "${project.root}", updateInputs: ["nixpkgs"] }`,
      });
    const command = [process.execPath, realpathSync(process.argv[1] ?? "")];
    const files = await nightlyUnits(fleet.nightly, fleet.name, command, this.env["PATH"] ?? "");
    pause();
    const next = "systemctl daemon-reload && systemctl enable --now floe-nightly.timer";
    await printUnits(this, flags, { kind: "nightly", files, next, root: project.root });
  });
}
