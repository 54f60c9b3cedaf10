/** The plan of hosts: packages, units, reboot, size and causes of each machine. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { countPackages } from "../../../src/cli/render/package-changes.ts";
import type { HostChange, PackageChange, PackageChangeKind } from "../../../src/model/host-plan.ts";
import type { KeptPlan } from "../../../src/serve/protocol.ts";
import { touchedUnits } from "../../lib/plan-view.ts";
import { bytes, shortStorePath } from "../../lib/words.ts";
import { href } from "../../state/base.ts";
import { Badge, Button, Empty, Section, type Tone } from "../../ui/basics.tsx";
import { Change } from "../../ui/code.tsx";
import { Problems } from "../../ui/problems.tsx";
import { AsText } from "./instances.tsx";

export function HostsPlan({ kept }: { readonly kept: Extract<KeptPlan, { kind: "hosts" }> }): JSX.Element {
  const { changes, problems, waves } = kept.plan;
  const busy = changes.filter(isWorthARow);
  return (
    <>
      <Problems problems={problems} title="Stands in the way" />
      {busy.length === 0 && problems.length === 0 ? (
        <div class="card">
          <Empty icon="check" title="Nothing to do">
            {changes.length === 1 ? "The host is" : "All hosts are"} as described.
          </Empty>
        </div>
      ) : null}
      <div class="host-changes">
        {busy.map((change) => (
          <HostRow key={change.address} change={change} />
        ))}
      </div>
      {waves.length < 2 ? null : (
        <Section title="Order">
          <ol class="waves card">
            {waves.map((wave, index) => (
              <li key={index}>
                <span class="wave-number number faint">{index + 1}</span>
                {wave.join(", ")}
              </li>
            ))}
          </ol>
        </Section>
      )}
      <AsText text={kept.text} />
    </>
  );
}

/** Packages as a list: important ones first; those that were only rebuilt are shown on request. */
export function Packages({ packages }: { readonly packages: readonly PackageChange[] }): JSX.Element {
  const [isAll, setAll] = useState(false);
  const told = packages.filter((one) => one.important || (one.kind !== "changed" && !isFile(one)));
  const shown = isAll ? packages : told.slice(0, usual);
  return (
    <>
      <ul class="packages">
        {shown.map((one) => (
          <li key={`${one.kind} ${one.name}`}>
            <span class={`sign ${packageTones[one.kind]}`} title={one.kind}>
              {packageSigns[one.kind]}
            </span>
            <span class={one.important ? "package-name important" : "package-name"}>{one.name}</span>
            <span class="package-versions">
              <Versions change={one} />
            </span>
            <span class="number faint">{one.sizeDelta === 0 ? "" : signed(one.sizeDelta)}</span>
          </li>
        ))}
      </ul>
      {shown.length < packages.length || isAll ? (
        <Button kind="quiet" isSmall isExpanded={isAll} onClick={() => setAll(!isAll)}>
          {isAll ? "Show fewer" : `Show all ${packages.length}`}
        </Button>
      ) : null}
    </>
  );
}

// --- internal ---

const usual = 20;

const packageSigns: Readonly<Record<PackageChangeKind, string>> = {
  downgraded: "↓",
  upgraded: "↑",
  added: "+",
  removed: "−",
  changed: "=",
};
const packageTones: Readonly<Record<PackageChangeKind, Tone>> = {
  downgraded: "warn",
  upgraded: "info",
  added: "good",
  removed: "bad",
  changed: "neutral",
};

function isWorthARow({ action, reboot, failedUnits, notes }: HostChange): boolean {
  return action !== "none" || reboot.length > 0 || failedUnits.length > 0 || notes.length > 0;
}

function isFile({ before, after }: PackageChange): boolean {
  return [...before, ...after].every((version) => version === "");
}

function HostRow({ change }: { readonly change: HostChange }): JSX.Element {
  const { name, where, action, current, system, causes, closure, packages, units, reboot, failedUnits, notes } = change;
  const isBusy = action !== "none";
  return (
    <article class="host-change card">
      <header>
        <span class={`sign ${isBusy ? "warn" : "neutral"}`} aria-hidden="true">
          {isBusy ? "~" : "="}
        </span>
        <h2>
          <a href={href("hosts", name)}>{name}</a>
        </h2>
        <span class="faint">{where}</span>
        {reboot.length === 0 ? null : <Badge tone="replace">reboot needed</Badge>}
      </header>
      <dl class="host-facts-list">
        {isBusy ? (
          <Fact term="System">
            <Change
              before={current === undefined ? undefined : shortStorePath(current)}
              after={shortStorePath(system)}
            />
          </Fact>
        ) : null}
        {isBusy && causes !== undefined ? (
          <Fact term="Because">
            {causes.length === 0 ? "the description changed, and no input" : causes.join(", ")}
          </Fact>
        ) : null}
        {closure === undefined ? null : <Fact term="Size">{sizeText(closure)}</Fact>}
        {reboot.length === 0 ? null : <Fact term="Reboot">{reboot.join(", ")}</Fact>}
        {units === undefined || !isBusy ? null : (
          <Fact term="Units">
            <Units units={units} isForeseen={change.unitsFrom === "comparison"} />
          </Fact>
        )}
        {failedUnits.length === 0 ? null : <Fact term="Already failed">{failedUnits.join(", ")}</Fact>}
        {notes.map((note) => (
          <Fact key={note} term="Note">
            {note}
          </Fact>
        ))}
        {isBusy ? (
          <Fact term="Packages">
            {packages === undefined ? (
              "told after the build"
            ) : (
              <>
                <p>
                  {countPackages(packages).join(", ") || "the same"}
                  {change.packagesFrom === "derivations" ? (
                    <span class="faint"> (of those declared; the rest is told after the build)</span>
                  ) : null}
                </p>
                <Packages packages={packages} />
              </>
            )}
          </Fact>
        ) : null}
      </dl>
    </article>
  );
}

function Fact({
  term,
  children,
}: {
  readonly term: string;
  readonly children: JSX.Element | string | JSX.Element[] | (JSX.Element | string)[];
}): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Units({
  units,
  isForeseen,
}: {
  readonly units: NonNullable<HostChange["units"]>;
  readonly isForeseen: boolean;
}): JSX.Element {
  const rows = touchedUnits(units);
  return (
    <>
      {rows.length === 0 ? "none is touched" : null}
      {rows.map(({ verb, names }) => (
        <p key={verb}>
          <strong>{verb}</strong> {names.join(", ")}
        </p>
      ))}
      {isForeseen ? <p class="faint">Foreseen; the machine has the last word.</p> : null}
    </>
  );
}

function Versions({ change: { before, after, kind } }: { readonly change: PackageChange }): JSX.Element {
  const text = (versions: readonly string[]): string => versions.map((version) => version || "no version").join(", ");
  if (kind === "changed") return <span class="faint">{text(after)}, rebuilt</span>;
  return (
    <Change
      before={before.length === 0 ? undefined : text(before)}
      after={after.length === 0 ? undefined : text(after)}
    />
  );
}

function signed(count: number): string {
  return `${count < 0 ? "−" : "+"}${bytes(Math.abs(count))}`;
}

function sizeText({ before, after, copy }: NonNullable<HostChange["closure"]>): string {
  const change = before === 0 || before === after ? "" : ` (${signed(after - before)})`;
  return `${bytes(after)}${change}, ${copy === 0 ? "nothing to copy" : `${bytes(copy)} to copy`}`;
}
