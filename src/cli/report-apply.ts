/** The end of `apply` and `rollback`: the report on stdout, the errors on stderr, the exit code. */

import { servicesOf } from "../list/services.ts";
import type { Instance } from "../model/fleet.ts";
import type { ApplyReport } from "../report/reduce.ts";
import type { Cli } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";
import { textOptions, writeResult } from "./output.ts";
import { failures, renderReport } from "./render/apply.ts";
import { renderError } from "./render/error.ts";

export function finish(
  cli: Cli,
  flags: GlobalFlags,
  kind: "apply" | "rollback",
  report: ApplyReport,
  instances: readonly Instance[],
  options: { readonly nothingToDo?: boolean } = {},
): void {
  const applied = instances.map((instance) => ({
    address: `${instance.server}/${instance.project}/${instance.name}`,
    name: instance.name,
    services: servicesOf(instance),
  }));
  for (const error of failures(report))
    cli.process.stderr.write(`${renderError(error, textOptions(cli, flags, "stderr"))}\n`);
  if (flags.json || options.nothingToDo !== true)
    writeResult(cli, flags, kind, { report, instances: applied }, (text) => renderReport(report, applied, text));
  cli.exitCode = report.exitCode;
}
