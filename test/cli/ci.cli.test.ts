/** The workflow of `floe ci github`: its steps are run as GitHub runs them, in a clone of a real repository, and GitHub's API is a server here. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { buildFloe, type Ended, floe, skipNix } from "./support/floe.ts";
import { type Job, type RanJob, type Runner, runJob } from "./support/github-job.ts";

const repository = path.resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(path.join(tmpdir(), "floe-ci-"));
let project: TempProject;
const at = (file: string): string => path.join(project.root, file);
const inProject = (...args: string[]): Promise<Ended> => floe(args, { cwd: project.root });
const git = (...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
    cwd: project.root,
    encoding: "utf8",
  }).trim();
const replace = (file: string, from: string, to: string): void => {
  const text = readFileSync(at(file), "utf8");
  expect(text).toContain(from);
  writeFileSync(at(file), text.replace(from, to));
};

/** A package as npm has it, but for its name being a folder: the workflow's `npm ci` then needs no registry. */
function ownPackage(): string {
  const folder = path.join(scratch, "floe");
  mkdirSync(folder);
  symlinkSync(path.join(repository, "dist"), path.join(folder, "dist"));
  const { version, exports } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8"));
  writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "floe", version, type: "module", bin: { floe: "dist/bin.mjs" }, exports }),
  );
  return folder;
}

