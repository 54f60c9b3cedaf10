/** How it fared when its checks were asked. */
import type { JSX } from "preact";
import { type HealthStretch, healthStretches } from "../../lib/health-history.ts";
import { age } from "../../lib/words.ts";
import { now } from "../../state/now.ts";
import { Ago, Empty, Notice, Section, State } from "../../ui/basics.tsx";
import type { TabProps } from "../instance.tsx";

export function HealthTab({ details: { checks, declaredChecks, health, source } }: TabProps): JSX.Element {
  if (checks.length === 0 && declaredChecks === undefined)
    return (
      <Empty title="It has no health checks">
        {`An update counts as done once it runs. Checks are written in ${source}: health: [{ http: "…" }]`}
      </Empty>
    );
  return (
    <>
      {declaredChecks === undefined ? null : (
        <Notice title={`It is asked other checks than ${source} declares`}>
          What runs keeps the checks that it was applied with. Those that are declared count from the next apply.
        </Notice>
      )}
      <Section title={declaredChecks === undefined ? "Checks" : "Checks that are asked"}>
        <Checks checks={checks} />
      </Section>
      {declaredChecks === undefined ? null : (
        <Section title="Declared, for the next apply">
          <Checks checks={declaredChecks} />
        </Section>
      )}
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

function Checks({ checks }: { readonly checks: readonly string[] }): JSX.Element {
  if (checks.length === 0) return <p class="soft">None: it counts as healthy while it runs.</p>;
  return (
    <ul class="plain-list boxed">
      {checks.map((check) => (
        <li key={check}>
          <code class="break">{check}</code>
        </li>
      ))}
    </ul>
  );
}

function Stretch({ stretch: { failures, from, to, count } }: { readonly stretch: HealthStretch }): JSX.Element {
  const isHealthy = failures.length === 0;
  // Both in the same words say nothing.
  const isLong = age(now.value - from) !== age(now.value - to);
  return (
    <>
      <div class="item-head">
        <State tone={isHealthy ? "good" : "bad"}>{isHealthy ? "healthy" : "unhealthy"}</State>
        <span class="faint push">
          {count === 1 ? null : `asked ${count} times, `}
          {isLong ? (
            <>
              first <Ago at={from} />, last{" "}
            </>
          ) : null}
          <Ago at={to} />
        </span>
      </div>
      {failures.map((failure) => (
        <div key={failure} class="soft break pre-line">
          {failure}
        </div>
      ))}
    </>
  );
}
