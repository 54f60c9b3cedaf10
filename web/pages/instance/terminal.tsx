/** A shell in an instance, and its console: both load the terminal only when they are shown. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isReadOnly } from "../../state/store.ts";
import type { SessionState } from "../../terminal/session.ts";
import type { ShownTerminal } from "../../terminal/terminal.ts";
import { Button, Empty, State, type Tone } from "../../ui/basics.tsx";
import type { TabProps } from "../instance.tsx";

export function TerminalTab({ instance }: TabProps): JSX.Element {
  return <Way instance={instance} way="terminal" />;
}

export function ConsoleTab({ instance }: TabProps): JSX.Element {
  return <Way instance={instance} way="attach" />;
}

// --- internal ---

function Way({ instance, way }: Pick<TabProps, "instance"> & Pick<TerminalOfProps, "way">): JSX.Element {
  if (isReadOnly.value)
    return (
      <Empty icon="terminal" title="This dashboard is read only">
        Whoever types into an instance can change it.
      </Empty>
    );
  return <TerminalOf name={instance.name} way={way} isRunning={instance.state === "running"} />;
}

interface TerminalOfProps {
  readonly name: string;
  /** The last part of the path: a shell, or the console. */
  readonly way: "terminal" | "attach";
  readonly isRunning: boolean;
}

function TerminalOf({ name, way, isRunning }: TerminalOfProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<ShownTerminal | undefined>(undefined);
  const [state, setState] = useState<SessionState>({ kind: "connecting" });
  const [turn, setTurn] = useState(0);
  const wasRunning = useRef(isRunning);
  wasRunning.current ||= isRunning;
  useEffect(() => {
    if (!wasRunning.current) return;
    let isGone = false;
    setState({ kind: "connecting" });
    import("../../terminal/terminal.ts").then(
      ({ showTerminal }) => {
        if (isGone || place.current === null) return;
        shown.current = showTerminal(place.current, {
          path: `api/instances/${encodeURIComponent(name)}/${way}`,
          onState: setState,
        });
        shown.current.focus();
      },
      () => setState({ kind: "failed", message: "The terminal could not be loaded" }),
    );
    return () => {
      isGone = true;
      shown.current?.close();
    };
  }, [name, way, turn, wasRunning.current]);
  if (!wasRunning.current)
    return (
      <Empty icon="terminal" title="It does not run">
        {way === "terminal" ? "A shell needs an instance that runs." : "A console needs an instance that runs."}
      </Empty>
    );
  const isOver = state.kind === "exited" || state.kind === "failed";
  return (
    <div class="terminal">
      <div class="toolbar">
        <State tone={toneOf(state)} isLive={state.kind === "open"}>
          {wordsOf(state, way)}
        </State>
        {isOver ? (
          <Button isSmall icon="restart" hasFocus onClick={() => setTurn((before) => before + 1)}>
            {state.kind === "exited" ? "Start again" : "Reconnect"}
          </Button>
        ) : null}
        <span class="terminal-hint faint">Esc, then Tab leaves it</span>
      </div>
      <div ref={place} class={isOver ? "terminal-place over" : "terminal-place"} />
    </div>
  );
}

function toneOf(state: SessionState): Tone {
  if (state.kind === "open") return "good";
  if (state.kind === "connecting") return "neutral";
  return state.kind === "exited" && state.code === 0 ? "neutral" : "bad";
}

function wordsOf(state: SessionState, way: TerminalOfProps["way"]): string {
  switch (state.kind) {
    case "connecting":
      return "connecting";
    case "open":
      return way === "terminal" ? "a shell as root" : "the console";
    case "exited":
      return `ended with exit code ${state.code}`;
    case "failed":
      return state.message;
  }
}
