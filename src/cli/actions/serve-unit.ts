import { realpathSync } from "node:fs";
import { ConfigError } from "../../errors.ts";
import { load, serveUnits } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import { printUnits, type UnitFlags } from "../print-units.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";

/** Its own path is that of this process, and programs are found where this process finds them: what works here works there. */
export async function serveUnit(this: Cli, flags: UnitFlags): Promise<void> {
  const project = openProject(this, flags);
  await withProgress(this, flags, async ({ emit, pause }) => {
    const fleet = await load(project, { emit, signal: this.signal });
    if (fleet.serve === undefined)
      throw new ConfigError("The fleet does not say how the dashboard is to run", {
        hint: `Say it in ${fleet.configFile}: serve: { folder: "${project.root}", user: "${this.env["USER"] ?? "me"}" }`,
      });
    const command = [process.execPath, realpathSync(process.argv[1] ?? "")];
    const files = await serveUnits(fleet.serve, fleet, command, this.env["PATH"] ?? "");
    pause();
    const next = "systemctl daemon-reload && systemctl enable --now floe-serve";
    await printUnits(this, flags, { kind: "serve-unit", files, next, root: project.root });
  });
}
