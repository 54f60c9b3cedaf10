/** The devices of an instance, its own and those of its profiles. */
import type { JSX } from "preact";
import type { InstanceDetails } from "../../../src/serve/protocol.ts";
import { Badge, Empty } from "../../ui/basics.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import type { TabProps } from "../instance.tsx";

type Device = InstanceDetails["devices"][number];

export function DevicesTab({ details: { devices } }: TabProps): JSX.Element {
  if (devices.length === 0)
    return <Empty title="It has no devices">It is not there yet, or Incus does not answer.</Empty>;
  return (
    <div class="stacked">
      <Table label="Devices" columns={columns} rows={devices} keyOf={({ name }) => name} />
    </div>
  );
}

// --- internal ---

const columns: readonly Column<Device>[] = [
  { key: "name", head: "Name", cell: ({ name }) => <code>{name}</code> },
  { key: "type", head: "Type", cell: ({ config }) => <Badge>{config["type"] ?? "unknown"}</Badge> },
  { key: "settings", head: "Settings", cell: (device) => <Settings device={device} /> },
  { key: "from", head: "From", cell: ({ from }) => from },
];

function Settings({ device: { config } }: { readonly device: Device }): JSX.Element {
  const rest = Object.entries(config).filter(([key]) => key !== "type");
  return (
    <span class="settings">
      {rest.map(([key, value]) => (
        <code key={key} class="break">
          {key}={value}
        </code>
      ))}
    </span>
  );
}
