/**
 * One apply or rollback in a process of its own, which kills itself at a given step: what a power cut does to floe. It is
 * bundled and started by the tests of recovery; its orders come as JSON in the first argument.
 */
import { connect } from "../../src/incus/connect.ts";
import type { FloeEvent } from "../../src/report/events.ts";
import { type ContainerSpec, worldOf } from "./apply-support.ts";

export interface Orders {
  readonly verb: "apply" | "rollback";
  readonly socket: string;
  readonly project: string;
  readonly root: string;
  readonly fleet: string;
  readonly containers: Readonly<Record<string, ContainerSpec>>;
  /** The instance to roll back. */
  readonly name: string;
  readonly crash: Crash;
}

/** `during` is some milliseconds after the step began, while Incus is at it. `count`: the how-manyth step of that word. */
export interface Crash {
  readonly step: string;
  readonly when: "before" | "during" | "after";
  readonly count?: number;
}

const duringMs = 12;

function crashAt({ step, when, count = 1 }: Crash): (event: FloeEvent) => void {
  const die = (): void => {
    process.kill(process.pid, "SIGKILL");
  };
  let seen = 0;
  return (event) => {
    const text = told(event);
    if (text !== undefined) console.error(text);
    if (event.type !== (when === "after" ? "step.end" : "step.start") || event.step !== step || ++seen !== count)
      return;
    if (when === "during") setTimeout(die, duringMs);
    else die();
  };
}

/** What a failure is understood by. */
function told(event: FloeEvent): string | undefined {
  if (event.type === "message") return event.text;
  if (event.type === "step.end" || event.type === "step.start")
    return `${event.at} ${event.type} ${event.subject} ${event.step}${"error" in event ? `: ${event.error}` : ""}`;
  return undefined;
}

const orders = JSON.parse(process.argv[2] ?? "") as Orders;
const client = await connect({ name: "local", kind: "unix", socket: orders.socket });
const world = worldOf(client, orders.project, orders.root);
const options = { fleet: orders.fleet, emit: crashAt(orders.crash) };
const { report } =
  orders.verb === "apply"
    ? await world.apply(orders.containers, options)
    : await world.rollback(orders.containers, orders.name, options);
client.close();
// It should not have come to this.
console.error(JSON.stringify(report, null, 2));
