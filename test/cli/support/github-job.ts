/**
 * Runs the `run` steps of a workflow's job as GitHub's runner does: in order, with its files for outputs and the PATH, its shell, and expressions
 * evaluated by GitHub's own package. Steps that `use` an action are left out: what they bring is here already.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface RanStep {
  readonly name: string;
  readonly exitCode: number | null;
  readonly output: string;
}

export interface RanJob {
  /** Those that were run. */
  readonly steps: readonly RanStep[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

export interface Runner {
  /** The clone. */
  readonly folder: string;
  /** For the runner's own files. */
  readonly temp: string;
  /** `github`, `secrets`, `needs`, `runner`. */
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Undefined: the job's condition does not hold. */
export async function runJob(job: Job, runner: Runner): Promise<RanJob | undefined> {
  const { temp } = runner;
  mkdirSync(temp, { recursive: true });
  const state = { failed: false, steps: {} as Record<string, object> };
  const contexts = (env: object = {}): object => ({ ...runner.contexts, steps: state.steps, env });
  if (!holds(job.if, contexts(), state.failed)) return undefined;
  const file = (name: string): string => path.join(temp, name);
  const summary = file("summary.md");
  writeFileSync(summary, "");
  const jobEnv = expandAll(job.env, contexts());
  const added: string[] = [];
  const ran: RanStep[] = [];
  for (const step of job.steps) {
    if (step.run === undefined || !holds(step.if, contexts(jobEnv), state.failed)) continue;
    const [output, paths] = [file("output"), file("path")];
    writeFileSync(output, "");
    writeFileSync(paths, "");
    const env = {
      ...runner.env,
      ...jobEnv,
      ...expandAll(step.env, contexts(jobEnv)),
      PATH: [...added.toReversed(), runner.env["PATH"]].join(":"),
      GITHUB_OUTPUT: output,
      GITHUB_PATH: paths,
      GITHUB_STEP_SUMMARY: summary,
      RUNNER_TEMP: temp,
    };
    const done = await runScript(expand(step.run, contexts(jobEnv)), runner.folder, env, file("step.sh"));
    ran.push({ name: step.name ?? step.run, ...done });
    added.push(...readFileSync(paths, "utf8").split("\n").filter(Boolean));
    state.failed ||= done.exitCode !== 0;
    const outcome = done.exitCode === 0 ? "success" : "failure";
    if (step.id !== undefined) state.steps[step.id] = { outputs: readOutputs(readFileSync(output, "utf8")), outcome };
  }
  return { steps: ran, outputs: expandAll(job.outputs, contexts(jobEnv)), summary: readFileSync(summary, "utf8") };
}

// --- internal ---

const statusFunctions = ["success", "failure", "cancelled", "always"];

/** Without a word about the status, a step needs that nothing has failed. */
function holds(condition: string | undefined, contexts: object, hasFailed: boolean): boolean {
  const text = (condition ?? "success()").replace(/^\$\{\{(.*)\}\}$/s, "$1").trim();
  const whole = statusFunctions.some((name) => text.includes(`${name}(`)) ? text : `success() && (${text})`;
  return isTrue(evaluate(whole, contexts, hasFailed));
}

function isTrue(value: data.ExpressionData): boolean {
  return !["", "0", "false"].includes(value.coerceString());
}

function evaluate(text: string, contexts: object, hasFailed = false): data.ExpressionData {
  const values: Readonly<Record<string, boolean>> = {
    success: !hasFailed,
    failure: hasFailed,
    cancelled: false,
    always: true,
  };
  const functions = Object.entries(values).map(([name, value]) => ({
    name,
    description: "",
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  }));
  const tree = new Parser(new Lexer(text).lex().tokens, Object.keys(contexts), functions).parse();
  const dictionary = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  return new Evaluator(tree, dictionary, new Map(functions.map((each) => [each.name, each]))).evaluate();
}

function expand(text: string, contexts: object): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, contexts).coerceString());
}

function expandAll(texts: Readonly<Record<string, string>> | undefined, contexts: object): Record<string, string> {
  return Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, expand(String(text), contexts)]));
}

/** `NAME=VALUE`, or `NAME<<END`, lines, `END`. */
function readOutputs(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const pattern = /^(\w+)<<(.+)\n([\s\S]*?)\n\2$|^(\w+)=(.*)$/gm;
  for (const [, name, , value, short, line] of text.matchAll(pattern)) found[name ?? short ?? ""] = value ?? line ?? "";
  return found;
}

/** GitHub's default shell on Linux. */
function runScript(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  file: string,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  writeFileSync(file, script);
  const child = spawn("bash", ["-e", file], { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, output }));
  });
}
