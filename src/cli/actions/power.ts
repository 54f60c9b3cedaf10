import { FloeError } from "../../errors.ts";
import { servicesOf } from "../../list/services.ts";
import { type Fleet, type Instance, instancesOf } from "../../model/fleet.ts";
import { acquireLock, load, openConnections, type PowerAction, type PowerResult, setPower } from "../../pipeline.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError } from "../render/error.ts";
import { renderPower } from "../render/power.ts";
import { listed } from "../render/words.ts";
import { scopeOf } from "../scope.ts";

export interface HaltFlags extends GlobalFlags {
  readonly force: boolean;
  readonly timeout?: number;
}

export async function start(this: Cli, flags: GlobalFlags, ...words: string[]): Promise<void> {
  await power(this, { ...flags, force: false }, "start", words);
}

export async function stop(this: Cli, flags: HaltFlags, ...words: string[]): Promise<void> {
  await power(this, flags, "stop", words);
}

export async function restart(this: Cli, flags: HaltFlags, ...words: string[]): Promise<void> {
  await power(this, flags, "restart", words);
}

// --- internal ---

const questions: Readonly<Record<PowerAction, string>> = { start: "Start", stop: "Stop", restart: "Restart" };

async function power(cli: Cli, flags: HaltFlags, action: PowerAction, words: readonly string[]): Promise<void> {
  const project = openProject(cli, flags);
  const lock = acquireLock(project.root, action);
  try {
    await withProgress(
      cli,
      flags,
      async ({ emit, pause }) => {
        const work = { emit, signal: cli.signal };
        const fleet = await load(project, work);
        const instances = chosen(fleet, words);
        pause();
        if (!(await confirm(cli, flags, `${questions[action]} ${listed(instances.map(({ name }) => name))}?`))) {
          cli.process.stderr.write("Nothing was changed\n");
          cli.exitCode = 130;
          return;
        }
        const connections = openConnections(fleet, cli.signal);
        try {
          const request = { action, instances, clients: await connections.clients, lock, ...patience(flags) };
          const results = await setPower(fleet, request, work);
          pause();
          finish(cli, flags, action, results, instances);
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

function chosen(fleet: Fleet, words: readonly string[]): Instance[] {
  const { selection } = scopeOf(fleet, words, false);
  return instancesOf(fleet).filter(({ server, project, name }) => selection?.includes(`${server}/${project}/${name}`));
}

function patience({ force, timeout }: HaltFlags): { readonly force: boolean; readonly timeoutMs?: number } {
  return { force, ...(timeout === undefined ? {} : { timeoutMs: timeout }) };
}

function finish(
  cli: Cli,
  flags: GlobalFlags,
  action: PowerAction,
  results: readonly PowerResult[],
  instances: readonly Instance[],
): void {
  for (const { name, outcome, error, hint } of results)
    if (outcome === "failed") {
      const text = new FloeError(`Cannot ${action} instance ${name}: ${error ?? ""}`, { hint });
      cli.process.stderr.write(`${renderError(text, textOptions(cli, flags, "stderr"))}\n`);
    }
  const services = new Map(instances.map((instance) => [instance.name, servicesOf(instance)]));
  const rows = results.map((result) => ({ ...result, services: services.get(result.name) ?? [] }));
  writeResult(cli, flags, action, { instances: rows }, ({ colors }) => renderPower(action, rows, colors));
  const isBad = results.some(({ outcome }) => outcome === "failed" || outcome === "skipped");
  cli.exitCode = cli.signal.aborted ? 130 : isBad ? 1 : 0;
}
