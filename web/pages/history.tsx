/** Every apply: who, when, what, what came of it, its log, and the way back. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { shortSubject } from "../../src/cli/render/event-words.ts";
import type { HistoryDetails, HistoryEntry } from "../../src/serve/protocol.ts";
import { planInstances } from "../actions/make-plan.ts";
import { RollbackDialog } from "../actions/rollback-dialog.tsx";
import { RollbackSeveral } from "../actions/rollback-several.tsx";
import { isChange } from "../lib/jobs.ts";
import { journalView } from "../lib/journal-view.ts";
import { type RollbackTarget, rollbackTarget, waysBack } from "../lib/way-back.ts";
import { duration, listed } from "../lib/words.ts";
import { href } from "../state/base.ts";
import { useResource } from "../state/resource.ts";
import { fleet, isReadOnly, jobs } from "../state/store.ts";
import {
  Ago,
  Button,
  ButtonLink,
  Empty,
  Notice,
  PageHead,
  Placeholder,
  Refused,
  State,
  type Tone,
} from "../ui/basics.tsx";
import { Icon } from "../ui/icons.tsx";
import { ChangeItem } from "./job/change-item.tsx";

export function HistoryPage(): JSX.Element {
  const ended = jobs.value.filter((job) => isChange(job) && job.state !== "running").length;
  // Of an apply in a terminal there is no job: only that another floe is at work, and what it does to the fleet.
  const { otherFloe, changing, at } = fleet.value ?? {};
  const isBusy = otherFloe !== undefined || changing !== undefined;
  const { data, error, reload } = useResource<readonly HistoryEntry[]>("api/history", [ended, isBusy, isBusy && at]);
  const healed = data?.findIndex(({ exitCode }) => exitCode === 0) ?? -1;
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
          {data.slice(0, shown).map((entry, index) => (
            <Entry
              key={entry.id}
              entry={entry}
              isMended={index > healed && healed >= 0}
              wayBack={ways.get(entry.id) ?? []}
            />
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

interface EntryProps {
  readonly entry: HistoryEntry;
  /** One after it ended well. */
  readonly isMended: boolean;
}

function Entry({
  entry,
  isMended,
  wayBack,
}: EntryProps & { readonly wayBack: readonly RollbackTarget[] }): JSX.Element {
  const { verb, startedAt, endedAt, user, id } = entry;
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
            <strong>{verb}</strong> <span class="soft">{subjectsOf(entry)}</span>
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
          <Details entry={entry} isMended={isMended} />
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
function resultOf({ exitCode, endedAt, isRunning }: HistoryEntry): { readonly tone: Tone; readonly words: string } {
  if (isRunning) return { tone: "info", words: "running" };
  if (endedAt === undefined) return { tone: "bad", words: "interrupted" };
  if (exitCode === 0) return { tone: "good", words: "done" };
  if (exitCode === 4) return { tone: "warn", words: "undone" };
  if (exitCode === 130) return { tone: "neutral", words: "cancelled" };
  return { tone: "bad", words: "failed" };
}

function subjectsOf({ changes, openSteps, isRunning }: HistoryEntry): string {
  const all = [...new Set([...changes, ...openSteps].map(({ subject }) => subject))];
  const replaced = all.filter((subject) => rollbackTarget(subject) !== undefined);
  const shown = (replaced.length > 0 ? replaced : all).map(shortSubject);
  if (shown.length === 0) return isRunning ? "nothing was changed yet" : "nothing was changed";
  return shown.length <= 4 ? listed(shown) : `${shown.slice(0, 3).join(", ")} and ${shown.length - 3} more`;
}

/** Every change with its steps, as the journal has them, whoever made it and wherever. */
function Details({ entry, isMended }: EntryProps): JSX.Element {
  const { verb, changes, job, id, isRunning, endedAt } = entry;
  const path = `api/history/${encodeURIComponent(id)}`;
  const { data, error, reload } = useResource<HistoryDetails>(path, [endedAt, isRunning ? fleet.value?.at : 0]);
  const subjects = data === undefined ? [] : journalView(data.entries);
  return (
    <>
      {isRunning || endedAt !== undefined ? null : <Interrupted isMended={isMended} />}
      {error === undefined ? null : <Refused error={error} onRetry={reload} />}
      {data === undefined && error === undefined ? <Placeholder lines={Math.max(1, changes.length)} /> : null}
      {data !== undefined && subjects.length === 0 ? (
        <p class="faint">{isRunning ? "Nothing is changed yet." : "Nothing was changed."}</p>
      ) : null}
      <ul class="entry-changes">
        {subjects.map((subject) => (
          <ChangeItem
            key={subject.subject}
            subject={subject}
            isRunning={isRunning}
            isBackOffered={verb !== "rollback"}
          />
        ))}
      </ul>
      <p class="entry-foot faint">
        {job === undefined ? null : <ButtonLink href={href("jobs", job)}>Show the log</ButtonLink>}
        <span class="mono">{id}</span>
      </p>
    </>
  );
}

function Interrupted({ isMended }: Pick<EntryProps, "isMended">): JSX.Element {
  return (
    <Notice tone={isMended ? "neutral" : "warn"} title="It was interrupted">
      floe or the machine ended before it was over.{" "}
      {isMended ? "A later run put right what it left." : "The next apply puts right what it left."}
    </Notice>
  );
}
