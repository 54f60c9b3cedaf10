/** The machines: what runs on them and what they wait for. Where there are many, first those that a person should look at. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FleetHost } from "../../../src/serve/protocol.ts";
import { planHosts } from "../../actions/make-plan.ts";
import { counted } from "../../lib/words.ts";
import { href } from "../../state/base.ts";
import { Ago, Badge, Button, Section, Since, State, type Tone } from "../../ui/basics.tsx";

/** Cards that are shown before one asks for more. */
const usual = 8;

export function Hosts({ hosts }: { readonly hosts: readonly FleetHost[] }): JSX.Element | null {
  const [isAll, setAll] = useState(false);
  if (hosts.length === 0) return null;
  const sorted = hosts.length <= usual ? hosts : [...hosts].sort((a, b) => Number(isFine(a)) - Number(isFine(b)));
  const shown = isAll ? sorted : sorted.slice(0, usual);
  return (
    <Section
      title="Hosts"
      aside={
        <>
          {hosts.length > usual ? (
            <Button kind="quiet" isSmall isExpanded={isAll} onClick={() => setAll(!isAll)}>
              {isAll ? "Show fewer" : `Show all ${hosts.length}`}
            </Button>
          ) : null}
          {hosts.every(({ state }) => state === "elsewhere") ? null : (
            <Button kind="quiet" isSmall icon="plan" onClick={() => void planHosts()}>
              Plan hosts
            </Button>
          )}
        </>
      }
    >
      <ul class="hosts">
        {shown.map((host) => (
          <li key={host.name}>
            <HostCard host={host} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

export const hostStateWords: Readonly<Record<FleetHost["state"], string>> = {
  reachable: "reachable",
  unreachable: "unreachable",
  unasked: "not looked at yet",
  elsewhere: "not from here",
};

// --- internal ---

function isFine({ state, failedUnits = [], rebootReasons = [], isUpdateAvailable }: FleetHost): boolean {
  return (
    state !== "unreachable" && failedUnits.length === 0 && rebootReasons.length === 0 && isUpdateAvailable !== true
  );
}

function HostCard({ host }: { readonly host: FleetHost }): JSX.Element {
  const { name, target, system, state, generation, since, bootedAt } = host;
  return (
    <article class="host card">
      <div class="host-head">
        <a href={href("hosts", name)}>{name}</a>
        <HostState host={host} />
      </div>
      <p class="faint host-where" title={system}>
        {target ?? (state === "elsewhere" ? "no target" : "this machine")}
      </p>
      <p class="soft host-facts">
        {generation === undefined ? (
          <span class="faint">
            {state === "elsewhere" ? "Reached only from its own machine" : (host.error ?? "Nothing known yet")}
          </span>
        ) : (
          <>
            <span>Generation {generation}</span>
            {since === undefined ? null : <Ago at={since} />}
            {bootedAt === undefined ? null : (
              <span>
                up <Since at={bootedAt} />
              </span>
            )}
          </>
        )}
      </p>
      <Remarks host={host} />
    </article>
  );
}

function HostState({ host: { state, error, job } }: { readonly host: FleetHost }): JSX.Element {
  if (job !== undefined)
    return (
      <State tone="info" isLive>
        working
      </State>
    );
  const tone: Tone = state === "reachable" ? "good" : state === "unreachable" ? "bad" : "neutral";
  const words = hostStateWords[state];
  return (
    <span title={error}>
      <State tone={tone}>{words}</State>
    </span>
  );
}

function Remarks({ host }: { readonly host: FleetHost }): JSX.Element | null {
  const { failedUnits = [], rebootReasons = [], isUpdateAvailable } = host;
  if (isFine(host) || host.state === "unreachable") return null;
  return (
    <p class="host-remarks">
      {failedUnits.length === 0 ? null : (
        <Badge tone="bad" title={failedUnits.join(", ")}>
          {counted(failedUnits.length, "failed unit")}
        </Badge>
      )}
      {rebootReasons.length === 0 ? null : (
        <Badge tone="warn" title={rebootReasons.join(", ")}>
          reboot needed
        </Badge>
      )}
      {isUpdateAvailable === true ? <Badge tone="info">update available</Badge> : null}
    </p>
  );
}
