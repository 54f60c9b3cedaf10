/** What a host is, and what is wrong with it. */
import type { JSX } from "preact";
import type { FleetHost, HostDetails } from "../../../src/serve/protocol.ts";
import { Ago, Badge, Bytes, Meter, Notice, Section, Since } from "../../ui/basics.tsx";
import { type Fact, Facts } from "../../ui/facts.tsx";

export function HostOverview({ host, details }: HostParts): JSX.Element {
  return (
    <div class="columns">
      <div>
        <Failed units={host.failedUnits ?? []} />
        <Reboot reasons={host.rebootReasons ?? []} />
        <Section title="State">
          <Facts facts={stateFacts(host, details)} />
        </Section>
      </div>
      <div>
        <Definition host={host} details={details} />
      </div>
    </div>
  );
}

/** How it is described. */
export function Definition({ host, details }: HostParts): JSX.Element {
  return (
    <Section title="Definition">
      <Facts facts={definitionFacts(host, details)} />
    </Section>
  );
}

// --- internal ---

interface HostParts {
  readonly host: FleetHost;
  readonly details: HostDetails | undefined;
}

function stateFacts({ generation, since, bootedAt }: FleetHost, details: HostDetails | undefined): Fact[] {
  const current = details?.generations.find(({ isCurrent }) => isCurrent);
  const disk = details?.disk;
  return [
    ["Generation", generation === undefined ? "not known" : generation],
    ["Switched to", since === undefined ? undefined : <Ago at={since} />],
    ["By", current?.by],
    ["Up", bootedAt === undefined ? undefined : <Since at={bootedAt} />],
    ["NixOS", current?.version],
    ["Revision", current?.revision === undefined ? undefined : <code>{current.revision}</code>],
    ["Kernel", details?.kernel ?? current?.kernel],
    ["Nix", details?.nixVersion],
    ["Closure", current?.closureSize === undefined ? undefined : <Bytes count={current.closureSize} />],
    ["Disk of the store", disk === undefined ? undefined : <Disk disk={disk} />],
  ];
}

function definitionFacts({ target, system, tags }: FleetHost, details: HostDetails | undefined): Fact[] {
  return [
    ["Source", details === undefined ? undefined : <code>{details.source}</code>],
    ["Target", target === null ? "none: the machine of this name itself" : <code>{target}</code>],
    ["System", system],
    ["Tags", tags.length === 0 ? undefined : tags.map((tag) => <Badge key={tag}>@{tag}</Badge>)],
  ];
}

function Disk({ disk: { used, total } }: { readonly disk: NonNullable<HostDetails["disk"]> }): JSX.Element {
  return (
    <>
      <Bytes count={used} /> of <Bytes count={total} />
      <Meter value={used / total} label={`Disk: ${Math.round((used / total) * 100)} % used`} />
    </>
  );
}

function Failed({ units }: { readonly units: readonly string[] }): JSX.Element | null {
  if (units.length === 0) return null;
  return (
    <Notice tone="bad" title={units.length === 1 ? "A unit has failed" : `${units.length} units have failed`}>
      <ul class="plain-list">
        {units.map((unit) => (
          <li key={unit}>
            <code class="break">{unit}</code>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Reboot({ reasons }: { readonly reasons: readonly string[] }): JSX.Element | null {
  if (reasons.length === 0) return null;
  return (
    <Notice tone="warn" title="It needs a reboot before all of its system counts">
      <ul class="plain-list">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </Notice>
  );
}
