/** One comment under a pull request that is kept up to date, through GitHub's REST API; and the files by which a job hands on results. */
import { appendFileSync } from "node:fs";
import { CancelledError, FloeError, UsageError } from "../errors.ts";
import { isRecord, readText } from "../util/files.ts";
import { within } from "../util/pause.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What came of it. `summary`: the text is in the job's summary instead, and `why`. */
export type Commented =
  | { readonly outcome: "created" | "updated" | "unchanged"; readonly url: string }
  | { readonly outcome: "summary"; readonly why: string };

/**
 * Puts `text` under the pull request of the job. `marker` is the first line of the text, by which the comment is found again. Where nothing can be
 * written (no pull request, one from a fork, no permission) it goes to the job's summary.
 * @throws UsageError outside of a job, FloeError when GitHub cannot be reached or fails, CancelledError
 */
export async function comment(text: string, marker: string, env: Env, signal: AbortSignal): Promise<Commented> {
  const [repository, token, number] = [env["GITHUB_REPOSITORY"], env["GITHUB_TOKEN"], pullRequestOf(env)];
  if (repository === undefined)
    throw new UsageError("This is no job of GitHub Actions: GITHUB_REPOSITORY is not set", {
      hint: "floe diff REF --markdown prints the text",
    });
  if (number === undefined) return toSummary(text, env, "this is no pull request");
  if (!token) return toSummary(text, env, "there is no GITHUB_TOKEN");
  const api = {
    base: `${env["GITHUB_API_URL"] ?? "https://api.github.com"}/repos/${repository}/issues`,
    token,
    signal,
  };
  const before = await findComment(api, number, marker);
  if (before === "refused") return toSummary(text, env, "the token may not read comments");
  if (before?.body === text) return { outcome: "unchanged", url: before.url };
  const written =
    before === undefined
      ? await call(api, "POST", `/${number}/comments`, { body: text })
      : await call(api, "PATCH", `/comments/${before.id}`, { body: text });
  if (isRefused(written)) return toSummary(text, env, "the token may not write comments");
  const url = isRecord(written.body) ? String(written.body["html_url"] ?? "") : "";
  return { outcome: before === undefined ? "created" : "updated", url };
}

/** Adds the text to the job's summary, and hands it to other jobs as the step's output `name`. What is not there is left out. */
export function handOn(name: string, text: string, env: Env): { readonly summary: boolean; readonly output: boolean } {
  const [summary, output] = [env["GITHUB_STEP_SUMMARY"], env["GITHUB_OUTPUT"]];
  if (summary) appendFileSync(summary, `${text}\n`);
  // A line that the text cannot hold ends it.
  const end = `floe-${crypto.randomUUID()}`;
  if (output) appendFileSync(output, `${name}<<${end}\n${text}\n${end}\n`);
  return { summary: Boolean(summary), output: Boolean(output) };
}

// --- internal ---

const timeoutMs = 30_000;
const perPage = 100;
/** A thread with more comments than these pages hold gets another comment. */
const pages = 20;

interface Api {
  readonly base: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Found {
  readonly id: number;
  readonly body: string;
  readonly url: string;
}

/** The event's own words; the number is not in the environment. */
function pullRequestOf(env: Env): number | undefined {
  const text = env["GITHUB_EVENT_PATH"] ? readText(env["GITHUB_EVENT_PATH"]) : undefined;
  const event: unknown = text === undefined ? undefined : JSON.parse(text);
  const request = isRecord(event) ? event["pull_request"] : undefined;
  const number = isRecord(request) ? request["number"] : undefined;
  return typeof number === "number" ? number : undefined;
}

function toSummary(text: string, env: Env, why: string): Commented {
  if (!env["GITHUB_STEP_SUMMARY"])
    throw new FloeError(`There is nowhere to write to: ${why}, and no GITHUB_STEP_SUMMARY`);
  appendFileSync(env["GITHUB_STEP_SUMMARY"], `${text}\n`);
  return { outcome: "summary", why };
}

async function findComment(api: Api, number: number, marker: string): Promise<Found | "refused" | undefined> {
  for (let page = 1; page <= pages; page++) {
    const answer = await call(api, "GET", `/${number}/comments?per_page=${perPage}&page=${page}`);
    if (isRefused(answer)) return "refused";
    const comments = Array.isArray(answer.body) ? answer.body.filter(isRecord) : [];
    const own = comments.find(({ body }) => typeof body === "string" && body.startsWith(marker));
    if (own !== undefined)
      return { id: Number(own["id"]), body: String(own["body"]), url: String(own["html_url"] ?? "") };
    if (comments.length < perPage) return undefined;
  }
  return undefined;
}

/** A token of a fork may read only. */
function isRefused({ status }: Answer): boolean {
  return status === 401 || status === 403 || status === 404;
}

/** @throws FloeError for what is neither done nor refused */
async function call({ base, token, signal }: Api, method: string, path: string, body?: object): Promise<Answer> {
  const request = {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "floe",
      "x-github-api-version": "2022-11-28",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const answer = await within(timeoutMs, signal, async (limit): Promise<Answer> => {
    const response = await fetch(`${base}${path}`, { ...request, signal: limit });
    return { status: response.status, body: await response.json().catch(() => undefined) };
  }).catch((cause: unknown) => {
    if (signal.aborted) throw new CancelledError("Cancelled while GitHub was asked");
    throw new FloeError(`Cannot reach GitHub at "${base}": ${(cause as Error).message}`, { cause });
  });
  if ((answer.status >= 200 && answer.status < 300) || isRefused(answer)) return answer;
  throw new FloeError(`GitHub answered ${method} ${path} with ${answer.status}: ${JSON.stringify(answer.body)}`);
}
