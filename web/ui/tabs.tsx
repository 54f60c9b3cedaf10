/** Tabs: arrow keys go from one to the next. */
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export interface Tab {
  readonly id: string;
  readonly label: string;
  /** Beside the label. */
  readonly count?: number;
}

/** The panel of the tab that is chosen is the only one that is rendered: `children` is its content. */
export function Tabs({
  tabs,
  current,
  label,
  onChoose,
  children,
}: {
  readonly tabs: readonly Tab[];
  readonly current: string;
  /** What they are tabs of. */
  readonly label: string;
  readonly onChoose: (id: string) => void;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  // Where not all have room, the one that is chosen is seen; counts come later and make others wider.
  useLayoutEffect(() => showTab(list.current), [current, tabs.map(({ count }) => count).join()]);
  const move = (event: KeyboardEvent, index: number): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const target = step === undefined ? { Home: 0, End: tabs.length - 1 }[event.key] : index + step;
    const next = target === undefined ? undefined : tabs[(target + tabs.length) % tabs.length];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next.id);
    document.getElementById(`${id}-${next.id}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list}>
        {tabs.map((tab, index) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            aria-selected={tab.id === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
            onClick={() => onChoose(tab.id)}
            onKeyDown={(event) => move(event, index)}
          >
            {tab.label}
            {tab.count === undefined ? null : <span class="tab-count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`}>
        {children}
      </div>
    </>
  );
}

// --- internal ---

/** Puts it in the middle as far as that can be, without moving the page. */
function showTab(list: HTMLDivElement | null): void {
  const tab = list?.querySelector("[aria-selected=true]");
  if (list === null || !tab) return;
  const [outer, inner] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
  list.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
}
