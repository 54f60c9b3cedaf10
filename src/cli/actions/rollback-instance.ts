/** Back to the predecessor of an instance. */
import type { Fleet, Instance } from "../../model/fleet.ts";
import type { Plan } from "../../model/plan.ts";
import { openConnections, planRollback, rollback as rollBack } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import { textOptions } from "../output.ts";
import { document, toJsonLine } from "../render/json.ts";
import { renderPlan } from "../render/plan.ts";
import { finish } from "../report-apply.ts";
import type { Rollback } from "./rollback.ts";

export async function rollbackInstance(
  { cli, flags, lock, work, pause, agrees }: Rollback,
  fleet: Fleet,
  instance: Instance,
): Promise<void> {
  const connections = openConnections(fleet, cli.signal);
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
    if (flags.json) cli.process.stdout.write(toJsonLine(document("plan", { plan })));
    else cli.process.stderr.write(`${renderPlan(plan, { ...textOptions(cli, flags, "stderr"), isRollback: true })}\n`);
    if (!(await agrees(instance.name))) return;
    const report = await rollBack(fleet, instance.name, { clients, lock, ...to }, work);
    pause();
    finish(cli, flags, "rollback", report, [instance]);
  } finally {
    await connections.close();
  }
}
