/**
 * The user's files run in floe's own process. What they do while they load must not end it, nor write among its results: a floe that
 * ends with 0 in the middle of an apply looks as if it were done.
 */
import { Console } from "node:console";
import { ConfigError } from "../errors.ts";

/**
 * Runs what loads the files of the project in `root`: a call of `process.exit` in them is thrown back at them, what they print goes to
 * stderr, and a promise of theirs that fails with nobody waiting for it is given to `report`.
 */
export async function contain<T>(root: string, report: (error: unknown) => void, run: () => Promise<T>): Promise<T> {
  const load: Load = { root, report };
  if (loads.length === 0) install();
  loads.push(load);
  try {
    const result = await run();
    // Node tells of rejections after the promises that are due.
    await new Promise((resolve) => setImmediate(resolve));
    return result;
  } finally {
    loads.splice(loads.indexOf(load), 1);
    if (loads.length === 0) restore();
  }
}

/** What a file's import gives, or an error once nothing is left that could ever settle it: Node would end without a word. */
export async function settled<T>(promise: Promise<T>, file: string): Promise<T> {
  let giveUp = () => {};
  const never = new Promise<never>((_, reject) => {
    giveUp = () =>
      reject(
        new ConfigError(`Loading "${file}" never ends: it waits for a promise that nothing settles`, {
          hint: "Look at what it awaits outside of functions; a new Promise must call resolve or reject",
        }),
      );
  });
  process.once("beforeExit", giveUp);
  try {
    return await Promise.race([promise, never]);
  } finally {
    process.off("beforeExit", giveUp);
  }
}

// --- internal ---

interface Load {
  readonly root: string;
  readonly report: (error: unknown) => void;
}

/** `floe serve` may load twice at once. */
const loads: Load[] = [];
let restore = () => {};

function install(): void {
  const { exit } = process;
  const theirs = globalThis.console;
  globalThis.console = Object.assign(new Console(process.stderr, process.stderr), { Console });
  process.exit = (code) => {
    if (loadOf(new Error()) === undefined) return exit(code);
    throw new ConfigError(`process.exit(${code ?? ""}) would end floe in the middle of its work`, {
      hint: "Leave it out, or throw an Error that says what is wrong",
    });
  };
  process.on("unhandledRejection", onRejection);
  restore = () => {
    process.exit = exit;
    globalThis.console = theirs;
    process.off("unhandledRejection", onRejection);
  };
}

/** One that is not of the user's files ends floe as it does without this. */
function onRejection(error: unknown): void {
  const load = loadOf(error);
  if (load === undefined) throw error;
  load.report(error);
}

/** The load of the project whose files the error came through; any for what has no stack, which floe never throws. */
function loadOf(error: unknown): Load | undefined {
  if (!(error instanceof Error)) return loads[0];
  const stack = error.stack ?? "";
  return loads.find(({ root }) => stack.includes(`${root}/`));
}
