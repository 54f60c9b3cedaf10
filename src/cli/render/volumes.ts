/** What `floe volume list` prints. */
import type { VolumeList } from "../../list/read-volumes.ts";
import type { ListedVolume } from "../../list/volumes.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";

export function renderVolumes({ volumes, problems }: VolumeList, options: ErrorOptions): string {
  const { colors } = options;
  const heads = ["volume", "pool", "limit", "state", "used by"].map((head) => colors.dim(head));
  const places = new Set(volumes.map(placeOf));
  const rows = volumes.map((volume) => [
    colors.bold(volume.name) + (places.size > 1 ? colors.dim(` on ${placeOf(volume)}`) : ""),
    volume.pool,
    volume.limit ?? "",
    stateText(volume, colors),
    volume.usedBy.join(", ") || colors.dim("nothing"),
  ]);
  const lines = volumes.length === 0 ? ["No volumes"] : alignColumns([heads, ...rows]);
  return `${[...lines, ...problems.flatMap((problem) => renderProblem(problem, options))].join("\n")}\n`;
}

// --- internal ---

function stateText({ state, declaredBy }: ListedVolume, colors: Colors): string {
  switch (state) {
    case "declared":
      return `of ${declaredBy.join(", ")}`;
    case "orphan":
      return colors.yellow("orphan: no longer described");
    case "unused":
      return colors.yellow("not floe's, unused");
    case "foreign":
      return colors.dim("not floe's");
  }
}

function placeOf({ server, project }: ListedVolume): string {
  return project === "default" ? server : `${server}/${project}`;
}
