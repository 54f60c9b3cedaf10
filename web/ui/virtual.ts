/** Of a long list that scrolls with the page, the rows that are in view. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

export interface Window {
  readonly from: number;
  /** Behind the last. */
  readonly to: number;
  /** Pixels of the rows that are left out. */
  readonly before: number;
  readonly after: number;
}

/** Rows that are rendered beyond the edges. */
const overscan = 8;

/**
 * Which of `heights.length` rows to render. `heights` in pixels; `list` is the element whose top is the first row's.
 * A list that is short is rendered whole.
 */
export function useWindow(list: RefObject<HTMLElement | null>, heights: readonly number[]): Window {
  const [view, setView] = useState({ top: 0, height: typeof window === "undefined" ? 800 : window.innerHeight });
  const measure = (): void => {
    const top = -(list.current?.getBoundingClientRect().top ?? 0);
    // Steps of a few rows: most of the events of a scroll change nothing.
    const step = 120;
    setView((before) => {
      const next = { top: Math.floor(top / step) * step, height: window.innerHeight + step };
      return before.top === next.top && before.height === next.height ? before : next;
    });
  };
  useLayoutEffect(measure, [heights]);
  useEffect(() => {
    window.addEventListener("scroll", measure, { passive: true });
    window.addEventListener("resize", measure);
    return () => {
      window.removeEventListener("scroll", measure);
      window.removeEventListener("resize", measure);
    };
  }, []);
  return heights.length <= 60
    ? { from: 0, to: heights.length, before: 0, after: 0 }
    : cut(heights, view.top, view.height);
}

// --- internal ---

function cut(heights: readonly number[], top: number, height: number): Window {
  let from = 0;
  let before = 0;
  while (from < heights.length && before + (heights[from] ?? 0) < top) {
    before += heights[from] ?? 0;
    from += 1;
  }
  const first = Math.max(0, from - overscan);
  for (let index = first; index < from; index += 1) before -= heights[index] ?? 0;
  let to = first;
  let y = before;
  while (to < heights.length && y < top + height) {
    y += heights[to] ?? 0;
    to += 1;
  }
  const last = Math.min(heights.length, to + overscan);
  let after = 0;
  for (let index = last; index < heights.length; index += 1) after += heights[index] ?? 0;
  return { from: first, to: last, before, after };
}
