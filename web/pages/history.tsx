/** Every apply: who, when, what, what came of it, its log, and the way back. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { outcomeWords, shortSubject, stepWord } from "../../src/cli/render/event-words.ts";
import type { HistoryEntry } from "../../src/serve/protocol.ts";
import { planInstances } from "../actions/make-plan.ts";
import { RollbackDialog } from "../actions/rollback-dialog.tsx";
import { RollbackSeveral } from "../actions/rollback-several.tsx";
import { isChange } from "../lib/jobs.ts";
import { hasWayBack, type RollbackTarget, rollbackTarget, waysBack } from "../lib/way-back.ts";
import { counted, duration, listed } from "../lib/words.ts";
import { href } from "../state/base.ts";
import { useResource } from "../state/resource.ts";
import { fleet, isReadOnly, jobs } from "../state/store.ts";
import { Ago, Button, ButtonLink, Empty, PageHead, Placeholder, Refused, State, type Tone } from "../ui/basics.tsx";
import { Icon } from "../ui/icons.tsx";

export function HistoryPage(): JSX.Element {
  const ended = jobs.value.filter((job) => isChange(job) && job.state !== "running").length;
  const { data, error, reload } = useResource<readonly HistoryEntry[]>("api/history");
  // Of an apply in a terminal there is no job: only that another floe was at work.
  const { otherFloe } = fleet.value ?? {};
  useEffect(() => reload(), [ended, otherFloe, reload]);
  const [shown, setShown] = useState(step);
  const ways = waysBack(data ?? [], fleet.value);
  return (
    <>
      <PageHead title="History">Everything that was changed, the newest first</PageHead>
      {error === undefined ? null : <Refused error={error} onRetry={reload} />}
      {data === undefined && error === undefined ? (
        <div class="card">
          <Placeholder lines={8} />
        </div>
      ) : null}
      {data?.length === 0 ? (
        <div class="card">
          <Empty
            icon="history"
            title="Nothing was applied yet"
            action={
              <Button kind="primary" icon="plan" onClick={() => void planInstances()}>
                Plan everything
              </Button>
            }
          >
            Every apply, rollback and restart is kept here, with what came of it.
          </Empty>
        </div>
      ) : null}
      {data === undefined || data.length === 0 ? null : (
        <ol class="card history">
          {data.slice(0, shown).map((entry) => (
            <Entry key={entry.id} entry={entry} wayBack={ways.get(entry.id) ?? []} />
          ))}
        </ol>
      )}
      {data !== undefined && data.length > shown ? (
        <p class="unchanged">
          <Button kind="quiet" onClick={() => setShown(shown + step)}>
            Show more
          </Button>
        </p>
      ) : null}
    </>
  );
}

// --- internal ---

const step = 50;

function Entry({
  entry,
  wayBack,
}: {
  readonly entry: HistoryEntry;
  readonly wayBack: readonly RollbackTarget[];
}): JSX.Element {
  const { verb, startedAt, endedAt, changes, user, id } = entry;
  const [isOpen, setOpen] = useState(false);
  const { tone, words } = resultOf(entry);
  return (
    <li>
      <div class="entry-row">
        <button
          type="button"
          class="entry"
          aria-expanded={isOpen}
          aria-controls={`entry-${id}`}
          onClick={() => setOpen(!isOpen)}
        >
          <State tone={tone} isLive={words === "running"}>
            {words}
          </State>
          <span class="entry-what">
            <strong>{verb}</strong>{" "}
            <span class="soft">
              {changes.length === 0 && endedAt === undefined ? "ended in the middle" : subjectsOf(changes)}
            </span>
          </span>
          <span class="faint entry-who">{user}</span>
          <span class="faint number">
            <Ago at={startedAt} />
          </span>
          <span class="faint number">
            {endedAt === undefined ? "" : duration(Date.parse(endedAt) - Date.parse(startedAt))}
          </span>
          <Icon name={isOpen ? "up" : "down"} size={14} />
        </button>
        <WayBack targets={wayBack} />
      </div>
      {isOpen ? (
        <div class="entry-details" id={`entry-${id}`}>
          <Details entry={entry} />
        </div>
      ) : null}
    </li>
  );
}

/** One click from what was done to the question whether to take it back. */
function WayBack({ targets }: { readonly targets: readonly RollbackTarget[] }): JSX.Element | null {
  const [isAsking, setAsking] = useState(false);
  const [only] = targets;
  const close = (): void => setAsking(false);
  if (isReadOnly.value || only === undefined) return null;
  return (
    <span class="entry-back">
      <Button kind="quiet" isSmall icon="back" title={backTitle(targets)} onClick={() => setAsking(true)}>
        Roll back
      </Button>
      {isAsking && targets.length === 1 ? <RollbackDialog {...only} onClose={close} /> : null}
      {isAsking && targets.length > 1 ? <RollbackSeveral targets={targets} onClose={close} /> : null}
    </span>
  );
}

