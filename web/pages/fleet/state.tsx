/** How an instance is, in one word: whether it runs, and whether it is well. */
import type { JSX } from "preact";
import type { FleetInstance } from "../../../src/serve/protocol.ts";
import { healthOf } from "../../lib/fleet-view.ts";
import { State, type Tone } from "../../ui/basics.tsx";

export function InstanceState({ instance }: { readonly instance: FleetInstance }): JSX.Element {
  const { tone, words, title } = describe(instance);
  return (
    <span title={title}>
      <State tone={tone} isLive={instance.job !== undefined}>
        {words}
      </State>
    </span>
  );
}

// --- internal ---

interface Described {
  readonly tone: Tone;
  readonly words: string;
  readonly title?: string | undefined;
}

const states: Readonly<Record<FleetInstance["state"], Described>> = {
  running: { tone: "good", words: "running" },
  stopped: { tone: "neutral", words: "stopped" },
  frozen: { tone: "warn", words: "frozen" },
  error: { tone: "bad", words: "error" },
  absent: { tone: "neutral", words: "not made yet" },
  interrupted: { tone: "bad", words: "down", title: "An interrupted apply left it half way: the next one repairs it" },
  foreign: { tone: "warn", words: "not floe's", title: "Somebody else's instance has this name" },
  unknown: { tone: "neutral", words: "unknown", title: "Its server does not answer" },
};

function describe(instance: FleetInstance): Described {
  if (instance.job !== undefined) return { tone: "info", words: "working" };
  if (instance.isInterrupted && instance.state !== "interrupted")
    return { tone: "warn", words: "interrupted", title: "An apply ended in the middle: the next one finishes it" };
  const state = states[instance.state];
  const health = healthOf(instance);
  if (health === "unhealthy") return { tone: "bad", words: "unhealthy", title: instance.failures?.join("\n") };
  if (health === "unproved")
    return { tone: "warn", words: "not proved", title: "It did not pass its checks when it was put in place" };
  if (health === "healthy") return { ...state, words: "healthy", title: "Runs, and its checks passed" };
  return state;
}
