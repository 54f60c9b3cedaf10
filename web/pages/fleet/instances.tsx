/** The table of instances. */
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FleetInstance } from "../../../src/serve/protocol.ts";
import { addressOf, hasUpdate } from "../../lib/fleet-view.ts";
import { percent } from "../../lib/words.ts";
import { href } from "../../state/base.ts";
import { navigate } from "../../state/router.ts";
import { Ago, Bytes, Since } from "../../ui/basics.tsx";
import { Icon } from "../../ui/icons.tsx";
import { type Column, type Sorting, Table } from "../../ui/table.tsx";
import { InstanceState } from "./state.tsx";
import { Update } from "./update.tsx";

export interface InstanceTableProps {
  readonly instances: readonly FleetInstance[];
  readonly isManyServers: boolean;
  readonly sorting: Sorting;
  /** Addresses. */
  readonly chosen: Signal<ReadonlySet<string>>;
  readonly onSort: (sorting: Sorting) => void;
}

export function InstanceTable({ instances, isManyServers, sorting, chosen, onSort }: InstanceTableProps): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggleOpen = (address: string): void => setOpen(toggled(open, address));
  const choose = (address: string): void => {
    chosen.value = toggled(chosen.value, address);
  };
  const columns: readonly Column<FleetInstance>[] = [
    chooseColumn(instances, chosen),
    nameColumn(isManyServers),
    { key: "state", head: "State", canSort: true, width: "13%", cell: (one) => <InstanceState instance={one} /> },
    { key: "address", head: "Address", canSort: true, width: "20%", cell: (one) => <Addresses instance={one} /> },
    {
      key: "uptime",
      head: "Uptime",
      canSort: true,
      isNumber: true,
      from: "medium",
      cell: ({ startedAt }) => (startedAt === undefined ? <None /> : <Since at={startedAt} />),
    },
    {
      key: "cpu",
      head: "CPU",
      canSort: true,
      isNumber: true,
      cell: ({ cpu }) => (cpu === undefined ? <None /> : percent(cpu)),
    },
    { key: "memory", head: "Memory", canSort: true, isNumber: true, cell: (one) => <Memory instance={one} /> },
    {
      key: "image",
      head: "Image",
      canSort: true,
      isNumber: true,
      from: "wide",
      cell: (one) => <Image instance={one} />,
    },
    {
      key: "update",
      head: <span class="visually-hidden">Update</span>,
      width: "112px",
      cell: (one) => <UpdateToggle instance={one} isOpen={open.has(addressOf(one))} onToggle={toggleOpen} />,
    },
  ];
  return (
    <Table
      label="Instances"
      columns={columns}
      rows={instances}
      keyOf={addressOf}
      sorting={sorting}
      onSort={onSort}
      rowClass={(one) => (chosen.value.has(addressOf(one)) ? "chosen" : undefined)}
      details={(one) => (open.has(addressOf(one)) && hasUpdate(one) ? <Update instance={one} /> : undefined)}
      onRowKey={(one, event) => {
        if (event.key === "Enter") navigate(href("instances", one.name));
        else if (event.key === "x" || event.key === " ") choose(addressOf(one));
        else if (event.key === "e") toggleOpen(addressOf(one));
        else return;
        event.preventDefault();
      }}
    />
  );
}

// --- internal ---

function toggled(set: ReadonlySet<string>, member: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}

function chooseColumn(instances: readonly FleetInstance[], chosen: Signal<ReadonlySet<string>>): Column<FleetInstance> {
  const addresses = instances.map(addressOf);
  const count = addresses.filter((address) => chosen.value.has(address)).length;
  return {
    key: "choose",
    width: "44px",
    head: (
      <input
        type="checkbox"
        aria-label="Select all that are shown"
        checked={count > 0 && count === addresses.length}
        ref={(box) => {
          if (box !== null) box.indeterminate = count > 0 && count < addresses.length;
        }}
        onChange={() => {
          chosen.value = count === addresses.length ? new Set() : new Set(addresses);
        }}
      />
    ),
    cell: (one) => (
      <input
        type="checkbox"
        aria-label={`Select ${one.name}`}
        checked={chosen.value.has(addressOf(one))}
        onChange={() => {
          chosen.value = toggled(chosen.value, addressOf(one));
        }}
      />
    ),
  };
}

function nameColumn(isManyServers: boolean): Column<FleetInstance> {
  return {
    key: "name",
    head: "Name",
    canSort: true,
    cell: ({ name, container, server }) => {
      const where = [container === name ? "" : container, isManyServers ? `on ${server}` : ""]
        .filter(Boolean)
        .join(" ");
      return (
        <span class="instance-name">
          <a href={href("instances", name)}>{name}</a>
          {where === "" ? null : <span class="faint">{where}</span>}
        </span>
      );
    },
  };
}

function None(): JSX.Element {
  return (
    <span class="none" aria-hidden="true">
      –
    </span>
  );
}

/** The first address, and what is served there. */
function Addresses({ instance: { addresses, links } }: { readonly instance: FleetInstance }): JSX.Element {
  const [first, ...others] = addresses;
  if (first === undefined && links.length === 0) return <None />;
  return (
    <span class="addresses">
      {first === undefined ? null : (
        <span class="mono" title={addresses.join("\n")}>
          {first}
          {others.length > 0 ? <span class="faint"> +{others.length}</span> : null}
        </span>
      )}
      {links.map(({ label, url }) =>
        url === undefined ? (
          <span key={label} class="service faint">
            {label}
          </span>
        ) : (
          <a key={label} class="service" href={url} target="_blank" rel="noreferrer noopener">
            {label}
            <Icon name="external" size={12} />
          </a>
        ),
      )}
    </span>
  );
}

function Memory({ instance: { memory, memoryLimit } }: { readonly instance: FleetInstance }): JSX.Element {
  if (memory === undefined) return <None />;
  const share = memoryLimit === undefined ? 0 : memory / memoryLimit;
  return (
    <span
      class={share > 0.9 ? "tight" : undefined}
      title={memoryLimit === undefined ? undefined : `${Math.round(share * 100)} % of its limit`}
    >
      <Bytes count={memory} />
    </span>
  );
}

/** When what it runs was made. */
function Image({ instance: { image, since } }: { readonly instance: FleetInstance }): JSX.Element {
  const at = image?.importedAt ?? since;
  if (at === null) return <None />;
  return (
    <span title={image === null ? undefined : `image ${image.fingerprint.slice(0, 12)}`}>
      <Ago at={at} />
    </span>
  );
}

function UpdateToggle({
  instance,
  isOpen,
  onToggle,
}: {
  readonly instance: FleetInstance;
  readonly isOpen: boolean;
  readonly onToggle: (address: string) => void;
}): JSX.Element | null {
  if (!hasUpdate(instance)) return null;
  return (
    <button
      type="button"
      class="update-toggle"
      aria-expanded={isOpen}
      aria-label={`Update available for ${instance.name}: what changes`}
      onClick={() => onToggle(addressOf(instance))}
    >
      Update
      <Icon name={isOpen ? "up" : "down"} size={12} />
    </button>
  );
}
