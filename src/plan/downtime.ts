/** For how long an instance does not serve while it is changed: an estimate, before anything is done. Pure. */
import type { StringMap } from "../incus/types.ts";
import type { ChangeMethod } from "../model/plan.ts";

/** What the steps of one instance took last time, in milliseconds, by the name of the step. */
export type StepTimes = Readonly<Record<string, number>>;

/** Where nothing was measured: a small container on a pool of plain folders. */
const usual = {
  stop: 1000,
  start: 300,
  health: 1000,
  /** The renames of a swap. */
  exchange: 100,
  rebuild: 2000,
  switch: 1000,
};

/** Incus waits this long whenever it starts the proxy of a port. */
const proxyMs = 1000;

export interface DowntimeInput {
  readonly method: ChangeMethod | null;
  readonly times: StepTimes;
  /** With the profiles' devices, as they will be. */
  readonly devices: readonly StringMap[];
  /** Some of the settings that change count only after a restart. */
  readonly restart: boolean;
  /** Devices that are there and change while the instance runs. */
  readonly changing: readonly StringMap[];
}

/** Milliseconds; undefined where there is nothing to say: what is made, deleted or repaired. */
export function downtimeOf({
  method,
  times,
  devices,
  changing,
  restart: isRestarted,
}: DowntimeInput): number | undefined {
  const of = (step: keyof typeof usual): number => times[step] ?? usual[step];
  const proxies = devices.filter(isProxy).length;
  const start = times["start"] ?? usual.start + proxies * proxyMs;
  const restart = of("stop") + start + of("health");
  switch (method) {
    case null:
    case "create":
    case "delete":
    case "recover":
      return undefined;
    case "relabel":
      return 0;
    case "live":
      return changing.some(isProxy) ? proxyMs : 0;
    case "start":
      return start + of("health");
    case "restart":
      return restart;
    case "swap":
    // Proved before, but Incus renames only what is stopped: what a warm swap saves is the downtime of one that fails.
    case "swap-warm":
      return restart + of("exchange");
    case "rebuild":
      return restart + of("rebuild");
    case "in-place":
      return isRestarted ? restart : of("switch");
  }
}

// --- internal ---

function isProxy({ type }: StringMap): boolean {
  return type === "proxy";
}
