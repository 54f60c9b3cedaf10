/** What is different between any two generations of a host. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { GenerationChanges, HostDetails } from "../../../src/serve/protocol.ts";
import { bytes, counted } from "../../lib/words.ts";
import { useResource } from "../../state/resource.ts";
import { replaceQuery } from "../../state/router.ts";
import { Badge, Empty, Placeholder, Refused, type Tone } from "../../ui/basics.tsx";
import { Change } from "../../ui/code.tsx";
import { type Column, Table } from "../../ui/table.tsx";

type PackageChange = GenerationChanges["packages"][number];

export function ChangesTab({
  details: { generations, host },
  query,
}: {
  readonly details: HostDetails;
  readonly query: URLSearchParams;
}): JSX.Element {
  const numbers = generations.map(({ number }) => number);
  const to = chosen(query.get("to"), numbers) ?? numbers[0];
  const from = chosen(query.get("from"), numbers) ?? numbers[1];
  const canCompare = from !== undefined && to !== undefined;
  const path = canCompare ? `api/hosts/${encodeURIComponent(host.name)}/changes?from=${from}&to=${to}` : null;
  const { data, error, reload } = useResource<GenerationChanges>(path);
  if (!canCompare)
    return (
      <Empty icon="history" title="There is nothing to compare">
        It takes two generations.
      </Empty>
    );
  const choose = (next: { readonly from?: number; readonly to?: number }): void =>
    replaceQuery(`tab=changes&from=${next.from ?? from}&to=${next.to ?? to}`);
  return (
    <>
      <div class="toolbar">
        <Choice label="From generation" numbers={numbers} chosen={from} onChoose={(one) => choose({ from: one })} />
        <span class="arrow">→</span>
        <Choice label="To generation" numbers={numbers} chosen={to} onChoose={(one) => choose({ to: one })} />
        {data === undefined ? null : (
          <span class="soft">
            {counted(data.packages.length, "package")}, {growth(data.sizeDelta)}
          </span>
        )}
      </div>
      {error === undefined ? null : <Refused error={error} onRetry={reload} />}
      {data === undefined ? error === undefined ? <Placeholder lines={6} /> : null : <Packages changes={data} />}
    </>
  );
}

// --- internal ---

function chosen(text: string | null, numbers: readonly number[]): number | undefined {
  return numbers.find((number) => String(number) === text);
}

function Choice({
  label,
  numbers,
  chosen,
  onChoose,
}: {
  readonly label: string;
  readonly numbers: readonly number[];
  readonly chosen: number;
  readonly onChoose: (number: number) => void;
}): JSX.Element {
  return (
    <select
      class="field"
      aria-label={label}
      value={chosen}
      onChange={(event) => onChoose(Number(event.currentTarget.value))}
    >
      {numbers.map((number) => (
        <option key={number} value={number}>
          generation {number}
        </option>
      ))}
    </select>
  );
}

function Packages({ changes: { packages, from, to } }: { readonly changes: GenerationChanges }): JSX.Element {
  const [text, setText] = useState("");
  if (packages.length === 0)
    return <Empty icon="check" title="No package differs">{`Generations ${from} and ${to} have the same ones.`}</Empty>;
  const shown = packages.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <>
      {packages.length < 12 ? null : (
        <div class="toolbar">
          <input
            type="search"
            class="field"
            placeholder="Filter packages"
            aria-label="Filter packages"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
      )}
      <Table
        label="Packages that differ"
        columns={columns}
        rows={shown}
        keyOf={({ name, kind }) => `${name} ${kind}`}
      />
    </>
  );
}

const tones: Readonly<Record<PackageChange["kind"], Tone>> = {
  added: "good",
  removed: "bad",
  upgraded: "info",
  downgraded: "warn",
  changed: "neutral",
};

const columns: readonly Column<PackageChange>[] = [
  {
    key: "name",
    head: "Package",
    cell: ({ name, important }) => (important ? <strong>{name}</strong> : name),
  },
  { key: "kind", head: "What", cell: ({ kind }) => <Badge tone={tones[kind]}>{kind}</Badge> },
  { key: "versions", head: "Versions", cell: (row) => <Versions row={row} /> },
  {
    key: "size",
    head: "Size",
    isNumber: true,
    cell: ({ sizeDelta }) => (sizeDelta === 0 ? <span class="faint">0</span> : <span>{growth(sizeDelta)}</span>),
  },
];

function Versions({ row: { before, after } }: { readonly row: PackageChange }): JSX.Element | null {
  const words = (versions: readonly string[]) => versions.filter(Boolean).join(", ") || undefined;
  const [old, fresh] = [words(before), words(after)];
  if (old === fresh) return <span class="faint">{old === undefined ? "" : `${old}, other content`}</span>;
  return <Change before={old} after={fresh} />;
}

const growth = (delta: number): string => (delta < 0 ? `−${bytes(-delta)}` : `+${bytes(delta)}`);