beforeAll(async () => {
  buildFloe();
  execFileSync(process.execPath, [path.join(repository, "scripts/build.mjs")], { stdio: "inherit" });
  project = await tempProject();
  expect((await inProject("init", "--firn")).exitCode).toBe(0);
  replace("floe.config.ts", `name: "${path.basename(project.root)}"`, 'name: "ci-test"');
  replace(
    "floe.config.ts",
    'shells: "./devshells.ts",',
    `shells: "./devshells.ts",
  format: { "*.txt": { command: ["sed", "-i", "s/ *$//"] } },
  lint: { "*.txt": { command: ["grep", "-q", "-v", "bad"] } },
  caches: { push: [{ url: "file://${scratch}/cache", key: "/nonexistent/key" }] },`,
  );
  // As the runner of the workflow does, so that its pins are the same.
  if (!skipNix()) execFileSync("sh", ["firn/add-base.sh", ".floe/roots"], { cwd: project.root, stdio: "pipe" });
  writeFileSync(at("a.txt"), "good\n");
  writeFileSync(
    at("package.json"),
    JSON.stringify({ private: true, type: "module", dependencies: { floe: `file:${ownPackage()}` } }),
  );
  rmSync(at("node_modules"), { recursive: true, force: true });
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund"], { cwd: project.root, stdio: "pipe" });
  git("init", "-q", "-b", "main");
}, 120_000);
afterAll(async () => {
  await project?.remove();
  for (let number = 1; number <= clones; number++)
    rmSync(`${scratch}-clone-${number}`, { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
});

describe.skipIf(skipNix())("in a repository", () => {
  let first = "";

  test("ci github writes the workflow; synth keeps it current, and never over what a person wrote", async () => {
    const missing = await inProject("ci", "github", "--check");
    expect(missing).toMatchObject({
      exitCode: 1,
      stdout: ".github/workflows/floe.yml is not there; floe ci github writes it\n",
    });
    const refused = await inProject("ci", "github", "--push", "MY KEY");
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"MY KEY" cannot be the name of a secret'),
    });
    expect(await inProject("ci", "github", "--push", "FLOE_CACHE_KEY")).toMatchObject({
      exitCode: 0,
      stdout: "Written: .github/workflows/floe.yml; commit it\n",
    });
    expect((await inProject("ci", "github", "--check")).stdout).toBe(".github/workflows/floe.yml is current\n");
    expect((await inProject("synth", "--check")).exitCode).toBe(0);

    const workflow = readFileSync(at(".github/workflows/floe.yml"), "utf8");
    expect(workflow).toContain("# floe ci github --branch main --push FLOE_CACHE_KEY\n");
    replace("floe.config.ts", "  lint: {", "  // lint: {");
    const stale = await inProject("synth", "--check");
    expect(stale.exitCode).toBe(1);
    expect(stale.stdout).toContain("~ .github/workflows/floe.yml, which floe synth writes again\n");
    expect((await inProject("ci", "github", "--check")).exitCode).toBe(1);
    expect((await inProject("synth")).stdout).toContain("Wrote .github/workflows/floe.yml\n");
    expect(readFileSync(at(".github/workflows/floe.yml"), "utf8")).toBe(
      workflow.replace(/^# floe:.*\n/, readMark()).replace(/ {6}- name: Lint\n.*\n/, ""),
    );

    const edited = `${readFileSync(at(".github/workflows/floe.yml"), "utf8")}# mine\n`;
    writeFileSync(at(".github/workflows/floe.yml"), edited);
    replace("floe.config.ts", "  // lint: {", "  lint: {");
    expect((await inProject("synth")).exitCode).toBe(0);
    const kept = await inProject("ci", "github");
    expect(kept).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("was changed since floe wrote it") });
    expect(readFileSync(at(".github/workflows/floe.yml"), "utf8")).toBe(edited);
    expect((await inProject("synth", "--check")).exitCode).toBe(0);
    rmSync(at(".github"), { recursive: true });
    await inProject("ci", "github", "--push", "FLOE_CACHE_KEY");
    await inProject("synth");
    git("add", "-A");
    git("commit", "-qm", "one");
    first = git("rev-parse", "HEAD");
  }, 120_000);

  test("diff tells what changes: packages, where it begins, and the settings of instances; secrets stay hidden", async () => {
    expect(await inProject("diff", "main", "--exit-code")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Nothing differs from main \([0-9a-f]{7}\)\n$/),
    });
    git("switch", "-qc", "change");
    replace("hosts/server.ts", "[pkgs.hello]", "[pkgs.hello, pkgs.bash]");
    replace(
      "containers/web.ts",
      "ports: { 8080: 80 },",
      'ports: { 8081: 80 }, environment: { DB_PASSWORD: "hunter2" },',
    );
    await inProject("synth");
    git("commit", "-qam", "two");
    expect((await inProject("build", "--no-push")).exitCode).toBe(0);
    git("switch", "-q", "main");
    expect((await inProject("build", "--no-push")).exitCode).toBe(0);
    git("switch", "-q", "change");
    const { stdout, exitCode } = await inProject("diff", "main", "--exit-code");
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^~ host server {2}changed, 2 new, 1 file\n {4}\+ bash +5\./);
    expect(stdout).toMatch(/because of \+bash-5/);
    expect(stdout).not.toContain("container web");
    expect(stdout).toContain("    ports[0].listen: tcp:127.0.0.1:8080 → tcp:127.0.0.1:8081\n");
    expect(stdout).toContain("    environment.DB_PASSWORD: (none) → (hidden)\n");
    const json = JSON.parse((await inProject("diff", "main", "--json")).stdout);
    expect(json).toMatchObject({ version: 1, kind: "diff", base: { ref: "main", commit: first } });
    expect(json.parts.map(({ kind, name, state }: Record<string, string>) => `${kind} ${name} ${state}`)).toEqual([
      "host server changed",
      "container web same",
      "shell default same",
    ]);
    expect(JSON.stringify(json)).not.toContain("hunter2");
    expect(git("status", "--short")).toBe("");
  }, 120_000);

  test("what is not a commit, and what cannot be compared with", async () => {
    expect(await inProject("diff", "no-such")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('git knows no commit "no-such"'),
    });
    const none = await inProject("diff", "0".repeat(40));
    expect(none.stdout).toContain("differ: there was nothing before\n");
    const forced = await inProject("build", "--changed-since", "1234567890".repeat(4), "--no-push");
    expect(forced).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("All is new: this clone does not have the commit 1234567"),
    });
  }, 120_000);

  test("the steps of a push and of a pull request run, in order; the comment is written once and then brought up to date", async () => {
    const api = await startApi();
    try {
      const pushed = await runWorkflow(clone("main"), pushEvent(), api);
      expect(pushed.check?.steps.map(({ name, exitCode }) => [name, exitCode])).toEqual(
        [
          "Install floe",
          "Put floe on the PATH",
          "Programs for firn/add-base.sh",
          "Formatting",
          "Lint",
          "Generated files",
          "Types and evaluation",
          "Build what changed, for the cache",
          "What changes",
        ].map((name) => [name, 0]),
      );
      expect(pushed.comment).toBeUndefined();
      expect(existsSync(path.join(scratch, "cache", "nix-cache-info"))).toBe(true);
      const narinfo = execFileSync(
        "sh",
        ["-c", `cat ${scratch}/cache/*nixos-system* ${scratch}/cache/*.narinfo 2>/dev/null || true`],
        { encoding: "utf8" },
      );
      expect(narinfo).toContain("Sig: ci-test-1:");

      const asked = await runWorkflow(clone("change"), pullEvent("me/systems"), api);
      expect(asked.check?.steps.map(({ name, exitCode }) => [name, exitCode])).toEqual(
        [
          "Install floe",
          "Put floe on the PATH",
          "Programs for firn/add-base.sh",
          "Formatting",
          "Lint",
          "Generated files",
          "Types and evaluation",
          "Build what changed",
          "What changes",
        ].map((name) => [name, 0]),
      );
      const build = asked.check?.steps.find(({ name }) => name === "Build what changed");
      expect(build?.output).toContain("1 of 3 to build");
      expect(asked.check?.summary).toContain("| bash |  | 5.");
      expect(asked.comment?.steps.at(-1)).toMatchObject({
        exitCode: 0,
        output: expect.stringContaining("Comment created: https://example.org/1"),
      });
      expect(api.comments).toHaveLength(2);
      expect(api.comments[1]?.body).toBe(asked.check?.summary.trim());
      expect(api.comments[1]?.body).toContain("| host | **server** | changed | 2 new, 1 file |");
      expect(api.seen).toEqual([
        "GET /api/v3/repos/me/systems/issues/7/comments?per_page=100&page=1",
        "POST /api/v3/repos/me/systems/issues/7/comments",
      ]);

      const plan = asked.check?.outputs["plan"] ?? "";
      const again = await runWorkflow(clone("change"), pullEvent("me/systems"), api, { only: "comment", plan });
      expect(again.comment?.steps.at(-1)?.output).toContain("Comment unchanged");
      git("switch", "-q", "change");
      replace("hosts/server.ts", "22]", "22, 80]");
      await inProject("synth");
      git("commit", "-qam", "three");
      replace("containers/web.ts", "8081: 80", "8082: 80");
      git("commit", "-qam", "four");
      const updated = await runWorkflow(clone("change"), pullEvent("me/systems"), api);
      expect(updated.comment?.steps.at(-1)?.output).toContain("Comment updated: https://example.org/1");
      expect(api.comments).toHaveLength(2);
      expect(api.comments[1]?.body).toContain("8082");
      expect(api.tokens).toEqual(new Set(["Bearer the-token"]));
    } finally {
      api.server.close();
    }
  }, 300_000);

  test("a fork has no job that comments; a token that may only read leaves the text in the summary", async () => {
    const api = await startApi({ readOnly: true });
    try {
      const forked = await runWorkflow(clone("change"), pullEvent("somebody/systems"), api);
      expect(forked.comment).toBeUndefined();
      expect(forked.check?.summary).toContain("**server**");
      const refused = await runWorkflow(clone("change"), pullEvent("me/systems"), api, {
        only: "comment",
        plan: forked.check?.outputs["plan"] ?? "",
      });
      expect(refused.comment?.steps.at(-1)).toMatchObject({
        exitCode: 0,
        output: "Written to the job's summary: the token may not write comments\n",
      });
      expect(refused.comment?.summary).toContain("**server**");
    } finally {
      api.server.close();
    }
  }, 120_000);

  test("a check that fails ends the job red, and the comparison is told all the same", async () => {
    git("switch", "-q", "change");
    writeFileSync(at("a.txt"), "good  \n");
    git("commit", "-qam", "five");
    const api = await startApi();
    try {
      const { check } = await runWorkflow(clone("change"), pullEvent("me/systems"), api);
      expect(check?.steps.map(({ name, exitCode }) => [name, exitCode]).slice(3)).toEqual([
        ["Formatting", 1],
        ["What changes", 0],
      ]);
      expect(check?.steps[3]?.output).toContain("✗ a.txt  sed is not formatted");
    } finally {
      api.server.close();
    }
  }, 120_000);
});

