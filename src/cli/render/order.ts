/** In which order a plan's instances change. */
import type { Plan } from "../../model/plan.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";

/** A line for each wave; nothing where all may change at once. */
export function renderOrder(plan: Pick<Plan, "changes" | "waves">, colors: Colors): string[] {
  const { waves = [], changes } = plan;
  if (waves.length < 2) return [];
  const names = new Map(
    changes.flatMap((change) => (change.kind === "instance" ? [[change.address, change.name] as const] : [])),
  );
  const rows = waves.map((wave, index) => [
    colors.dim(`${index + 1}`),
    wave.map((address) => names.get(address) ?? address).join(", "),
  ]);
  return [colors.bold("Order"), ...alignColumns(rows).map((line) => `  ${line}`)];
}
