import { CancelledError, FloeError } from "../../errors.ts";
import type { Fleet, Host } from "../../model/fleet.ts";
import {
  type GcPolicy,
  type GcResult,
  isClean,
  load,
  type PlannedGc,
  planGc,
  thisHost,
  type Work,
} from "../../pipeline.ts";
import { passwordQuestions } from "../ask-password.ts";
import { canAsk, confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { chosenHosts } from "../hosts.ts";
import { textOptions, writeResult } from "../output.ts";
import { type Progress, withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError } from "../render/error.ts";
import { type CollectedMachine, renderCollected, renderGcPlan } from "../render/gc.ts";
import { document, toJsonLine } from "../render/json.ts";

export interface GcFlags extends GlobalFlags {
  readonly keep?: number;
  readonly keepDays: number;
  readonly dryRun: boolean;
  readonly forceHost: boolean;
}

export async function gc(this: Cli, flags: GcFlags, ...selectors: string[]): Promise<void> {
  const project = openProject(this, flags);
  await withProgress(
    this,
    flags,
    async (progress) => {
      const work = { emit: progress.emit, signal: this.signal };
      const fleet = await load(project, work);
      const ask = passwordQuestions(this);
      const planned = await planGc(
        fleet,
        {
          hosts: await hostsToClean(fleet, selectors),
          policyOf: (host) => policyOf(host, flags),
          forceHost: flags.forceHost,
          askPassword: (question) => progress.hold(() => ask(question)),
        },
        work,
      );
      try {
        progress.pause();
        await carryOut(this, flags, planned, progress, work);
      } finally {
        await planned.close();
      }
    },
    { streamJson: true },
  );
}

// --- internal ---

const defaultKeep = 5;

function policyOf({ keep }: Host, flags: GcFlags): GcPolicy {
  return { keep: flags.keep ?? keep ?? defaultKeep, keepDays: flags.keepDays };
}

/** None named: this machine, whether the fleet has it or not. @throws UsageError for selectors that fit no host */
async function hostsToClean(fleet: Fleet, selectors: readonly string[]): Promise<Host[]> {
  if (selectors.length > 0) return chosenHosts(fleet, selectors);
  const name = await thisHost();
  return [fleet.hosts[name] ?? thisMachine(name)];
}

/** A machine that the fleet does not describe has no more than a name. */
function thisMachine(name: string): Host {
  const source = { file: "", line: 1, column: 1 };
  const module = { source, file: "", expr: { kind: "attrs" as const, entries: [] } };
  return { name, source, target: "local", tags: [], health: [], system: "", module };
}

async function carryOut(
  cli: Cli,
  flags: GcFlags,
  planned: PlannedGc,
  { emit, pause }: Progress,
  work: Work,
): Promise<void> {
  const { machines } = planned;
  const failed = machines.flatMap(({ plan }) => (plan instanceof FloeError ? [plan] : []));
  for (const error of failed) cli.process.stderr.write(`${renderError(error, textOptions(cli, flags, "stderr"))}\n`);
  if (failed.length > 0) cli.exitCode = 1;
  const ready = machines.filter(({ plan }) => !(plan instanceof FloeError) && !isClean(plan));
  const isDry = flags.dryRun || (!flags.yes && (flags.json || !canAsk(cli)));
  if (isDry || ready.length === 0) {
    writeResult(cli, flags, "gc", { machines: machines.map(asDocument), dryRun: isDry }, (options) =>
      renderGcPlan(machines, options),
    );
    if (isDry && !flags.dryRun && ready.length > 0)
      cli.process.stderr.write("Nothing was deleted: add --yes when it shall be done\n");
    return;
  }
  if (flags.json)
    cli.process.stdout.write(toJsonLine(document("plan", { gc: { machines: machines.map(asDocument) } })));
  else cli.process.stderr.write(renderGcPlan(machines, textOptions(cli, flags, "stderr")));
  if (!(await confirm(cli, flags, `Delete this on ${ready.map(({ name }) => name).join(", ")}?`))) {
    cli.process.stderr.write("Nothing was deleted\n");
    cli.exitCode = 130;
    return;
  }
  const collected = await Promise.all(ready.map(({ name }) => collectOne(planned, name, { ...work, emit })));
  pause();
  for (const { error } of collected)
    if (error !== undefined) cli.process.stderr.write(`${renderError(error, textOptions(cli, flags, "stderr"))}\n`);
  if (collected.some(({ error, result }) => error !== undefined || result?.problem !== undefined)) cli.exitCode = 1;
  if (collected.some(({ error }) => error instanceof CancelledError)) cli.exitCode = 130;
  const documents = collected.map(({ error, ...one }) => ({ ...one, ...(error && { error: error.message }) }));
  writeResult(cli, flags, "gc", { machines: documents, dryRun: false }, () => renderCollected(collected));
}

/** One machine by itself: what happens there is told, and stops no other. */
async function collectOne(planned: PlannedGc, name: string, { emit }: Work): Promise<CollectedMachine> {
  const step = { subject: `host:${name}`, step: "collect" } as const;
  const begin = performance.now();
  emit({ type: "step.start", ...step });
  const end = (error?: string): void =>
    emit({
      ...{ type: "step.end", ...step, ok: error === undefined, ms: Math.round(performance.now() - begin) },
      ...(error === undefined ? {} : { error }),
    });
  try {
    const result: GcResult = await planned.collect(name);
    end(result.problem);
    return { name, result };
  } catch (error) {
    if (!(error instanceof FloeError)) throw error;
    end(error.message);
    return { name, error };
  }
}

function asDocument({ name, where, plan }: PlannedGc["machines"][number]): object {
  if (!(plan instanceof FloeError)) return { name, where, ...plan };
  return { name, where, error: plan.message, ...(plan.hint === undefined ? {} : { hint: plan.hint }) };
}
