/**
 * Carries a plan for homes out: each is copied to its machine and activated as its user, all at once. One that fails goes back by itself and stops no
 * other.
 */
import { CancelledError, ConnectionError, FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Home } from "../../model/fleet.ts";
import type { HomeChange } from "../../model/home-plan.ts";
import type { Emit } from "../../report/events.ts";
import type { ApplyReport } from "../../report/reduce.ts";
import type { Journal } from "../../state/journal.ts";
import { mapLimit } from "../../util/map-limit.ts";
import { type ApplyContext, type Outcome, reasonOf, step } from "../context.ts";
import { type Recorder, recorder } from "../recorder.ts";
import { skipRest } from "../tidy-up.ts";
import { awaitHome, type HomeActivation, type HomeEnd, startHome, unansweredHome } from "./activate-home.ts";
import { copyHome } from "./copy-home.ts";
import { homeFailure, outcomeOfHome } from "./failure.ts";

export interface HomeTarget {
  readonly home: Pick<Home, "name" | "user">;
  readonly machine: Machine;
  readonly change: HomeChange;
  /** It is in the machine's store already: nothing is copied. */
  readonly isThere?: boolean;
}

export interface HomesInput {
  readonly fleet: string;
  /** Of the changes that are one. */
  readonly targets: readonly HomeTarget[];
  readonly journal: Journal;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly options?: HomesOptions;
}

export interface HomesOptions {
  /** What files in the way are renamed with; absent: they are refused. */
  readonly backup?: string;
  /** Bring them there and only say what would be done. */
  readonly isDry?: boolean;
  /** Homes at the same time; default 5. */
  readonly maxParallel?: number;
}

/** What came of each home is in the report, failures too. @throws CancelledError with the report in its details */
export async function applyHomes(input: HomesInput): Promise<ApplyReport> {
  const { fleet, targets, emit, journal, signal, options } = input;
  const record = recorder({ fleet, changes: targets.map(({ change }) => change) }, emit, journal);
  const context: ApplyContext = { fleet, journal, signal, emit: record.emit };
  const begin = performance.now();
  const ms = (): number => Math.round(performance.now() - begin);
  record.emit({ type: "phase.start", phase: "apply", count: targets.length });
  await mapLimit(targets, options?.maxParallel ?? defaultParallel, (target) =>
    takeTurn(context, record, target, options),
  );
  record.emit({ type: "phase.end", phase: "apply", ok: record.report().exitCode === 0 });
  skipRest(record);
  const report = record.end(ms());
  if (signal.aborted && report.exitCode !== 0)
    throw new CancelledError("Stopped: what had begun on a machine goes on there to its end", { details: { report } });
  return report;
}

// --- internal ---

const defaultParallel = 5;

async function takeTurn(
  context: ApplyContext,
  record: Recorder,
  target: HomeTarget,
  options: HomesOptions = {},
): Promise<void> {
  const { address } = target.change;
  const begin = performance.now();
  const outcome = await switchHome(context, target, options).catch(
    (error: unknown): Outcome => ({ outcome: "skipped", ...reasonOf(error) }),
  );
  record.settle(address, outcome, Math.round(performance.now() - begin));
}

/** @throws before anything is changed */
async function switchHome(context: ApplyContext, target: HomeTarget, options: HomesOptions): Promise<Outcome> {
  const { home, machine, change, isThere = false } = target;
  const { signal, journal } = context;
  const act = <T>(word: string, work: () => Promise<T>): Promise<T> => step(context, change.address, word, work);
  if (signal.aborted) throw new CancelledError("Stopped before it was its turn");
  if (!isThere) await act("copy", () => copyHome(machine, change.generation, { signal, substitute: true }));
  const id = `${journal.id}-${home.name.replace(/[^\w.-]/g, "_")}`.slice(0, 100);
  const { backup, isDry = false } = options;
  let outcome: Outcome | undefined;
  await act(isDry ? "try" : "switch", async () => {
    const end = await activate(machine, home, { id, generation: change.generation, backup, isDry }, signal);
    outcome = outcomeOfHome(machine, end);
    if (outcome.outcome !== "done") throw homeFailure(machine, end);
  }).catch((error: unknown) => {
    if (outcome === undefined || !(error instanceof FloeError)) throw error;
  });
  return outcome as unknown as Outcome;
}

/** @throws what it is refused with: then nothing has begun */
async function activate(
  machine: Machine,
  home: HomeTarget["home"],
  activation: HomeActivation,
  signal: AbortSignal,
): Promise<HomeEnd> {
  try {
    await startHome(machine, home, activation, signal);
  } catch (error) {
    if (error instanceof ConnectionError) return unansweredHome(error);
    throw error;
  }
  // From here on Ctrl-C does not end what goes on there: it ends in a known state first.
  return awaitHome(machine, activation.id);
}
