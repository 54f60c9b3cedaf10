/** Starting, stopping and restarting what is described, without another change. */
import { FloeError } from "../errors.ts";
import { type Fleet, type Instance, instancesOf } from "../model/fleet.ts";
import { decodeHealth } from "../plan/applied.ts";
import { instanceAddress } from "../plan/labels.ts";
import type { Clients } from "../plan/observe.ts";
import type { ObservedInstance } from "../plan/observed.ts";
import { findCycle, neededBy, type Orderable, orderTurns } from "../plan/order.ts";
import { isUp, nextRecoveryStep } from "../plan/recovery.ts";
import { rolloutOf } from "../plan/rollout.ts";
import type { Emit } from "../report/events.ts";
import type { Journal } from "../state/journal.ts";
import { requireClient } from "./clients.ts";
import { type ApplyContext, reasonOf, step, type Target } from "./context.ts";
import { waitHealthy } from "./health.ts";
import { readObjects } from "./objects.ts";
import { runInOrder } from "./parallel.ts";
import { startInstance, whenFree } from "./power.ts";
import { withUnitsBefore } from "./units.ts";

export type PowerAction = "start" | "stop" | "restart";

export interface PowerInput {
  readonly fleet: Fleet;
  readonly action: PowerAction;
  /** Addresses of declared instances. */
  readonly addresses: readonly string[];
  readonly clients: Clients;
  /** End what runs at once, without asking it to stop. */
  readonly force: boolean;
  /** For a clean stop; absent: what the instance is given when the server shuts down, else 30 s. */
  readonly timeoutMs?: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly journal: Journal;
}

/** What came of one instance. */
export interface PowerResult {
  readonly address: string;
  readonly name: string;
  /** `unchanged`: it was so already. `skipped`: not begun. */
  readonly outcome: "done" | "unchanged" | "failed" | "skipped";
  readonly ms: number;
  readonly error?: string;
  readonly hint?: string;
}

/**
 * Each after those it depends on, a stop before them; a restart one instance of an image after the other, until the first that
 * fails. What is started is waited for until it is healthy.
 */
export async function setPower(input: PowerInput): Promise<PowerResult[]> {
  const { fleet, addresses, action, emit, journal, signal } = input;
  const instances = instancesOf(fleet).filter((instance) => addresses.includes(instanceAddress(instance)));
  const context: ApplyContext = { fleet: fleet.name, journal, emit, signal };
  const results = new Map<string, PowerResult>();
  emit({ type: "phase.start", phase: "apply", count: instances.length });
  const tasks = turnsOf(fleet, action, instances).map(({ instance, address, needs, after }) => ({
    id: address,
    after: [...needs, ...after],
    async run() {
      const failed = [...needs, ...after].map((other) => results.get(other)).find(isBad);
      const result = signal.aborted
        ? skipped("Stopped before it was its turn")
        : failed !== undefined
          ? skipped(`"${failed.name}", which goes before it, ${failed.outcome === "failed" ? "failed" : "was skipped"}`)
          : await perform(input, context, instance);
      results.set(address, { address, name: instance.name, ...result });
      tell(context, address, result);
    },
  }));
  await runInOrder(tasks, instancesAtOnce);
  const all = [...results.values()];
  emit({ type: "phase.end", phase: "apply", ok: !all.some(isBad) });
  journal.end(all.some(isBad) ? 1 : 0);
  return all;
}

// --- internal ---

type Result = Omit<PowerResult, "address" | "name">;

const instancesAtOnce = 4;
const defaultStopMs = 30_000;

interface PowerTurn {
  readonly instance: Instance;
  readonly address: string;
  readonly needs: readonly string[];
  readonly after: readonly string[];
}

function turnsOf(fleet: Fleet, action: PowerAction, instances: readonly Instance[]): PowerTurn[] {
  const byAddress = new Map(instances.map((instance) => [instanceAddress(instance), instance]));
  const orderable = instances.map((instance): Orderable => ({ ...instance, address: instanceAddress(instance) }));
  const cycle = findCycle(orderable);
  if (cycle !== undefined)
    throw new FloeError(`These instances depend on each other: ${cycle.join(" → ")}`, {
      hint: 'Take one of them out of "dependsOn"',
    });
  const allAtOnce = { canary: false, parallel: Number.POSITIVE_INFINITY };
  const turns = orderTurns(orderable, (container) => (action === "restart" ? rolloutOf(fleet, container) : allAtOnce));
  const whole = turns.map((turn) => ({ ...turn, instance: byAddress.get(turn.address) as Instance }));
  if (action !== "stop") return whole;
  // Whatever uses it goes first.
  return whole.reverse().map((turn) => ({
    ...turn,
    after: [],
    needs: orderable.filter((user) => neededBy(user, orderable).includes(turn.address)).map(({ address }) => address),
  }));
}

