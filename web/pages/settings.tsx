/** The servers of the fleet, trusting one more, and how this page looks. */
import type { JSX } from "preact";
import type { Settings } from "../../src/serve/protocol.ts";
import { counted } from "../lib/words.ts";
import { session } from "../state/api.ts";
import { useResource } from "../state/resource.ts";
import { isReadOnly } from "../state/store.ts";
import { type Theme, theme } from "../state/theme.ts";
import { Badge, Empty, PageHead, Placeholder, Refused, Section, State } from "../ui/basics.tsx";
import { type Fact, Facts } from "../ui/facts.tsx";
import { TrustForm } from "./settings/trust-form.tsx";

export function SettingsPage(): JSX.Element {
  const { data, error, reload } = useResource<Settings>("api/settings");
  return (
    <>
      <PageHead title="Settings">The servers, who floe is to them, and how this page looks</PageHead>
      <Section title="Appearance">
        <ThemeChoice />
      </Section>
      {error === undefined ? null : <Refused error={error} onRetry={reload} />}
      {data === undefined && error === undefined ? <Placeholder lines={8} /> : null}
      {data === undefined ? null : (
        <>
          <Section title="Incus servers">
            <Servers servers={data.servers} />
          </Section>
          <Section title="This dashboard">
            <Facts facts={facts(data)} />
          </Section>
          {isReadOnly.value ? null : (
            <Section title="Trust a server">
              <TrustForm settings={data} onTrusted={reload} />
            </Section>
          )}
        </>
      )}
    </>
  );
}

// --- internal ---

const themes: readonly { readonly theme: Theme; readonly label: string }[] = [
  { theme: "system", label: "As the system" },
  { theme: "light", label: "Light" },
  { theme: "dark", label: "Dark" },
];

function ThemeChoice(): JSX.Element {
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">Colours</legend>
      {themes.map((one) => (
        <label key={one.theme}>
          <input
            type="radio"
            name="theme"
            checked={theme.value === one.theme}
            onChange={() => {
              theme.value = one.theme;
            }}
          />
          {one.label}
        </label>
      ))}
    </fieldset>
  );
}

function Servers({ servers }: { readonly servers: Settings["servers"] }): JSX.Element {
  if (servers.length === 0) return <Empty title="The fleet names no servers">It needs none without containers.</Empty>;
  return (
    <ul class="plain-list boxed">
      {servers.map(({ name, address, state, error, version, fingerprint, isTrusted, kind }) => (
        <li key={name}>
          <div class="item-head">
            <strong>{name}</strong>
            <State tone={state === "connected" ? "good" : "bad"}>{state}</State>
            {version === undefined ? null : <Badge>Incus {version}</Badge>}
            {kind === "https" && !isTrusted ? <Badge tone="warn">not trusted yet</Badge> : null}
          </div>
          <div class="soft break">
            <code>{address}</code>
          </div>
          {error === undefined ? null : <div class="soft break">{error}</div>}
          {fingerprint === undefined ? null : (
            <div class="soft break">
              certificate <code>{fingerprint}</code>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function facts({ listen, readOnly, sessions, clientFingerprint }: Settings): Fact[] {
  const current = typeof session.value === "object" ? session.value : undefined;
  return [
    ["Project", current === undefined ? undefined : <code class="break">{current.root}</code>],
    ["Listens on", <code key="listen">{listen}</code>],
    ["Signed in as", current?.user],
    ["Browsers signed in", counted(sessions, "browser")],
    ["Changes", readOnly ? "refused: it was started with --read-only" : "allowed, each after a plan or a question"],
    [
      "floe's certificate",
      clientFingerprint === undefined ? (
        "not made yet: the first trust makes it"
      ) : (
        <code class="break">{clientFingerprint}</code>
      ),
    ],
    ["Version", current?.version],
  ];
}
