/** Plans that were made: an apply names the one that was read. */
import { randomBytes } from "node:crypto";
import type { HostPlan } from "../../model/host-plan.ts";
import type { Plan } from "../../model/plan.ts";
import type { Jobs, PlanWords } from "../context.ts";
import type { KeptPlan } from "../protocol.ts";
import { RefusedError } from "../refused.ts";

/** Plans that are kept. */
const maxPlans = 30;

export function keepPlans(words: PlanWords): Pick<Jobs, "keepPlan" | "plan"> {
  const plans = new Map<string, KeptPlan>();
  return {
    keepPlan(plan) {
      const common = { id: randomBytes(9).toString("base64url"), at: Date.now() };
      const kept: KeptPlan = isHostPlan(plan)
        ? { ...common, kind: "hosts", plan, text: words.hosts(plan) }
        : { ...common, kind: "instances", plan, text: words.instances(plan) };
      plans.set(kept.id, kept);
      for (const id of [...plans.keys()].slice(0, -maxPlans)) plans.delete(id);
      return kept;
    },
    plan(id) {
      const plan = plans.get(id);
      if (plan !== undefined) return plan;
      throw new RefusedError(404, "NOT_FOUND", "This plan is not known, or not any more", { hint: "Make a new one" });
    },
  };
}

// --- internal ---

function isHostPlan(plan: Plan | HostPlan): plan is HostPlan {
  return "action" in plan;
}