async function perform(input: PowerInput, context: ApplyContext, instance: Instance): Promise<Result> {
  const begin = performance.now();
  const ms = (): number => Math.round(performance.now() - begin);
  try {
    const target: Target = {
      client: requireClient(input.clients, instance.server),
      address: instanceAddress(instance),
      project: instance.project,
      name: instance.name,
      keep: instance.keep,
      health: instance.health,
    };
    return { outcome: (await act(input, context, target)) ? "done" : "unchanged", ms: ms() };
  } catch (error) {
    const { error: text = "", hint } = reasonOf(error);
    return { outcome: "failed", ms: ms(), error: text, ...(hint === undefined ? {} : { hint }) };
  }
}

/** False where there is nothing to do. */
async function act({ action, ...input }: PowerInput, context: ApplyContext, target: Target): Promise<boolean> {
  const current = await requireWhole(context, target);
  const { name, address } = target;
  // After a rollback another image runs than the one that is described, and is held to the checks that it passed.
  const health = decodeHealth(current.config) ?? target.health;
  if (action === "stop") {
    if (current.status === "stopped") return false;
    await step(context, address, "stop", () => halt("stop", input, target));
    return true;
  }
  if (action === "start" && isUp(current)) return false;
  const known = action === "restart" && isUp(current) ? await withUnitsBefore(target) : target;
  if (isUp(current)) await step(context, address, "restart", () => halt("restart", input, target));
  else await step(context, address, "start", () => startInstance(target, name));
  await step(context, address, "health", () => waitHealthy(known, health, context.signal));
  return true;
}

/** A restart is one request: the instance comes back even if floe ends meanwhile. */
async function halt(
  action: "stop" | "restart",
  { force, timeoutMs }: Pick<PowerInput, "force" | "timeoutMs">,
  { client, project, name }: Target,
): Promise<void> {
  const found = await client.getInstance(project, name);
  const seconds = Number(found?.value.expanded_config["boot.host_shutdown_timeout"]);
  const patienceMs = timeoutMs ?? (seconds > 0 ? seconds * 1000 : defaultStopMs);
  try {
    await whenFree(() => client.setInstanceState(project, name, action, { force, timeoutMs: patienceMs }));
  } catch (error) {
    if (force) throw error;
    throw new FloeError(`It did not stop within ${patienceMs / 1000} s: ${(error as Error).message}`, {
      hint: `Give it longer: floe ${action} ${name} --timeout 5m; or end it at once: floe ${action} ${name} --force`,
      cause: error,
    });
  }
}

/** @throws FloeError when it is not there, is somebody else's, or is in the middle of a change */
async function requireWhole({ fleet }: ApplyContext, target: Target): Promise<ObservedInstance> {
  const objects = await readObjects(target, fleet);
  const next = nextRecoveryStep(objects, target);
  if (next !== undefined && objects.outgoing !== undefined)
    throw new FloeError(`An apply of "${target.name}" was interrupted`, {
      hint: 'Run "floe apply" first: it puts back or finishes what it had begun',
    });
  if (objects.current === undefined)
    throw new FloeError(`The instance "${target.name}" does not exist on its server`, { hint: "floe apply makes it" });
  return objects.current;
}

function skipped(error: string): Result {
  return { outcome: "skipped", ms: 0, error };
}

function isBad(result: PowerResult | undefined): result is PowerResult {
  return result !== undefined && (result.outcome === "failed" || result.outcome === "skipped");
}

function tell({ emit, journal }: ApplyContext, address: string, { outcome, ms, error }: Result): void {
  const told = outcome === "unchanged" ? "done" : outcome;
  journal.change(address, told, error);
  if (told !== "failed") emit({ type: "change.end", subject: address, outcome: told, ms });
}
