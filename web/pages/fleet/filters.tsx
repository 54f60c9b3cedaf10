/** What of the fleet is shown: words, how it is, tag and server. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { FleetInstance } from "../../../src/serve/protocol.ts";
import { type FleetView, isShown, type StateFilter, stateFilters } from "../../lib/fleet-view.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { Icon } from "../../ui/icons.tsx";

export interface FiltersProps {
  readonly view: FleetView;
  readonly instances: readonly FleetInstance[];
  readonly onChange: (next: Partial<FleetView>) => void;
}

export function Filters({ view, instances, onChange }: FiltersProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "/", label: "Filter the fleet", run: () => input.current?.focus() }]);
  const tags = namesOf(instances.flatMap((instance) => instance.tags));
  const servers = namesOf(instances.map(({ server }) => server));
  return (
    <search class="filters">
      <label class="search">
        <Icon name="search" />
        <span class="visually-hidden">Filter by name, container, address, @tag</span>
        <input
          ref={input}
          class="field"
          type="text"
          placeholder="Filter"
          autocomplete="off"
          spellcheck={false}
          value={view.text}
          onInput={(event) => onChange({ text: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            onChange({ text: "" });
            event.currentTarget.blur();
          }}
        />
        <kbd title="Press / to filter">/</kbd>
      </label>
      <fieldset class="segments">
        <legend class="visually-hidden">State</legend>
        {stateFilters.map((filter) => (
          <button
            key={filter}
            type="button"
            aria-pressed={view.state === filter}
            class={filter === "unhealthy" ? "bad" : undefined}
            onClick={() => onChange({ state: view.state === filter ? "all" : filter })}
          >
            {labels[filter]}
            <span class="number">{instances.filter((one) => isShown(one, { ...view, state: filter })).length}</span>
          </button>
        ))}
      </fieldset>
      <Choice label="Tag" any="Any tag" value={view.tag} options={tags} onChoose={(tag) => onChange({ tag })} />
      <Choice
        label="Server"
        any="Any server"
        value={view.server}
        options={servers.length > 1 ? servers : []}
        onChoose={(server) => onChange({ server })}
      />
    </search>
  );
}

// --- internal ---

const labels: Readonly<Record<StateFilter, string>> = {
  all: "All",
  running: "Running",
  stopped: "Not running",
  unhealthy: "Unhealthy",
  update: "To update",
};

function namesOf(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function Choice({
  label,
  any,
  value,
  options,
  onChoose,
}: {
  readonly label: string;
  readonly any: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChoose: (value: string) => void;
}): JSX.Element | null {
  if (options.length === 0 && value === "") return null;
  return (
    <select class="field" aria-label={label} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{any}</option>
      {[...new Set([...options, value])].filter(Boolean).map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}
