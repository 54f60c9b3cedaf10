/** Plans on disk: what `plan -o` writes and `apply FILE` reads. */
import { readFileSync } from "node:fs";
import { UsageError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import { writeFileWhole } from "../util/files.ts";
import { document } from "./render/json.ts";

/** @throws UsageError when the file cannot be written */
export function savePlan(path: string, plan: Plan): void {
  try {
    writeFileWhole(path, `${JSON.stringify(document("plan", { plan }), undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError(`Cannot write the plan to "${path}": ${(error as Error).message}`, { cause: error });
  }
}

/** @throws UsageError when there is no plan of this version in the file */
export function readPlan(path: string): Plan {
  const value = parse(path) as {
    readonly version?: unknown;
    readonly kind?: unknown;
    readonly plan?: Partial<Plan>;
  } | null;
  const plan = value?.plan;
  const isPlan =
    value?.kind === "plan" && plan !== undefined && typeof plan.basis === "string" && Array.isArray(plan.changes);
  if (!isPlan) throw new UsageError(`"${path}" holds no plan`, { hint: "Make one with: floe plan -o FILE" });
  if (value?.version !== 1 || plan?.version !== 1)
    throw new UsageError(`The plan in "${path}" was made by another version of floe`, {
      hint: "Make it anew with: floe plan -o FILE",
    });
  return plan as Plan;
}

/** Names of hosts, containers and instances have neither a dot nor a slash. */
export function isPlanFile(word: string): boolean {
  return /[./]/.test(word);
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new UsageError(`Cannot read the plan "${path}": ${reason}`, { cause: error });
  }
}
