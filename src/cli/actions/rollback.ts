import type { Plan } from "../../model/plan.ts";
import { acquireLock, load, openConnections, planRollback, rollback as rollBack } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { findInstance } from "../instance.ts";
import { textOptions } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { document, toJsonLine } from "../render/json.ts";
import { renderPlan } from "../render/plan.ts";
import { finish } from "../report-apply.ts";

export interface RollbackFlags extends GlobalFlags {
  readonly to?: number;
}

export async function rollback(this: Cli, flags: RollbackFlags, name: string): Promise<void> {
  const project = openProject(this, flags);
  const lock = acquireLock(project.root, "rollback");
  try {
    await withProgress(
      this,
      flags,
      async ({ emit, pause }) => {
        const work = { emit, signal: this.signal };
        const fleet = await load(project, work);
        const instance = findInstance(fleet, name);
        const connections = openConnections(fleet, this.signal);
        try {
          const clients = await connections.clients;
          const to = defined({ to: flags.to });
          const { change } = await planRollback({ fleet, name: instance.name, clients, ...to });
          const plan: Plan = {
            version: 1,
            fleet: fleet.name,
            changes: [change],
            problems: [],
            orphans: [],
            selection: [change.address],
            prune: false,
            basis: "",
          };
          pause();
          if (flags.json) this.process.stdout.write(toJsonLine(document("plan", { plan })));
          else
            this.process.stderr.write(
              `${renderPlan(plan, { ...textOptions(this, flags, "stderr"), isRollback: true })}\n`,
            );
          if (!(await confirm(this, flags, `Roll ${instance.name} back?`))) {
            this.process.stderr.write("Nothing was changed\n");
            this.exitCode = 130;
            return;
          }
          const report = await rollBack(fleet, instance.name, { clients, lock, ...to }, work);
          pause();
          finish(this, flags, "rollback", report, [instance]);
        } finally {
          await connections.close();
        }
      },
      { streamJson: true },
    );
  } finally {
    lock.release();
  }
}
