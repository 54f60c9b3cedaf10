/** apply, report: carries a plan out. */
import { join } from "node:path";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { openSystems } from "../nix/systems.ts";
import type { Clients } from "../plan/observe.ts";
import type { ApplyReport } from "../report/reduce.ts";
import { openJournal, readUnfinished } from "../state/journal.ts";
import type { Lock } from "../state/lock.ts";
import { defined } from "../util/defined.ts";
import { buildImages } from "./build.ts";
import { nixOf } from "./nix-of.ts";
import type { Planned } from "./plan.ts";
import { cacheDir, type Work } from "./work.ts";

/** What an apply is given beside the plan. */
export interface ApplyRequest extends Pick<Planned, "plan" | "evaluation"> {
  readonly clients: Clients;
  readonly lock: Lock;
  /** Carry out the sound parts of a plan that has problems. */
  readonly partial: boolean;
  /** Instances that change at the same time; absent: as many as the containers say, at least two. */
  readonly maxParallel?: number;
  /** Begin nothing more after the first failure. */
  readonly failFast?: boolean;
}

/**
 * apply, report: builds what is missing and carries the plan out. What came of each change is in the report, failures too.
 * @throws PlanStaleError, FloeError for a plan with problems, CancelledError with the report in its details
 */
export async function apply(
  fleet: Fleet,
  { partial, maxParallel, failFast, lock, ...request }: ApplyRequest,
  work: Work,
): Promise<ApplyReport> {
  const cache = cacheDir(fleet.root);
  const [{ applyPlan }, { fingerprintOf }] = await Promise.all([
    import("../apply/apply.ts"),
    import("../util/hash.ts"),
  ]);
  return applyPlan({
    ...request,
    ...work,
    fleet,
    build: (containers) => buildImages(fleet, request.evaluation, containers, work),
    hash: async ({ metadataPath, rootfsPath }, { signal }) =>
      (await fingerprintOf(metadataPath, rootfsPath, { cacheDir: cache, signal })).fingerprint,
    systems: await systemsOf(fleet, request.evaluation.images, work),
    journal: openJournal(lock, "apply", fleet.name),
    options: { partial, ...defined({ maxParallel, failFast }) },
  });
}

/** Notes in the journal that a killed apply needs nothing any more, when the world shows that nothing is to be done. */
export function closeUnfinished(fleet: Fleet, lock: Lock): void {
  if (readUnfinished(fleet.root).length > 0) openJournal(lock, "recover", fleet.name).end(0);
}

/** For instances that are updated in place; undefined where there are none and were none. */
export async function systemsOf(
  fleet: Fleet,
  images: Evaluation["images"],
  work: Work,
): Promise<ReturnType<typeof openSystems>> {
  const { openSystems: open } = await import("../nix/systems.ts");
  const nix = await nixOf(fleet);
  const storeOf = (name: string): string | undefined => {
    const server = fleet.servers[name];
    return server?.kind === "https" ? server.store : "local";
  };
  return open({ nix, images, storeOf, rootsDir: join(fleet.root, ".floe", "roots"), ...work });
}
