/** How long things take, for the progress that is shown. */
import { type Durations, openDurations } from "../state/durations.ts";
import { cacheDir } from "./work.ts";

export type { Durations } from "../state/durations.ts";

/** How long things took before in this project. */
export function durationsOf(root: string): Durations {
  return openDurations(cacheDir(root));
}
