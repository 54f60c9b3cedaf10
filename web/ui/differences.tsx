/** Why something changes: one line a difference, in the words of the terminal. */
import type { JSX } from "preact";
import { isSaidByNote, reachWords } from "../../src/cli/render/reasons.ts";
import type { Difference } from "../../src/model/plan.ts";
import { shortStorePath } from "../lib/words.ts";
import { Badge } from "./basics.tsx";
import { Change } from "./code.tsx";

export function Differences({ differences }: { readonly differences: readonly Difference[] }): JSX.Element {
  return (
    <ul class="differences">
      {differences.map((difference) => (
        <DifferenceLine key={difference.key} difference={difference} />
      ))}
    </ul>
  );
}

// --- internal ---

function DifferenceLine({ difference }: { readonly difference: Difference }): JSX.Element {
  const { key, before, after, note, isDrift } = difference;
  const isNoteEnough = isSaidByNote(difference);
  const remarks = [isNoteEnough ? undefined : note, reachWords(difference)].filter((word) => word !== undefined);
  return (
    <li>
      <code class="difference-key">{key}</code>
      <span class="difference-text">
        {isNoteEnough ? <span>{note}</span> : <Change before={shown(before)} after={shown(after)} />}
        {remarks.length === 0 ? null : <span class="difference-remark">{remarks.join("; ")}</span>}
        {isDrift === true ? <Badge tone="info">changed by hand</Badge> : null}
      </span>
    </li>
  );
}

function shown(value: string | undefined): string | undefined {
  return value === undefined ? undefined : value.split("\n").map(shortStorePath).join("\n");
}
