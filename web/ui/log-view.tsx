/** Lines of a log: colours of the terminal as text, every line with a link of its own, follows its end. Only what is in view is rendered. */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type AnsiSpan, parseAnsi } from "../lib/ansi.ts";
import { place } from "../state/router.ts";
import { Button } from "./basics.tsx";

export interface LogViewProps {
  /** In the links to its lines: unlike any other log's of the page. */
  readonly id: string;
  readonly lines: readonly string[];
  /** The number of the first line; default 1. */
  readonly first?: number;
  /** What it is, for screen readers: `Log of web-1`. */
  readonly label: string;
  /** More lines are to come. */
  readonly isLive?: boolean;
  /** In lines; default 18. */
  readonly height?: number;
}

/** Pixels, as in log.css. */
const lineHeight = 20;
const overscan = 20;

export function LogView({ id, lines, first = 1, label, isLive = false, height = 18 }: LogViewProps): JSX.Element {
  const box = useRef<HTMLElement>(null);
  const marked = markedLine(id, place.value.fragment);
  const [isFollowing, setFollowing] = useState(isLive && marked === undefined);
  const [top, setTop] = useState(0);
  const rows = Math.max(1, Math.min(height, lines.length + (isLive ? 1 : 0)));
  const from = Math.max(0, Math.floor(top / lineHeight) - overscan);
  const to = Math.min(lines.length, Math.ceil(top / lineHeight) + rows + overscan);

  useLayoutEffect(() => {
    if (isFollowing && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, lines.at(-1), isFollowing]);
  useEffect(() => {
    if (marked === undefined || box.current === null) return;
    box.current.scrollTop = Math.max(0, (marked - first - 3) * lineHeight);
    box.current.scrollIntoView({ block: "nearest" });
  }, [marked, lines.length > 0]);

  const onScroll = (): void => {
    const view = box.current;
    if (view === null) return;
    setTop(view.scrollTop);
    if (isLive) setFollowing(view.scrollHeight - view.scrollTop - view.clientHeight < lineHeight);
  };
  return (
    <div class="log">
      <section
        ref={box}
        class="log-lines"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse
        tabIndex={0}
        style={{ height: `${rows * lineHeight + 16}px` }}
        onScroll={onScroll}
      >
        <div class="log-all" style={{ height: `${lines.length * lineHeight}px` }}>
          <div class="log-shown" style={{ transform: `translateY(${from * lineHeight}px)` }}>
            {lines.slice(from, to).map((line, index) => (
              <Line key={first + from + index} id={id} number={first + from + index} text={line} marked={marked} />
            ))}
          </div>
        </div>
      </section>
      {isLive && !isFollowing ? (
        <div class="log-follow">
          <Button isSmall icon="down" onClick={() => setFollowing(true)}>
            Follow
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** One line in its colours, for places without a whole log. */
export function AnsiText({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {parseAnsi(text).map((span, index) => (
        <span key={index} class={classOf(span)}>
          {span.text}
        </span>
      ))}
    </>
  );
}

// --- internal ---

function Line({
  id,
  number,
  text,
  marked,
}: {
  readonly id: string;
  readonly number: number;
  readonly text: string;
  readonly marked: number | undefined;
}): JSX.Element {
  const { pathname, search } = location;
  return (
    <div class={number === marked ? "log-line marked" : "log-line"}>
      <a class="log-number" href={`${pathname}${search}#${id}-${number}`} tabIndex={-1} aria-label={`Line ${number}`}>
        {number}
      </a>
      <span class="log-text">
        <AnsiText text={text} />
      </span>
    </div>
  );
}

function markedLine(id: string, fragment: string): number | undefined {
  if (!fragment.startsWith(`${id}-`)) return undefined;
  const number = Number(fragment.slice(id.length + 1));
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

function classOf({ color, isBold, isDim, isItalic, isUnderlined }: AnsiSpan): string | undefined {
  const classes = [
    color === undefined ? "" : `ansi-${color}`,
    isBold ? "ansi-bold" : "",
    isDim ? "ansi-dim" : "",
    isItalic ? "ansi-italic" : "",
    isUnderlined ? "ansi-underlined" : "",
  ].filter(Boolean);
  return classes.length === 0 ? undefined : classes.join(" ");
}
