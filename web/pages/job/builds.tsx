/** What Nix builds, each with its log; one that runs or failed is open. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { BuildView, JobView } from "../../lib/job-view.ts";
import { counted, duration } from "../../lib/words.ts";
import { now } from "../../state/now.ts";
import { place } from "../../state/router.ts";
import { Button, Section } from "../../ui/basics.tsx";
import { Icon } from "../../ui/icons.tsx";
import { LogView } from "../../ui/log-view.tsx";
import { StepMark } from "./step-mark.tsx";

export function Builds({
  builds,
  count,
}: {
  readonly builds: readonly BuildView[];
  readonly count?: JobView["buildCount"] | undefined;
}): JSX.Element | null {
  const [isAll, setAll] = useState(false);
  if (builds.length === 0) return null;
  const told = builds.filter(({ state, lines }) => state !== "done" || lines.length > 0);
  const shown = isAll || builds.length <= usual ? builds : told;
  const hidden = builds.length - shown.length;
  return (
    <Section
      title="Builds"
      aside={<span class="number">{count === undefined ? builds.length : `${count.done} of ${count.expected}`}</span>}
    >
      <ul class="card builds">
        {builds.map((build, index) =>
          shown.includes(build) ? <Build key={`${build.drv} ${index}`} id={`build${index + 1}`} build={build} /> : null,
        )}
        {hidden > 0 || isAll ? (
          <li class="more-builds">
            <Button kind="quiet" isSmall isExpanded={isAll} onClick={() => setAll(!isAll)}>
              {isAll ? "Show fewer" : `${counted(hidden, "build")} that said nothing`}
            </Button>
          </li>
        ) : null}
      </ul>
    </Section>
  );
}

// --- internal ---

/** Builds that are all shown, whether they said something or not. */
const usual = 3;

function Build({ id, build }: { readonly id: string; readonly build: BuildView }): JSX.Element {
  const { name, state, phase, startedAt, endedAt, lines, dropped } = build;
  const [isOpen, setOpen] = useState<boolean>();
  const isLinked = place.value.fragment.startsWith(`${id}-`);
  const isShown = (isOpen ?? (state === "failed" || isLinked)) && lines.length > 0;
  return (
    <li>
      <button
        type="button"
        class="build"
        aria-expanded={isShown}
        disabled={lines.length === 0}
        onClick={() => setOpen(!isShown)}
      >
        <StepMark state={state} />
        <span class="build-name">{name}</span>
        <span class="faint">{state === "running" ? phase : ""}</span>
        <span class="number faint">{lines.length > 0 ? `${lines.length + dropped} lines` : ""}</span>
        <span class="number faint">{duration(Math.max(0, (endedAt ?? now.value) - startedAt))}</span>
        <span class="build-toggle">{lines.length > 0 ? <Icon name={isShown ? "up" : "down"} size={14} /> : null}</span>
      </button>
      {isShown ? (
        <div class="build-log">
          <LogView id={id} lines={lines} first={dropped + 1} label={`Log of ${name}`} isLive={state === "running"} />
        </div>
      ) : null}
    </li>
  );
}
