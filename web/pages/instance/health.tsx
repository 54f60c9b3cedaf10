/** How it fared when its checks were asked. */
import type { JSX } from "preact";
import { type HealthStretch, healthStretches } from "../../lib/health-history.ts";
import { Ago, Empty, Section, State } from "../../ui/basics.tsx";
import type { TabProps } from "../instance.tsx";

export function HealthTab({ details: { checks, health, source } }: TabProps): JSX.Element {
  if (checks.length === 0)
    return (
      <Empty title="It has no health checks">
        {`An update counts as done once it runs. Checks are written in ${source}: health: [{ http: "…" }]`}
      </Empty>
    );
  return (
    <>
      <Section title="Checks">
        <ul class="plain-list">
          {checks.map((check) => (
            <li key={check}>
              <code class="break">{check}</code>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="History">
        {health.length === 0 ? <p class="soft">Nobody has asked yet.</p> : null}
        <ol class="plain-list boxed">
          {healthStretches(health).map((stretch) => (
            <li key={stretch.from}>
              <Stretch stretch={stretch} />
            </li>
          ))}
        </ol>
      </Section>
    </>
  );
}

// --- internal ---

function Stretch({ stretch: { failures, from, to, count } }: { readonly stretch: HealthStretch }): JSX.Element {
  const isHealthy = failures.length === 0;
  return (
    <>
      <div class="item-head">
        <State tone={isHealthy ? "good" : "bad"}>{isHealthy ? "healthy" : "unhealthy"}</State>
        <span class="faint push">
          {count === 1 ? null : `asked ${count} times, first `}
          {count === 1 ? null : <Ago at={from} />}
          {count === 1 ? null : ", last "}
          <Ago at={to} />
        </span>
      </div>
      {failures.map((failure) => (
        <div key={failure} class="soft break">
          {failure}
        </div>
      ))}
    </>
  );
}
