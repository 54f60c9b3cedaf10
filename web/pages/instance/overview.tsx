/** What an instance is, at a glance. */
import type { JSX } from "preact";
import type { FleetInstance, InstanceDetails } from "../../../src/serve/protocol.ts";
import { percent, shortStorePath } from "../../lib/words.ts";
import { Ago, Badge, Bytes, Meter, Notice, Section, Since } from "../../ui/basics.tsx";
import { Change } from "../../ui/code.tsx";
import { type Fact, Facts } from "../../ui/facts.tsx";
import type { TabProps } from "../instance.tsx";
import { ServiceLinks } from "./actions.tsx";

export function OverviewTab({ details, instance }: TabProps): JSX.Element {
  return (
    <>
      <Failures instance={instance} />
      <Pending instance={instance} />
      <div class="columns">
        <div>
          <Section title="State">
            <Facts facts={stateFacts(instance)} />
          </Section>
        </div>
        <div>
          <Section title="Definition">
            <Facts facts={definitionFacts(details, instance)} />
          </Section>
          <Generations details={details} />
        </div>
      </div>
    </>
  );
}

// --- internal ---

function stateFacts(instance: FleetInstance): Fact[] {
  const { addresses, links, startedAt, cpu, memory, memoryLimit, image, rootfs, since, ports } = instance;
  return [
    ["Addresses", addresses.length === 0 ? "none" : <code>{addresses.join(", ")}</code>],
    ["Services", links.length === 0 ? undefined : <ServiceLinks instance={instance} />],
    ["Ports", ports.length === 0 ? undefined : <code>{ports.map(wordPort).join(", ")}</code>],
    ["Up", startedAt === undefined ? undefined : <Since at={startedAt} />],
    ["Processor", cpu === undefined ? undefined : percent(cpu)],
    ["Memory", memory === undefined ? undefined : <Memory used={memory} limit={memoryLimit} />],
    ["System", rootfs === null ? undefined : <code title={rootfs}>{shortStorePath(rootfs)}</code>],
    ["Image", image === null ? undefined : <Image image={image} />],
    ["Made", since === null ? undefined : <Ago at={since} />],
  ];
}

function definitionFacts(
  { source, address, checks: asked, declaredChecks: checks = asked }: InstanceDetails,
  instance: FleetInstance,
): Fact[] {
  const { container, server, project, tags } = instance;
  return [
    ["Source", <code key="source">{source}</code>],
    ["Container", container],
    ["Server", server],
    ["Incus project", project],
    ["Address", <code key="address">{address}</code>],
    ["Tags", tags.length === 0 ? undefined : tags.map((tag) => <Badge key={tag}>@{tag}</Badge>)],
    ["Health checks", checks.length === 0 ? "none" : <Lines lines={checks} />],
  ];
}

/** The address of what is reached inside says nothing: it is the instance's own. */
function wordPort({ listen, connect }: FleetInstance["ports"][number]): string {
  return `${listen} → ${connect}`;
}

function Memory({ used, limit }: { readonly used: number; readonly limit: number | undefined }): JSX.Element {
  if (limit === undefined) return <Bytes count={used} />;
  return (
    <>
      <Bytes count={used} /> of <Bytes count={limit} />
      <Meter value={used / limit} label={`Memory: ${Math.round((used / limit) * 100)} % used`} />
    </>
  );
}

function Image({ image: { fingerprint, importedAt } }: { readonly image: NonNullable<FleetInstance["image"]> }) {
  return (
    <>
      <code title={fingerprint}>{fingerprint.slice(0, 12)}</code>
      {importedAt ? (
        <span class="soft">
          , imported <Ago at={importedAt} />
        </span>
      ) : null}
    </>
  );
}

function Lines({ lines }: { readonly lines: readonly string[] }): JSX.Element {
  return (
    <ul class="plain-list">
      {lines.map((line) => (
        <li key={line}>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  );
}

function Pending({ instance: { pending = [] } }: { readonly instance: FleetInstance }): JSX.Element | null {
  if (pending.length === 0) return null;
  return (
    <Notice title="An update is waiting">
      <ul class="plain-list">
        {pending.map(({ key, before, after, note }) => (
          <li key={key}>
            {key === "image" ? "image" : <code>{key}</code>}
            {": "}
            {note ?? <Change before={before} after={after} />}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Failures({ instance: { failures = [] } }: { readonly instance: FleetInstance }): JSX.Element | null {
  if (failures.length === 0) return null;
  return (
    <Notice tone="bad" title="It is not healthy">
      <Lines lines={failures} />
    </Notice>
  );
}

/** What it can go back to. */
function Generations({ details: { generations, kept } }: { readonly details: InstanceDetails }): JSX.Element {
  return (
    <Section title="What it was before">
      {generations.length === 0 && kept.length === 0 ? (
        <p class="soft">Nothing is kept: it has not been updated yet.</p>
      ) : null}
      <ul class={generations.length + kept.length === 0 ? "plain-list" : "plain-list boxed"}>
        {generations.map(({ number, system, since, isCurrent }) => (
          <li key={number}>
            <span>Generation {number}</span> {isCurrent ? <Badge tone="good">runs</Badge> : null}
            <div class="soft">
              <code title={system}>{shortStorePath(system)}</code> {since === "" ? null : <Ago at={since} />}
            </div>
          </li>
        ))}
        {kept.map(({ name, role, state }) => (
          <li key={name}>
            <code>{name}</code> <Badge tone={role === "failed" ? "bad" : "neutral"}>{role}</Badge>
            <div class="soft">{state.toLowerCase()}</div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
