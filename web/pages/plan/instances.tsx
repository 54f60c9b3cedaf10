/** The plan of instances: images, volumes, profiles and instances, each with its reasons. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { mannerOf } from "../../../src/cli/render/change-words.ts";
import type { Change, ChangeAction, Plan } from "../../../src/model/plan.ts";
import type { KeptPlan } from "../../../src/serve/protocol.ts";
import { planInstances } from "../../actions/make-plan.ts";
import { actionSigns, changingInstances, countActions, driftCount, isToldOf, nameOf } from "../../lib/plan-view.ts";
import { counted, shortStorePath } from "../../lib/words.ts";
import { href } from "../../state/base.ts";
import { Badge, Button, Empty, Notice, Section, type Tone } from "../../ui/basics.tsx";
import { Code } from "../../ui/code.tsx";
import { Differences } from "../../ui/differences.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Problems } from "../../ui/problems.tsx";

type KeptInstances = Extract<KeptPlan, { kind: "instances" }>;

/** Addresses that are left out of the plan with this id. */
export const leftOut = signal<{ readonly plan: string; readonly addresses: ReadonlySet<string> }>({
  plan: "",
  addresses: new Set(),
});

/** Addresses that are selected; undefined: all. */
export function selectedOf({ id, plan }: KeptInstances): readonly string[] | undefined {
  if (leftOut.value.plan !== id || leftOut.value.addresses.size === 0) return undefined;
  return changingInstances(plan)
    .map(({ address }) => address)
    .filter((address) => !leftOut.value.addresses.has(address));
}

export function InstancesPlan({ kept }: { readonly kept: KeptInstances }): JSX.Element {
  const { plan } = kept;
  const [isAll, setAll] = useState(false);
  const told = plan.changes.filter(isToldOf);
  const unchanged = plan.changes.length - told.length;
  const places = [...new Set((isAll ? plan.changes : told).map(placeOf))];
  return (
    <>
      <Problems problems={plan.problems} title="Cannot be planned" />
      {told.length === 0 && plan.problems.length === 0 ? (
        <div class="card">
          <Empty icon="check" title="Nothing to do">
            Everything is as described.
          </Empty>
        </div>
      ) : null}
      <Summary plan={plan} />
      {places.map((place) => (
        <section key={place} class="changes" aria-label={place}>
          {places.length > 1 ? <h2>{place}</h2> : null}
          <ul class="card">
            {plan.changes
              .filter((change) => placeOf(change) === place && (isAll || isToldOf(change)))
              .map((change) => (
                <ChangeRow key={change.address} change={change} kept={kept} />
              ))}
          </ul>
        </section>
      ))}
      {unchanged > 0 ? (
        <p class="unchanged">
          <Button kind="quiet" isSmall isExpanded={isAll} onClick={() => setAll(!isAll)}>
            {isAll ? "Hide what stays as it is" : `${unchanged} unchanged`}
          </Button>
        </p>
      ) : null}
      <Order plan={plan} />
      <Drift plan={plan} />
      <Orphans plan={plan} />
      <AsText text={kept.text} />
    </>
  );
}

/** As the terminal has it. */
export function AsText({ text }: { readonly text: string }): JSX.Element {
  return (
    <details class="as-text">
      <summary>As the terminal shows it</summary>
      <Code text={text} label="The plan as text" />
    </details>
  );
}

// --- internal ---

const tones: Readonly<Record<ChangeAction, Tone>> = {
  create: "good",
  update: "warn",
  replace: "replace",
  delete: "bad",
  none: "neutral",
};

function placeOf({ server, project }: Change): string {
  return project === "default" ? server : `${server}/${project}`;
}

function Summary({ plan }: { readonly plan: Plan }): JSX.Element | null {
  const counts = countActions(plan);
  if (counts.length === 0) return null;
  return (
    <ul class="plan-summary">
      {counts.map(({ action, count }) => (
        <li key={action}>
          <Badge tone={tones[action]}>
            <strong class="number">{count}</strong> to {action}
          </Badge>
        </li>
      ))}
    </ul>
  );
}

