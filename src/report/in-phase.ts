import type { Emit, Phase } from "./events.ts";

/** Work that is shown as a phase while it goes on. */
export async function inPhase<T>(phase: Phase, { emit }: { readonly emit: Emit }, work: () => Promise<T>): Promise<T> {
  emit({ type: "phase.start", phase });
  let ok = false;
  try {
    const result = await work();
    ok = true;
    return result;
  } finally {
    emit({ type: "phase.end", phase, ok });
  }
}
