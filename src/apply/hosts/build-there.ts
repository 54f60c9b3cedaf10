/** A build on the machine itself: it gets the derivations, and needs to trust nobody for what it built. */
import { CancelledError, NixError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Derivation } from "../../model/evaluation.ts";
import { drvName } from "../../nix/drv.ts";
import { readNixLog } from "../../nix/log-reader.ts";
import type { Emit, FloeEvent } from "../../report/events.ts";
import { lastLine } from "../../util/last-line.ts";

export interface BuildThere extends Derivation {
  readonly machine: Machine;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Nobody knows how long a build takes. */
const buildMs = 24 * 3_600_000;

/**
 * As root: who may write to a store's roots may build, whatever `trusted-users` says. The root keeps the result until the activation has one
 * of its own.
 */
const script = `exec nix-store --realise "$1" --add-root "/nix/var/nix/gcroots/floe-build-$2" --log-format internal-json -v`;

/** @throws NixError with the last lines of the build that failed, ConnectionError, CancelledError */
export async function buildThere({ machine, drvPath, outPath, emit, signal }: BuildThere): Promise<void> {
  const { exitCode: isMissing } = await machine.run(["nix-store", "--check-validity", outPath], { signal });
  if (isMissing === 0) return;
  await machine.copyClosures([drvPath], { signal, derivations: true });
  // Whether an output is there cannot be seen from here: what nix does not name as failed was built.
  const failed = new Set<string>();
  const log = readNixLog((event) => emit(withOk(event as FloeEvent, failed)));
  const result = await machine.script(script, [drvPath, machine.name.replace(/[^\w.-]/g, "_")], {
    root: true,
    signal,
    timeoutMs: buildMs,
    onStderrLine: (line) => {
      for (const [drv] of line.matchAll(/\/nix\/store\/[0-9a-z]{32}-[^\s'"\\]+?\.drv(?=[\s'"\\])/g))
        if (/builder for|Cannot build|failed with/.test(line)) failed.add(drv);
      log.onLine(line);
    },
  });
  if (signal.aborted) throw new CancelledError(`Cancelled while ${machine.where} built`);
  if (result.exitCode === 0) return;
  const broken = [...failed].at(0) ?? drvPath;
  const tail = log.builds.get(broken) ?? [];
  const said = log.errors.at(-1)?.text ?? lastLine(result.stderr);
  const lines = tail.length === 0 ? "" : `; the last lines of its log:\n${tail.map((line) => `  ${line}`).join("\n")}`;
  const what = broken === drvPath ? "" : `, because "${drvName(broken)}" does not build`;
  throw new NixError(
    `Cannot build "${machine.name}" on ${machine.where}${what}: ${tail.length === 0 ? said : "the builder failed"}${lines}`,
    {
      hint: `See the whole log there with: nix-store --read-log ${broken}`,
      details: { phase: "build", drvPath, failedDrv: broken, log: tail, where: machine.where },
    },
  );
}

// --- internal ---

function withOk(event: FloeEvent, failed: ReadonlySet<string>): FloeEvent {
  return event.type === "build.end" ? { ...event, ok: !failed.has(event.drv) } : event;
}