function backTitle(targets: readonly RollbackTarget[]): string {
  return `Asks before it rolls back ${listed(targets.map(({ name }) => name))}`;
}

/** In one word. */
function resultOf({ exitCode, endedAt, id, job }: HistoryEntry): { readonly tone: Tone; readonly words: string } {
  const isRunning = jobs.value.some((one) => (one.id === job || one.id === id) && one.state === "running");
  if (isRunning) return { tone: "info", words: "running" };
  if (endedAt === undefined) return { tone: "bad", words: "interrupted" };
  if (exitCode === 0) return { tone: "good", words: "done" };
  if (exitCode === 4) return { tone: "warn", words: "undone" };
  if (exitCode === 130) return { tone: "neutral", words: "cancelled" };
  return { tone: "bad", words: "failed" };
}

function subjectsOf(changes: HistoryEntry["changes"]): string {
  const names = [
    ...new Set(
      changes
        .filter(({ subject }) => rollbackTarget(subject) !== undefined)
        .map(({ subject }) => shortSubject(subject)),
    ),
  ];
  const shown = names.length > 0 ? names : changes.map(({ subject }) => shortSubject(subject));
  if (shown.length === 0) return "nothing was changed";
  return shown.length <= 4 ? listed(shown) : `${shown.slice(0, 3).join(", ")} and ${shown.length - 3} more`;
}

function Details({ entry: { changes, openSteps, job, id } }: { readonly entry: HistoryEntry }): JSX.Element {
  return (
    <>
      {changes.length === 0 ? <p class="faint">Nothing was changed.</p> : null}
      <ul class="entry-changes">
        {changes.map((change, index) => (
          <ChangeLine key={index} change={change} />
        ))}
      </ul>
      {openSteps.length === 0 ? null : (
        <p class="soft">
          {counted(openSteps.length, "step")} begun and not finished:{" "}
          {openSteps.map(({ subject, step }) => `${shortSubject(subject)} ${stepWord(step, subject)}`).join(", ")}
        </p>
      )}
      <p class="entry-foot faint">
        {job === undefined ? null : <ButtonLink href={href("jobs", job)}>Show the log</ButtonLink>}
        <span class="mono">{id}</span>
      </p>
    </>
  );
}

const outcomeTones: Readonly<Record<HistoryEntry["changes"][number]["outcome"], Tone>> = {
  done: "good",
  undone: "warn",
  failed: "bad",
  skipped: "neutral",
};

function ChangeLine({
  change: { subject, outcome, error },
}: {
  readonly change: HistoryEntry["changes"][number];
}): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const target =
    outcome === "done" && !isReadOnly.value && hasWayBack(subject, fleet.value) ? rollbackTarget(subject) : undefined;
  return (
    <li>
      <span class="entry-change-name">{shortSubject(subject)}</span>
      <State tone={outcomeTones[outcome]}>{outcomeWords[outcome]}</State>
      <span class="entry-error pre-line">{error}</span>
      {target === undefined ? null : (
        <Button kind="quiet" isSmall icon="back" onClick={() => setAsking(true)}>
          Roll back
        </Button>
      )}
      {isAsking && target !== undefined ? (
        <RollbackDialog kind={target.kind} name={target.name} onClose={() => setAsking(false)} />
      ) : null}
    </li>
  );
}
