import { resolve } from "node:path";
import { diagnose } from "../../doctor/doctor.ts";
import { projectAbove } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { renderFindings } from "../render/doctor.ts";
import { document, toJsonLine } from "../render/json.ts";
import { colorsFor } from "../render/style.ts";

export interface DoctorFlags extends GlobalFlags {
  readonly hosts: boolean;
}

export async function doctor(this: Cli, flags: DoctorFlags, verb?: string): Promise<void> {
  const project = projectAbove(resolve(this.cwd, flags.project ?? "."));
  const findings = await diagnose({
    root: project?.root,
    env: this.env as NodeJS.ProcessEnv,
    verb,
    askHosts: flags.hosts,
    signal: this.signal,
  });
  const ok = findings.every((item) => item.status !== "fail");
  const { stdout } = this.process;
  stdout.write(
    flags.json
      ? toJsonLine(document("doctor", { ok, findings }))
      : renderFindings(findings, colorsFor(stdout, this.env, flags.noColor)),
  );
  this.exitCode = ok ? 0 : 1;
}