function ChangeRow({ change, kept }: { readonly change: Change; readonly kept: KeptInstances }): JSX.Element {
  const isDrift = change.action === "none" && driftCount(change) > 0;
  const isSelectable = change.kind === "instance" && change.action !== "none";
  const isIn = leftOut.value.plan !== kept.id || !leftOut.value.addresses.has(change.address);
  const manner = mannerOf(change);
  return (
    <li class={isIn ? "change" : "change out"}>
      <div class="change-head">
        {isSelectable ? (
          <input
            type="checkbox"
            aria-label={`Include ${change.name}`}
            checked={isIn}
            onChange={() => toggle(kept.id, change.address)}
          />
        ) : (
          <span class="change-gap" />
        )}
        <span class={`sign ${isDrift ? "info" : tones[change.action]}`} aria-hidden="true">
          {isDrift ? "≠" : actionSigns[change.action]}
        </span>
        <span class="change-action">{isDrift ? "drift" : change.action === "none" ? "unchanged" : change.action}</span>
        <span class="change-kind faint">{change.kind}</span>
        <span class="change-name">
          {change.kind === "instance" ? <a href={href("instances", change.name)}>{change.name}</a> : nameOf(change)}
        </span>
        <span class="change-manner soft">{manner}</span>
      </div>
      <Reasons change={change} />
    </li>
  );
}

function toggle(plan: string, address: string): void {
  const addresses = new Set(leftOut.value.plan === plan ? leftOut.value.addresses : []);
  if (!addresses.delete(address)) addresses.add(address);
  leftOut.value = { plan, addresses };
}

function Reasons({ change }: { readonly change: Change }): JSX.Element | null {
  if (change.kind === "image") {
    if (change.action === "none" || change.previousRootfs === undefined) return null;
    const difference = {
      key: "root file system",
      before: shortStorePath(change.previousRootfs),
      after: shortStorePath(change.rootfs),
    };
    return (
      <div class="reasons">
        <Differences differences={[difference]} />
      </div>
    );
  }
  if (change.kind === "volume") return null;
  const { differences, drift = [], notes, action } = change;
  const isNew = action === "create";
  if (differences.length + drift.length + notes.length === 0) return null;
  return (
    <div class="reasons">
      {isNew && differences.length > 0 ? (
        <details>
          <summary>{counted(differences.length, "setting")}</summary>
          <Differences differences={differences} />
        </details>
      ) : (
        <Differences differences={differences} />
      )}
      {drift.length === 0 ? null : <Differences differences={drift.map((one) => ({ ...one, isDrift: true }))} />}
      {notes.map((note) => (
        <p key={note} class="note">
          <Icon name="warning" size={14} />
          {note}
        </p>
      ))}
    </div>
  );
}

/** What waits for what, where not everything may change at once. */
function Order({ plan: { waves = [], changes } }: { readonly plan: Plan }): JSX.Element | null {
  if (waves.length < 2) return null;
  const names = new Map(changes.map((change) => [change.address, nameOf(change)]));
  return (
    <Section title="Order">
      <ol class="waves card">
        {waves.map((wave, index) => (
          <li key={index}>
            <span class="wave-number number faint">{index + 1}</span>
            {wave.map((address) => names.get(address) ?? address).join(", ")}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Drift({ plan }: { readonly plan: Plan }): JSX.Element | null {
  const count = plan.changes.reduce((sum, change) => sum + driftCount(change), 0);
  if (count === 0 || plan.drift === "fix") return null;
  return (
    <div class="after-changes">
      <Notice
        title={`${counted(count, "setting")} changed by hand ${count === 1 ? "is" : "are"} kept`}
        action={
          <Button
            isSmall
            onClick={() => void planInstances({ selection: plan.selection, prune: plan.prune, fixDrift: true })}
          >
            Plan to put back what is described
          </Button>
        }
      >
        Somebody changed {count === 1 ? "it" : "them"} on the server since the last apply.
      </Notice>
    </div>
  );
}

function Orphans({ plan }: { readonly plan: Plan }): JSX.Element | null {
  const { orphans, orphanProfiles = [], prune } = plan;
  const unused = orphanProfiles.filter(({ usedBy }) => usedBy.length === 0);
  const names = [...orphans.map(({ name }) => name), ...unused.map(({ name }) => `profile ${name}`)];
  if (prune || names.length === 0) return null;
  return (
    <div class="after-changes">
      <Notice
        title={`No longer described, left as ${names.length === 1 ? "it is" : "they are"}: ${names.join(", ")}`}
        action={
          <Button isSmall onClick={() => void planInstances({ selection: plan.selection, prune: true })}>
            Plan with deletion
          </Button>
        }
      >
        Volumes are never deleted.
      </Notice>
    </div>
  );
}