function readMark(): string {
  return `${readFileSync(at(".github/workflows/floe.yml"), "utf8").split("\n")[0]}\n`;
}

let clones = 0;

/** As actions/checkout leaves it: the branch, with all of its history. */
function clone(branch: string): string {
  // Beside the project: npm keeps a package in a folder by its relative path.
  const folder = `${scratch}-clone-${++clones}`;
  git("clone", "-q", "--branch", branch, project.root, folder);
  return folder;
}

const pushEvent = (): object => ({ event_name: "push", event: { before: "0".repeat(40) } });
const pullEvent = (from: string): object => ({
  event_name: "pull_request",
  event: { pull_request: { number: 7, base: { sha: git("rev-parse", "main") }, head: { repo: { full_name: from } } } },
});

interface RanWorkflow {
  readonly check?: RanJob | undefined;
  readonly comment?: RanJob | undefined;
}

async function runWorkflow(
  folder: string,
  event: object,
  api: Api,
  { only, plan }: { readonly only?: "comment"; readonly plan?: string } = {},
): Promise<RanWorkflow> {
  const { jobs } = parse(readFileSync(path.join(folder, ".github/workflows/floe.yml"), "utf8")) as {
    jobs: { check: Job; comment: Job };
  };
  const github = { ...event, repository: "me/systems", token: "the-token", workflow: "floe", ref: "refs/x", sha: "x" };
  const temp = path.join(scratch, `runner-${clones}`);
  mkdirSync(temp, { recursive: true });
  writeFileSync(path.join(temp, "event.json"), JSON.stringify((event as { event: object }).event));
  const { GITHUB_TOKEN: _, ...own } = process.env;
  const env = {
    ...own,
    CI: "true",
    NO_COLOR: "1",
    FLOE_OFFLINE: "1",
    npm_config_offline: "true",
    GITHUB_API_URL: api.url,
    GITHUB_REPOSITORY: "me/systems",
    GITHUB_EVENT_PATH: path.join(temp, "event.json"),
  };
  const runner: Runner = {
    folder,
    temp,
    env,
    contexts: { github, secrets: { FLOE_CACHE_KEY: secretKey() }, runner: { os: "Linux" } },
  };
  const check = only === "comment" ? undefined : await runJob(jobs.check, runner);
  const needs = { check: { outputs: check?.outputs ?? { plan }, result: "success" } };
  return { check, comment: await runJob(jobs.comment, { ...runner, contexts: { ...runner.contexts, needs } }) };
}

