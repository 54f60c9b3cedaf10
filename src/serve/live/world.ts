import type { IncusInstance } from "../../incus/types.ts";
import type { ServerAnswer } from "../../list/list-fleet.ts";

/** What a plan looks at, as text: where it is the same, so is the plan. What instances use, and what Incus remembers of their last state, is left out. */
export function worldOf(answers: Readonly<Record<string, ServerAnswer>>): string {
  return JSON.stringify(
    Object.entries(answers).map(([name, answer]) => [name, answer.ok ? answer.instances.map(planned) : null]),
  );
}

// --- internal ---

function planned({ project, name, status_code, config, devices, profiles, description }: IncusInstance): unknown {
  const kept = Object.entries(config).filter(([key]) => !key.startsWith("volatile.last_state"));
  return [project, name, status_code, devices, profiles, description, kept];
}
