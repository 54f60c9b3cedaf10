/** What an instance says, as it says it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LogLine, LogSource } from "../../../src/serve/protocol.ts";
import type { RefusedError } from "../../state/api.ts";
import { openStream } from "../../state/stream.ts";
import { Button, Empty, Refused, State } from "../../ui/basics.tsx";
import { LogView } from "../../ui/log-view.tsx";
import type { TabProps } from "../instance.tsx";

/** Lines asked for at first, and kept at most. */
const asked = 500;
const kept = 10_000;

export function LogsTab({ instance }: TabProps): JSX.Element {
  const { name } = instance;
  const [turn, setTurn] = useState(0);
  const { lines, dropped, state, source, error } = useLog(
    `api/instances/${encodeURIComponent(name)}/logs?lines=${asked}`,
    turn,
  );
  const again = () => setTurn((before) => before + 1);
  return (
    <>
      <div class="toolbar">
        <State tone={states[state].tone} isLive={state === "open"}>
          {states[state].words}
        </State>
        {state === "ended" ? (
          <Button isSmall icon="restart" onClick={again}>
            Read again
          </Button>
        ) : null}
        {source === undefined ? null : (
          <span class="soft">
            {source.source === "journal" ? "the journal" : "the console"}
            {source.note === undefined ? null : `: ${source.note}`}
          </span>
        )}
        {lines.length === 0 ? null : <Download name={name} lines={lines} />}
      </div>
      {error === undefined ? null : <Refused error={error} onRetry={again} />}
      {lines.length === 0 && error === undefined && state !== "connecting" ? (
        <Empty icon="terminal" title="Nothing was said yet">
          New lines come by themselves.
        </Empty>
      ) : (
        <LogView
          id="log"
          first={dropped + 1}
          lines={lines}
          label={`Log of ${name}`}
          isLive={state === "open"}
          height={28}
        />
      )}
    </>
  );
}

// --- internal ---

type LogState = "connecting" | "open" | "lost" | "ended";

const states = {
  connecting: { tone: "neutral", words: "connecting" },
  open: { tone: "good", words: "following" },
  lost: { tone: "warn", words: "connection lost, trying again" },
  ended: { tone: "neutral", words: "it ended" },
} as const;

interface Log {
  readonly lines: readonly string[];
  /** Lines before the first that are not kept. */
  readonly dropped: number;
  readonly state: LogState;
  readonly source?: LogSource;
  readonly error?: RefusedError;
}

const empty: Log = { lines: [], dropped: 0, state: "connecting" };

function useLog(path: string, turn: number): Log {
  const [log, setLog] = useState<Log>(empty);
  useEffect(() => {
    setLog(empty);
    let waiting: string[] = [];
    // Many lines come at once: they are shown once a frame.
    const flush = (): void => {
      if (waiting.length === 0) return;
      const fresh = waiting;
      waiting = [];
      setLog((before) => withLines(before, fresh));
    };
    let frame = 0;
    const stream = openStream(path, {
      // The server begins from the start of what it was asked for each time.
      onOpen: () => setLog({ ...empty, state: "open" }),
      onMessage: ({ type, data }) => {
        if (type === "source") setLog((before) => ({ ...before, source: JSON.parse(data) as LogSource }));
        if (type !== "line") return;
        waiting.push((JSON.parse(data) as LogLine).text);
        cancelAnimationFrame(frame);
        frame = requestAnimationFrame(flush);
      },
      onEnd: () => {
        flush();
        setLog((before) => ({ ...before, state: "ended" }));
      },
      onLost: () => setLog((before) => ({ ...before, state: "lost" })),
      onRefused: (error) => setLog((before) => ({ ...before, state: "ended", error })),
    });
    return () => {
      cancelAnimationFrame(frame);
      stream.close();
    };
  }, [path, turn]);
  return log;
}

function withLines(log: Log, fresh: readonly string[]): Log {
  const all = [...log.lines, ...fresh];
  const over = Math.max(0, all.length - kept);
  return { ...log, lines: all.slice(over), dropped: log.dropped + over };
}

function Download({ name, lines }: { readonly name: string; readonly lines: readonly string[] }): JSX.Element {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: `${name}.log` });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button isSmall kind="quiet" icon="save" onClick={save}>
      Save
    </Button>
  );
}