let key = "";

function secretKey(): string {
  if (key === "") {
    const files = [path.join(scratch, "key.sec"), path.join(scratch, "key.pub")] as const;
    execFileSync("nix-store", ["--generate-binary-cache-key", "ci-test-1", ...files]);
    key = readFileSync(files[0], "utf8").trim();
  }
  return key;
}

interface Api {
  readonly server: Server;
  readonly url: string;
  readonly comments: { id: number; body: string; html_url: string }[];
  /** Requests, as `METHOD PATH`. */
  readonly seen: string[];
  readonly tokens: Set<string>;
}

/** GitHub's comments of issues, with one that somebody else has written. */
async function startApi({ readOnly = false } = {}): Promise<Api> {
  const comments = [{ id: 1, body: "Looks good", html_url: "https://example.org/0" }];
  const [seen, tokens] = [[] as string[], new Set<string>()];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push(`${request.method} ${request.url}`);
      tokens.add(request.headers.authorization ?? "");
      const answer = (status: number, value: unknown): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(value));
      };
      if (request.method === "GET") return answer(200, comments);
      if (readOnly) return answer(403, { message: "Resource not accessible by integration" });
      const text = JSON.parse(body).body as string;
      const id = Number(/\/comments\/(\d+)$/.exec(request.url ?? "")?.[1]);
      const known = comments.find((each) => each.id === id);
      if (request.method === "PATCH" && known !== undefined) {
        known.body = text;
        return answer(200, known);
      }
      const made = { id: 2, body: text, html_url: "https://example.org/1" };
      comments.push(made);
      return answer(201, made);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}/api/v3`, comments, seen, tokens };
}
