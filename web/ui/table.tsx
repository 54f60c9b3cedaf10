/** A table: sorts by its heads, its rows are gone through with the arrow keys, and only those in view are rendered. */
import { Component, type ComponentChildren, type JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";
import { useWindow } from "./virtual.ts";

export interface Column<Data> {
  readonly key: string;
  readonly head: ComponentChildren;
  readonly cell: (row: Data) => ComponentChildren;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Its head sorts by it. */
  readonly canSort?: boolean;
  /** Left out where the table has less room than: `wide` 1100 px, `medium` 820 px. */
  readonly from?: "medium" | "wide";
  /** Of CSS; default: as its content needs. */
  readonly width?: string;
}

export interface Sorting {
  readonly key: string;
  readonly isDescending: boolean;
}

export interface TableProps<Data> {
  /** What the table holds, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<Data>[];
  readonly rows: readonly Data[];
  readonly keyOf: (row: Data) => string;
  /** Sorted by whoever gives the rows. */
  readonly sorting?: Sorting;
  readonly onSort?: (sorting: Sorting) => void;
  /** Below the row, over its whole width. */
  readonly details?: (row: Data) => ComponentChildren | undefined;
  readonly rowClass?: (row: Data) => string | undefined;
  /** A key was pressed on a row. */
  readonly onRowKey?: (row: Data, event: KeyboardEvent) => void;
}

/** Pixels of a row until one was measured. */
const guessedHeight = 45;

export function Table<Data>(props: TableProps<Data>): JSX.Element {
  const { label, columns, rows, keyOf, details, rowClass, onRowKey } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const { heights, measure } = useHeights(rows, keyOf);
  const { from, to, before, after } = useWindow(body, heights);
  useLayoutEffect(() => measure(body.current));
  return (
    <div class="table-box">
      <table class="table" aria-label={label} aria-rowcount={rows.length + 1}>
        <Heads {...props} />
        <tbody ref={body}>
          <Spacer height={before} columns={columns.length} />
          {rows.slice(from, to).map((row, index) => (
            <Row
              key={keyOf(row)}
              id={keyOf(row)}
              row={row}
              index={from + index}
              columns={columns}
              below={details?.(row)}
              look={rowClass?.(row)}
              onRowKey={onRowKey}
            />
          ))}
          <Spacer height={after} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

// --- internal ---

interface RowProps<Data> {
  readonly id: string;
  readonly row: Data;
  /** From 0. */
  readonly index: number;
  readonly columns: readonly Column<Data>[];
  readonly below: ComponentChildren | undefined;
  readonly look: string | undefined;
  readonly onRowKey: TableProps<Data>["onRowKey"];
}

/** Drawn anew only when something about it changed: not while the table scrolls. */
class Row<Data> extends Component<RowProps<Data>> {
  override shouldComponentUpdate(next: RowProps<Data>): boolean {
    const { row, index, columns, below, look } = this.props;
    const isSame = next.row === row && next.columns === columns && next.index === index && next.look === look;
    return !isSame || next.below !== undefined || below !== undefined;
  }

  override render({ id, row, index, columns, below, look }: RowProps<Data>): JSX.Element {
    const isOpen = below !== undefined;
    return (
      <>
        <tr
          data-row={id}
          class={["row", look, isOpen && "open"].filter(Boolean).join(" ")}
          aria-rowindex={index + 2}
          tabIndex={index === 0 ? 0 : -1}
          onKeyDown={this.onKeyDown}
        >
          {columns.map((column) => (
            <td key={column.key} class={classOf(column)} data-column={column.key}>
              {column.cell(row)}
            </td>
          ))}
        </tr>
        {isOpen ? (
          <tr data-row={id} class="row-details">
            <td colSpan={columns.length}>{below}</td>
          </tr>
        ) : null}
      </>
    );
  }

  readonly onKeyDown = (event: KeyboardEvent): void => {
    const element = event.currentTarget as HTMLElement;
    if (event.target !== element && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined) this.props.onRowKey?.(this.props.row, event);
    else {
      event.preventDefault();
      neighbour(element, step)?.focus();
    }
  };
}

function Heads<Data>({ columns, sorting, onSort }: TableProps<Data>): JSX.Element {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const isSorted = sorting?.key === column.key;
          const direction = isSorted ? (sorting.isDescending ? "descending" : "ascending") : undefined;
          return (
            <th
              key={column.key}
              scope="col"
              class={classOf(column)}
              data-column={column.key}
              aria-sort={direction}
              style={column.width === undefined ? undefined : { width: column.width }}
            >
              {column.canSort === true && onSort !== undefined ? (
                <button
                  type="button"
                  class="sort"
                  onClick={() => onSort({ key: column.key, isDescending: isSorted && !sorting.isDescending })}
                >
                  {column.head}
                  <span class={isSorted ? "sort-mark shown" : "sort-mark"}>
                    <Icon name={direction === "descending" ? "down" : "up"} size={12} />
                  </span>
                </button>
              ) : (
                column.head
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Spacer({ height, columns }: { readonly height: number; readonly columns: number }): JSX.Element | null {
  if (height === 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row of nothing cannot be focused
    <tr class="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  );
}

/** Rows that were seen are as high as they were; others are taken to be as the first. */
function useHeights<Data>(rows: readonly Data[], keyOf: (row: Data) => string) {
  const known = useRef(new Map<string, number>());
  const [usual, setUsual] = useState(guessedHeight);
  const [turn, setTurn] = useState(0);
  const heights = useMemo(() => rows.map((row) => known.current.get(keyOf(row)) ?? usual), [rows, usual, turn]);
  const seen = useRef(new Set<string>());
  const measure = (body: HTMLElement | null): void => {
    if (body === null || rows.length <= 60) return;
    let isNew = false;
    for (const row of body.querySelectorAll<HTMLElement>("tr.row")) {
      const key = row.dataset["row"] ?? "";
      const below = row.nextElementSibling?.classList.contains("row-details") ? row.nextElementSibling : undefined;
      const state = `${key} ${below !== undefined}`;
      if (seen.current.has(state)) continue;
      seen.current.delete(`${key} ${below === undefined}`);
      seen.current.add(state);
      const height = row.getBoundingClientRect().height;
      if (below === undefined && seen.current.size === 1) setUsual(height);
      const whole = height + (below?.getBoundingClientRect().height ?? 0);
      if (Math.abs((known.current.get(key) ?? usual) - whole) > 0.5) isNew = true;
      known.current.set(key, whole);
    }
    if (isNew) setTurn((before) => before + 1);
  };
  useEffect(() => {
    const forget = (): void => {
      seen.current.clear();
      known.current.clear();
    };
    window.addEventListener("resize", forget);
    return () => window.removeEventListener("resize", forget);
  }, []);
  return { heights, measure };
}

function neighbour(row: HTMLElement, step: number): HTMLElement | null {
  let next: Element | null = row;
  do next = step > 0 ? (next?.nextElementSibling ?? null) : (next?.previousElementSibling ?? null);
  while (next !== null && !next.classList.contains("row"));
  return next instanceof HTMLElement ? next : null;
}

function classOf<Data>({ isNumber = false, from }: Column<Data>): string | undefined {
  const classes = [isNumber ? "number" : "", from === undefined ? "" : `from-${from}`].filter(Boolean);
  return classes.length === 0 ? undefined : classes.join(" ");
}
