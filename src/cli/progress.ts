/** Where events go: moving lines on a terminal, plain lines elsewhere, and JSON lines on stdout for verbs that stream. */
import { type Durations, durationsOf } from "../pipeline/durations.ts";
import type { Emit, FloeEvent } from "../report/events.ts";
import type { Cli } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";
import { LiveProgress } from "./render/events-live.ts";
import { plainLine } from "./render/events-plain.ts";
import { eventDocument, toJsonLine } from "./render/json.ts";
import { LiveScreen } from "./render/live-screen.ts";
import { type Colors, colorsFor, plain } from "./render/style.ts";

const redrawMs = 80;

export interface Progress {
  readonly emit: Emit;
  /** Takes the moving lines away, so that other text can be written; they come back with the next event. */
  pause(): void;
  /** Keeps them away while something else has the terminal, such as a question; what is said meanwhile comes afterwards. */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

interface ProgressOptions {
  /** The verb changes something: every event goes to stdout too when `--json` is given, and nobody who stops reading ends it. */
  readonly streamJson?: boolean;
}

/** Runs `work` with progress on stderr; whatever happens, the terminal is left clean. */
export async function withProgress<T>(
  cli: Cli,
  flags: GlobalFlags,
  work: (progress: Progress) => Promise<T>,
  options: ProgressOptions = {},
): Promise<T> {
  const { stderr, stdout } = cli.process;
  if (options.streamJson === true) cli.outlivesReader = true;
  let durations: Durations | undefined;
  const estimate = (name: string): number | undefined => durations?.estimate(name);
  const sink =
    stderr.isTTY === true && cli.env["TERM"] !== "dumb"
      ? liveSink(cli, colorsFor(stderr, cli.env, flags.noColor), estimate)
      : plainSink(cli, flags.verbose);
  const emit: Emit = (event) => {
    const timed = { at: Date.now(), ...event } as FloeEvent;
    if (options.streamJson === true && flags.json) stdout.write(toJsonLine(eventDocument(timed)));
    if (cli.projectRoot !== undefined) durations ??= durationsOf(cli.projectRoot);
    durations?.note(timed);
    sink.receive(timed);
  };
  try {
    return await work({ emit, pause: sink.pause, hold: sink.hold });
  } finally {
    sink.stop();
    durations?.save();
  }
}

interface Sink {
  receive(event: FloeEvent): void;
  pause(): void;
  hold: Progress["hold"];
  stop(): void;
}

function plainSink(cli: Cli, verbose: boolean): Sink {
  const progress = new LiveProgress();
  const quietMs = heartbeatMs(cli);
  let timer: NodeJS.Timeout | undefined;
  // CI ends what is silent for too long, and a person wonders.
  const saySomething = (): void => {
    const line = progress.still(Date.now());
    if (line !== undefined) cli.process.stderr.write(`${line}\n`);
  };
  const stop = (): void => clearInterval(timer);
  const beat = (): void => {
    stop();
    if (quietMs > 0) timer = setInterval(saySomething, quietMs).unref();
  };
  const receive = (event: FloeEvent): void => {
    progress.receive(event, plain);
    const line = plainLine(event, { verbose });
    if (line !== undefined) cli.process.stderr.write(`${line}\n`);
    if (line !== undefined || timer === undefined) beat();
  };
  return { receive, pause: stop, hold: (work) => work(), stop };
}

/** Milliseconds of silence after which a line says what still runs; 0: never. */
function heartbeatMs({ env }: Cli): number {
  const seconds = Number(env["FLOE_HEARTBEAT"] ?? 60);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : 60_000;
}

function liveSink(cli: Cli, colors: Colors, estimate: (name: string) => number | undefined): Sink {
  const progress = new LiveProgress();
  const screen = new LiveScreen(cli.process.stderr);
  let timer: NodeJS.Timeout | undefined;
  const redraw = (above = ""): void =>
    screen.draw(progress.frame({ colors, width: screen.width, now: Date.now(), estimate }), above);
  const pause = (): void => {
    clearInterval(timer);
    timer = undefined;
    screen.clear();
  };
  let holding = 0;
  const heldBack: string[] = [];
  const notifyBefore = cli.notify;
  cli.notify = (text) => (timer === undefined ? notifyBefore(text) : redraw(text));
  return {
    receive: (event) => {
      const lines = progress.receive(event, colors);
      if (holding > 0) {
        heldBack.push(...lines);
        return;
      }
      timer ??= setInterval(() => redraw(), redrawMs).unref();
      if (lines.length > 0) redraw(lines.join("\n"));
    },
    pause,
    async hold(work) {
      holding += 1;
      pause();
      try {
        return await work();
      } finally {
        holding -= 1;
        if (holding === 0 && heldBack.length > 0) redraw(heldBack.splice(0).join("\n"));
      }
    },
    stop: () => {
      pause();
      cli.notify = notifyBefore;
    },
  };
}
