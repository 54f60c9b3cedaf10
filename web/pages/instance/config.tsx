/** Every key as it is declared and as it is: what differs comes first. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ComparedKey } from "../../../src/serve/protocol.ts";
import { counted, shortStorePath } from "../../lib/words.ts";
import { Badge, Empty, Notice } from "../../ui/basics.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import type { TabProps } from "../instance.tsx";

export function ConfigTab({ details: { compared, source } }: TabProps): JSX.Element {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const shown = compared
    .filter((one) => [one.key, one.declared, one.actual].join("\n").toLowerCase().includes(wanted))
    .sort((a, b) => Number(differs(b)) - Number(differs(a)));
  const different = compared.filter(differs).length;
  if (compared.length === 0) return <Empty title="Nothing is set">{`Neither in ${source} nor in Incus.`}</Empty>;
  return (
    <>
      {different === 0 ? null : (
        <Notice tone="warn" title={`${counted(different, "key")} ${different === 1 ? "is" : "are"} not as declared`}>
          What was changed by hand stays until its declaration changes; a plan says what an apply would do.
        </Notice>
      )}
      <div class="toolbar">
        <input
          type="search"
          class="field"
          placeholder="Filter keys"
          aria-label="Filter keys"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="soft">declared in {source}</span>
      </div>
      <div class="stacked">
        <Table label="Config" columns={columns} rows={shown} keyOf={({ key }) => key} rowClass={rowClass} />
      </div>
    </>
  );
}

// --- internal ---

const differs = ({ declared, actual }: ComparedKey): boolean => declared !== actual;
const rowClass = (row: ComparedKey): string | undefined => (differs(row) ? "different" : undefined);

const columns: readonly Column<ComparedKey>[] = [
  { key: "key", head: "Key", width: "30%", cell: ({ key }) => <code class="break">{key}</code> },
  { key: "declared", head: "Declared", width: "28%", cell: ({ declared }) => <Value text={declared} /> },
  { key: "actual", head: "As it is", width: "28%", cell: ({ actual }) => <Value text={actual} /> },
  {
    key: "state",
    head: <span class="visually-hidden">What about it</span>,
    width: "9rem",
    cell: (row) =>
      differs(row) ? <Badge tone="warn">{row.isDrift === true ? "changed by hand" : "not applied yet"}</Badge> : null,
  },
];

function Value({ text }: { readonly text: string | undefined }): JSX.Element {
  return text === undefined ? (
    <span class="soft">not set</span>
  ) : (
    <code class="break" title={text}>
      {shortStorePath(text)}
    </code>
  );
}
