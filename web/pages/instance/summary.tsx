/** The line below an instance's name: how it is at this moment. */
import type { JSX } from "preact";
import type { FleetInstance } from "../../../src/serve/protocol.ts";
import { hasUpdate, healthOf } from "../../lib/fleet-view.ts";
import { Badge, Since, State, type Tone } from "../../ui/basics.tsx";

export function InstanceSummary({ instance }: { readonly instance: FleetInstance }): JSX.Element {
  const { state, startedAt, isInterrupted, job } = instance;
  return (
    <span class="summary">
      <State tone={stateTones[state]} isLive={job !== undefined}>
        <span>
          {stateWords[state]}
          {state === "running" && startedAt !== undefined ? (
            <>
              {" "}
              for <Since at={startedAt} />
            </>
          ) : null}
        </span>
      </State>
      <HealthBadge instance={instance} />
      {hasUpdate(instance) ? <Badge tone="info">update available</Badge> : null}
      {isInterrupted ? <Badge tone="warn">interrupted</Badge> : null}
    </span>
  );
}

export function HealthBadge({ instance }: { readonly instance: FleetInstance }): JSX.Element | null {
  const health = healthOf(instance);
  if (health === "none") return null;
  const title = instance.failures?.join("\n");
  const tone = { healthy: "good", unhealthy: "bad", unproved: "warn" } as const;
  return (
    <Badge tone={tone[health]} {...(title === undefined || title === "" ? {} : { title })}>
      {health === "unproved" ? "health not proved" : health}
    </Badge>
  );
}

// --- internal ---

const stateTones: Readonly<Record<FleetInstance["state"], Tone>> = {
  running: "good",
  stopped: "neutral",
  frozen: "info",
  error: "bad",
  absent: "neutral",
  interrupted: "warn",
  foreign: "warn",
  unknown: "warn",
};
const stateWords: Readonly<Record<FleetInstance["state"], string>> = {
  running: "running",
  stopped: "stopped",
  frozen: "frozen",
  error: "in error",
  absent: "not made yet",
  interrupted: "interrupted",
  foreign: "somebody else's",
  unknown: "server does not answer",
};
