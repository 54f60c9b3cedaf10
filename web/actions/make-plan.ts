/** Making a plan: the page of plans shows how it goes, and then the plan. */
import type { Job, PlanHostsRequest, PlanRequest } from "../../src/serve/protocol.ts";
import { post } from "../state/api.ts";
import { href } from "../state/base.ts";
import { navigate } from "../state/router.ts";
import { noteJob } from "../state/store.ts";
import { toastError } from "../state/toasts.ts";

/** Of all instances, or of those at these addresses. What the server would not do is said in the corner. */
export async function planInstances(request: Partial<PlanRequest> = {}): Promise<void> {
  await begin("api/plan", { selection: null, ...request }).catch(toastError);
}

/** Of all hosts, or of those with these names. */
export async function planHosts(request: PlanHostsRequest = { hosts: null }): Promise<void> {
  await begin("api/plan-hosts", request).catch(toastError);
}

/** In place of what is shown now. @throws RefusedError */
export async function planInstead(kind: "plan" | "plan-hosts"): Promise<void> {
  if (kind === "plan") await begin("api/plan", { selection: null } satisfies PlanRequest, true);
  else await begin("api/plan-hosts", { hosts: null } satisfies PlanHostsRequest, true);
}

// --- internal ---

async function begin(path: string, body: unknown, replace = false): Promise<void> {
  const job = noteJob(await post<Job>(path, body));
  navigate(`${href("plan")}?job=${encodeURIComponent(job.id)}`, { replace });
}
