/** The frame of every page: navigation at the side, or at the bottom of a phone; what is wrong with the connection; jobs. */
import { signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { hasUpdate } from "../lib/fleet-view.ts";
import { session } from "../state/api.ts";
import { href } from "../state/base.ts";
import { navigate, path } from "../state/router.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { connection, fleet } from "../state/store.ts";
import { type Theme, theme } from "../state/theme.ts";
import { Button } from "./basics.tsx";
import { Icon, type IconName, Mark } from "./icons.tsx";
import { JobDock } from "./job-dock.tsx";
import { KeysDialog } from "./keys.tsx";
import { Toasts } from "./toasts.tsx";

interface NavItem {
  readonly to: readonly string[];
  readonly label: string;
  readonly icon: IconName;
  /** Behind `g`. */
  readonly key: string;
  /** Paths that belong to it. */
  readonly under: readonly string[];
}

const items: readonly NavItem[] = [
  { to: [], label: "Fleet", icon: "fleet", key: "f", under: ["instances", "hosts"] },
  { to: ["plan"], label: "Plan", icon: "plan", key: "p", under: ["plan"] },
  { to: ["history"], label: "History", icon: "history", key: "h", under: ["history", "jobs"] },
  { to: ["storage"], label: "Storage", icon: "storage", key: "s", under: ["storage"] },
  { to: ["graph"], label: "Graph", icon: "graph", key: "r", under: ["graph"] },
  { to: ["settings"], label: "Settings", icon: "settings", key: "t", under: ["settings"] },
];

const areKeysShown = signal(false);

export function Layout({ children }: { readonly children: ComponentChildren }): JSX.Element {
  useShortcuts([
    ...items.map(({ to, label, key }) => ({
      keys: `g ${key}`,
      label: `Go to ${label}`,
      run: () => navigate(href(...to)),
    })),
    { keys: "?", label: "Show the keyboard shortcuts", run: () => (areKeysShown.value = true) },
  ]);
  return (
    <div class="frame">
      <a class="skip" href={`${location.pathname}${location.search}#main`}>
        Skip to the content
      </a>
      <Side />
      <div class="content">
        <ConnectionBanner />
        <Main>{children}</Main>
        <JobDock />
      </div>
      <Toasts />
      {areKeysShown.value ? <KeysDialog onClose={() => (areKeysShown.value = false)} /> : null}
    </div>
  );
}

// --- internal ---

/** After a change of page the focus is at its heading, so that screen readers tell where one is; not at the first. */
function Main({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const main = useRef<HTMLElement>(null);
  const before = useRef(path.value);
  useEffect(() => {
    if (before.current === path.value) return;
    before.current = path.value;
    const active = document.activeElement;
    if (active === null || active === document.body || !main.current?.contains(active))
      main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [path.value]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {children}
    </main>
  );
}

function Side(): JSX.Element {
  const current = typeof session.value === "object" ? session.value : undefined;
  const updates = fleet.value?.instances.filter(hasUpdate).length ?? 0;
  return (
    <header class="side">
      <a class="brand" href={href()}>
        <Mark />
        <span class="brand-name">{current?.fleet ?? "floe"}</span>
      </a>
      <nav class="nav" aria-label="Pages">
        <ul>
          {items.map((item) => (
            <li key={item.label}>
              <a href={href(...item.to)} aria-current={isCurrent(item) ? "page" : undefined}>
                <Icon name={item.icon} size={18} />
                <span>{item.label}</span>
                {item.label === "Plan" && updates > 0 ? (
                  <span class="tab-count" title={`${updates} to update`}>
                    {updates}
                  </span>
                ) : null}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="side-foot">
        {current?.readOnly === true ? <p class="read-only">Read only</p> : null}
        <p class="who faint" title={current?.root}>
          {current?.user}
        </p>
        <div class="side-tools">
          <ThemeSwitch />
          <Button
            kind="quiet"
            icon="keyboard"
            label="Keyboard shortcuts (?)"
            onClick={() => (areKeysShown.value = true)}
          />
          <span class="faint version">{current?.version}</span>
        </div>
      </div>
    </header>
  );
}

function isCurrent({ under, to }: NavItem): boolean {
  const [first] = path.value.split("/").filter(Boolean);
  return first === undefined ? to.length === 0 : under.includes(first);
}

const themes: readonly { readonly theme: Theme; readonly icon: IconName; readonly label: string }[] = [
  { theme: "system", icon: "system", label: "as the system" },
  { theme: "light", icon: "sun", label: "light" },
  { theme: "dark", icon: "moon", label: "dark" },
];

/** One button that goes through the three. */
function ThemeSwitch(): JSX.Element {
  const index = themes.findIndex((one) => one.theme === theme.value);
  const now = themes[index] ?? themes[0];
  const next = themes[(index + 1) % themes.length];
  return (
    <Button
      kind="quiet"
      icon={now?.icon ?? "system"}
      label={`Colours: ${now?.label}; switch to ${next?.label}`}
      onClick={() => (theme.value = next?.theme ?? "system")}
    />
  );
}

function ConnectionBanner(): JSX.Element | null {
  if (connection.value !== "lost") return null;
  return (
    <div class="banner" role="status">
      <Icon name="warning" />
      <span>
        <strong>Connection lost.</strong> What is shown may be out of date; trying to get it back…
      </span>
    </div>
  );
}
