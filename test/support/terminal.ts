/** A command in a terminal of its own, for what is asked only of people. */
import { spawn } from "node:child_process";

/** What is typed once the text has come. */
export interface Answer {
  readonly to: string;
  readonly type: string;
}

export interface Typed {
  readonly exitCode: number | null;
  /** All that the terminal showed. */
  readonly screen: string;
}

/** What is typed is drawn again; a question within this time is no new one. */
const redrawMs = 1_000;

/** Each answer is given to the text that comes after the one before it. */
export function inTerminal(
  argv: readonly string[],
  { cwd, env, answers }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly answers: readonly Answer[] },
): Promise<Typed> {
  const words = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", `stty cols 160 rows 50; ${words}`, "/dev/null"], {
    cwd,
    env: { ...env, TERM: "xterm", NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const left = [...answers];
  let screen = "";
  let seen = 0;
  let typedAt = Number.NEGATIVE_INFINITY;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (performance.now() - typedAt < redrawMs) seen = screen.length + text.length;
    screen += text;
    const [next] = left;
    if (next === undefined || !screen.slice(seen).includes(next.to)) return;
    left.shift();
    seen = screen.length;
    typedAt = performance.now();
    // As terminals send it; a newline would be Ctrl-J.
    child.stdin.write(`${next.type}\r`);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, screen }));
  });
}
