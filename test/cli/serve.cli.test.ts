/** `floe serve` over real HTTP: what lets a browser in, and attacks that must fail. No Incus is needed: the server of this fleet does not answer. */
import { readdirSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureIdentity } from "../../src/remotes/identity.ts";
import type { FleetState } from "../../src/serve/protocol.ts";
import { type Browser, logIn, type Serving, startServing, tryWebSocket } from "../support/serve.ts";
import type { TempProject } from "../support/temp-project.ts";
import { buildFloe, fleetProject, floe } from "./support/floe.ts";

let project: TempProject;
let serving: Serving;
let browser: Browser;

beforeAll(async () => {
  buildFloe();
  project = await fleetProject();
  serving = await startServing(project.root);
  browser = await logIn(serving);
});
afterAll(async () => {
  await serving?.stop();
  await project?.remove();
});

const tokenOf = (link: string): string => new URL(link).searchParams.get("token") ?? "";
const newLink = async (): Promise<string> => {
  const { stdout, exitCode } = await floe(["serve", "--new-link"], { cwd: project.root });
  expect(exitCode).toBe(0);
  return stdout.trim();
};
const cookies = (): { Cookie: string } => ({ Cookie: browser.headers["Cookie"] ?? "" });

describe("the way in", () => {
  test("the link gives a cookie that no script can read, and leads on without the token", async () => {
    const answer = await serving.send(`/?token=${tokenOf(await newLink())}`);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/");
    const [cookie] = answer.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(
      new RegExp(`^floe-${serving.port}=[\\w-]{43}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Strict$`),
    );
  });

  test("a link works once, and a new one takes the place of one that nobody used", async () => {
    const unused = tokenOf(await newLink());
    const token = tokenOf(await newLink());
    expect((await serving.send(`/?token=${unused}`)).status).toBe(401);
    expect((await serving.send(`/?token=${token}`)).status).toBe(303);
    const replayed = await serving.send(`/?token=${token}`);
    expect(replayed.status).toBe(401);
    expect(replayed.headers["set-cookie"]).toBeUndefined();
    expect(JSON.parse(replayed.text)).toMatchObject({
      code: "LINK_USED",
      hint: "It works once. A new one: floe serve --new-link",
    });
  });

  test("of many who come with the same link at once, one is let in", async () => {
    const token = tokenOf(await newLink());
    const answers = await Promise.all(Array.from({ length: 4 }, () => serving.send(`/?token=${token}`)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  test("a person whose link is used up sees the page; one who is in stays in", async () => {
    const token = tokenOf(serving.link);
    const html = { Accept: "text/html" };
    const stranger = await serving.send(`/?token=${token}`, { headers: html });
    expect([stranger.status, stranger.headers["content-type"]]).toEqual([401, "text/html; charset=utf-8"]);
    expect((await serving.send(`/?token=${token}`, { headers: { ...html, ...cookies() } })).status).toBe(303);
  });

  test("a browser that fetches in advance does not use the link up", async () => {
    const token = tokenOf(await newLink());
    const headers = { "Sec-Purpose": "prefetch;prerender" };
    expect((await serving.send(`/?token=${token}`, { headers })).status).toBe(403);
    expect((await serving.send(`/?token=${token}`)).status).toBe(303);
  });

  test("a token can be typed in", async () => {
    const sent = { method: "POST", headers: { "Content-Type": "application/json" } };
    const link = await newLink();
    const answer = await serving.send("/api/login", { ...sent, body: JSON.stringify({ token: link }) });
    expect([answer.status, answer.headers["set-cookie"]?.length]).toEqual([200, 1]);
    expect((await serving.send("/api/login", { ...sent, body: JSON.stringify({ token: link }) })).status).toBe(401);
  });

  test("what is kept is for its owner alone, and holds no token and no cookie", async () => {
    const folder = path.join(project.root, ".floe/serve");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await newLink();
    const files = readdirSync(folder);
    expect(files.sort()).toEqual(["json", "link", "sessions"].map((kind) => `${serving.port}.${kind}`));
    for (const file of files) expect(statSync(path.join(folder, file)).mode & 0o777, file).toBe(0o600);
  });

  test("a session survives a restart, and ends by logging out", async () => {
    const first = await startServing(project.root);
    const there = await logIn(first);
    expect(await first.stop()).toBe(0);
    const again = await startServing(project.root, ["--port", String(first.port)]);
    try {
      const headers = { Cookie: there.headers["Cookie"] ?? "" };
      expect((await again.send("/api/session", { headers })).status).toBe(200);
      expect((await again.send("/api/logout", { method: "POST", headers: there.headers })).status).toBe(200);
      expect((await again.send("/api/session", { headers })).status).toBe(401);
    } finally {
      await again.stop();
    }
  });
});

describe("who is not let in", () => {
  test.each(["/api/session", "/api/fleet", "/api/jobs", "/api/events", "/api/nothing"])(
    "nobody reads %s",
    async (target) => {
      const answer = await serving.send(target);
      expect(answer.status).toBe(401);
      expect(answer.text).not.toContain("web-1");
    },
  );

  test("cookies that are wrong, of another port, or there twice", async () => {
    const own = browser.headers["Cookie"] ?? "";
    const [, value = ""] = own.split("=");
    for (const cookie of [`${own.slice(0, -1)}x`, `floe-1=${value}`, `${own}; ${own}`, `floe-${serving.port}=`])
      expect((await serving.send("/api/fleet", { headers: { Cookie: cookie } })).status, cookie).toBe(401);
  });

  test("who guesses tokens waits", async () => {
    const other = await startServing(project.root);
    try {
      const guess = () => other.send("/?token=AAAA");
      const statuses = [];
      for (let count = 0; count < 12; count += 1) statuses.push((await guess()).status);
      expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
      expect((await guess()).headers["retry-after"]).toBe("60");
    } finally {
      await other.stop();
    }
  });

  test.each([
    "evil.example",
    "127.0.0.1.evil.example:PORT",
    "127.0.0.1:1",
    "localhost",
    "evil.example:PORT",
    "127.0.0.1:PORT@evil.example",
  ])("a name that somebody made point here: %s", async (name) => {
    const headers = { Host: name.replace("PORT", String(serving.port)), Cookie: browser.headers["Cookie"] ?? "" };
    for (const target of ["/", "/api/fleet", `/?token=${tokenOf(await newLink())}`]) {
      const answer = await serving.send(target, { headers });
      expect([answer.status, answer.headers["set-cookie"]]).toEqual([421, undefined]);
    }
  });

  test("no name at all", async () => {
    const socket = net.connect(serving.port, "127.0.0.1");
    socket.end("GET /api/session HTTP/1.0\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 421 /);
  });

  test("other names of this machine are its own", async () => {
    const headers = { Host: `localhost:${serving.port}`, ...cookies() };
    expect((await serving.send("/api/session", { headers })).status).toBe(200);
  });
});

describe("pages of others", () => {
  const change = (headers: Record<string, string>, body = '{"selection":null}') =>
    serving.send("/api/plan", { method: "POST", headers, body });

  test("a change without the CSRF header, or with a wrong one", async () => {
    const { "X-Floe-Csrf": csrf = "", ...headers } = browser.headers;
    expect((await change(headers)).status).toBe(403);
    expect((await change({ ...headers, "X-Floe-Csrf": `${csrf.slice(1)}x` })).status).toBe(403);
    expect(await browser.get("api/jobs")).toEqual([]);
  });

  test.each([
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: "http://127.0.0.1:1" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { "Sec-Fetch-Site": "none" },
  ])("a change that comes from %o", async (extra) => {
    const answer = await change({ ...browser.headers, ...extra });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, "FOREIGN_ORIGIN"]);
    expect(await browser.get("api/jobs")).toEqual([]);
  });

  test("a cross-site form: its content types are not taken", async () => {
    const { "Content-Type": _, ...headers } = browser.headers;
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
      expect((await change({ ...headers, "Content-Type": type })).status, type).toBe(415);
    expect(await browser.get("api/jobs")).toEqual([]);
  });

  test("what they load, as a script or an image", async () => {
    for (const site of ["cross-site", "same-site"])
      expect((await serving.send("/api/fleet", { headers: { ...cookies(), "Sec-Fetch-Site": site } })).status).toBe(
        403,
      );
    const answer = await serving.send("/api/fleet", { headers: cookies() });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
  });

  test("WebSockets: without a session, without an Origin, from elsewhere, by another name", async () => {
    const { Cookie = "", Host = "", Origin = "" } = browser.headers;
    const url = `${serving.url}api/instances/web-1/terminal`;
    expect(await tryWebSocket(url, { Origin })).toBe(401);
    expect(await tryWebSocket(url, { Cookie })).toBe(403);
    expect(await tryWebSocket(url, { Cookie, Origin: "https://evil.example" })).toBe(403);
    expect(await tryWebSocket(url, { Cookie, Origin, "Sec-Fetch-Site": "same-site" })).toBe(403);
    expect(await tryWebSocket(url, { Cookie, Origin: "https://evil.example", Host: "evil.example" })).toBe(421);
    expect(await tryWebSocket(`${serving.url}api/fleet`, { Cookie, Origin, Host })).toBe(400);
    expect(await tryWebSocket(`${serving.url}api/instances/nobody/nothing`, { Cookie, Origin, Host })).toBe(404);
  });
});

describe("answers", () => {
  test("say to the browser what it may do with them", async () => {
    for (const target of ["/", "/api/session", "/api/nothing"]) {
      const { headers } = await serving.send(target, { headers: cookies() });
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
      });
    }
    expect((await serving.send("/api/session", { headers: cookies() })).headers["cache-control"]).toBe("no-store");
  });

  test("the page holds no inline script", async () => {
    const { text, status } = await serving.send("/");
    expect(status).toBe(200);
    expect(text).toContain("<title>floe</title>");
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style| on\w+="/);
  });

  test("deep links are the page, and its files are kept for ever", async () => {
    const page = (await serving.send("/")).text;
    expect((await serving.send("/instances/web-1")).text).toBe(page);
    const script = /src="(assets\/main[^"]+)"/.exec(page)?.[1];
    const { headers, status } = await serving.send(`/${script}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    });
  });

  test.each([
    "/../../../etc/passwd",
    "/assets/../../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2f..%2fpackage.json",
    "/assets/%2e%2e%5c%2e%2e%5cpackage.json",
    "//etc/passwd",
    "/assets//etc/passwd",
    "/assets/main.js%00.css",
    "/api/../.floe/serve/",
    "/.floe/serve/sessions.json",
    "/floe.config.ts",
    "/assets/",
    "/index.html/..",
    "http://evil.example/api/fleet",
    "*",
  ])("a path that leads nowhere: %s", async (target) => {
    const answer = await serving.send(target, { headers: cookies() });
    expect([400, 404]).toContain(answer.status);
    expect(answer.text).not.toMatch(/root:|"name": "floe"/);
  });

  test.each([
    "..",
    "%2e%2e",
    "web-1%2f..%2fweb-2",
    "web-1%00",
    "web%0a1",
    "a%5cb",
    "%",
    "%c0%ae",
    "",
    "constructor",
    "__proto__",
  ])("a name that is none: %s", async (name) => {
    for (const target of [`/api/jobs/${name}`, `/api/plans/${name}`]) {
      const { status, text } = await serving.send(target, { headers: cookies() });
      expect([status, text.includes("    at ")], target).toEqual([404, false]);
    }
  });

  test("words that an attacker chose come back as JSON, never as a page", async () => {
    const { text, headers, status } = await serving.send(`/api/jobs/${encodeURIComponent("<script>alert(1)<")}`, {
      headers: cookies(),
    });
    expect([status, headers["content-type"]]).toEqual([404, "application/json; charset=utf-8"]);
    expect(JSON.parse(text).message).toContain("<script>");
  });

  test("the wrong method is said to be that", async () => {
    const { status, headers } = await serving.send("/api/jobs", { method: "DELETE", headers: browser.headers });
    expect([status, headers.allow]).toEqual([405, "GET"]);
    expect((await serving.send("/", { method: "POST" })).status).toBe(405);
  });
});

describe("limits", () => {
  test("bodies that are too large, with and without a length", async () => {
    const body = JSON.stringify({ selection: ["x".repeat(70_000)] });
    expect((await browser.post("api/plan", { selection: ["x".repeat(70_000)] })).status).toBe(413);
    const headers = { ...browser.headers, "Transfer-Encoding": "chunked" };
    expect((await serving.send("/api/plan", { method: "POST", headers, body })).status).toBe(413);
    expect(
      (await serving.send("/api/login", { method: "POST", headers: { "Content-Type": "application/json" }, body }))
        .status,
    ).toBe(413);
  });

  test("headers that are too large", async () => {
    expect((await serving.send("/", { headers: { "X-Long": "x".repeat(20_000) } })).status).toBe(431);
  });

  test.each([
    ["api/plan", "[]"],
    ["api/plan", '{"selection":"web-1"}'],
    ["api/plan", '{"selection":[{"a":1}]}'],
    ["api/plan", '{"selection":null,"rm":true}'],
    ["api/plan", '{"selection":[],"prune":"yes"}'],
    ["api/plan", "{"],
    ["api/apply", "{}"],
    ["api/power", '{"action":"destroy","instances":["local/default/web-1"]}'],
    ["api/power", '{"action":"stop","instances":[]}'],
    ["api/instances/web-1/rollback", '{"to":-1}'],
  ])("%s does not take %s", async (target, body) => {
    const answer = await serving.send(`/${target}`, { method: "POST", headers: browser.headers, body });
    expect(answer.status, answer.text).toBe(400);
  });

  test("names that are not the fleet's", async () => {
    const power = await browser.post("api/power", { action: "stop", instances: ["local/default/web-3"] });
    expect(power).toMatchObject({ status: 404, body: { hint: expect.stringContaining("web-") } });
    expect((await browser.post("api/apply", { planId: "AAAA" })).status).toBe(404);
    expect((await browser.post("api/instances/nobody/rollback", {})).status).toBe(404);
    expect((await browser.post("api/hosts/toString/rollback", {})).status).toBe(404);
  });

  test("a client that sends its request by the letter is dropped", { timeout: 30_000 }, async () => {
    const socket = net.connect(serving.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
    const drip = setInterval(() => socket.write("x"), 500);
    const begun = Date.now();
    await new Promise((resolve) => socket.resume().on("close", resolve).on("error", resolve));
    clearInterval(drip);
    expect(Date.now() - begun).toBeLessThan(25_000);
  });
});

describe("what it serves", () => {
  test("the fleet, though its server does not answer", async () => {
    const fleet = await browser.fleetWhen(
      ({ servers }) => servers[0]?.error?.includes("socket") === true,
      "the server's state",
    );
    expect(fleet.servers).toMatchObject([{ name: "local", state: "unreachable" }]);
    expect(fleet.instances.map(({ name, state }) => [name, state])).toEqual([
      ["web-1", "unknown"],
      ["web-2", "unknown"],
    ]);
    expect(fleet.hosts).toMatchObject([{ name: "crown", state: "elsewhere" }]);
  });

  test("a project that does not load keeps the fleet of before and says what is wrong; then it is mended", async () => {
    const file = "containers/web.ts";
    await project.write(file, "export default 1 +;\n");
    const broken = await browser.fleetWhen(({ problems }) => problems.length > 0, "the problem");
    expect(broken.problems).toMatchObject([{ subject: "project", file }]);
    expect(broken.instances).toHaveLength(2);
    await project.write(
      file,
      `import { container } from "floe";
export default container({ system: "x86_64-linux", instances: { "web-1": {}, "web-2": {}, "web-3": {} } }, { services: {} });
`,
    );
    const mended = await browser.fleetWhen(({ problems }) => problems.length === 0, "no problem");
    expect(mended.instances.map(({ name }) => name)).toEqual(["web-1", "web-2", "web-3"]);
  });

  test("events: the fleet at once, what was missed by its id, and a reset for an id that means nothing", async () => {
    const first = await browser.listen();
    await expect.poll(() => first.events.length).toBeGreaterThan(0);
    expect(first.events[0]).toMatchObject({ type: "fleet", data: { servers: [{ name: "local" }] } });
    const job = await browser.begin("api/plan-hosts", { hosts: ["crown"] });
    await browser.ended(job);
    await expect
      .poll(() =>
        first.events.some(({ type, data }) => type === "job" && (data as { state: string }).state !== "running"),
      )
      .toBe(true);
    first.close();
    const told = first.events.filter(({ id }) => id !== undefined);
    const second = await browser.listen(told[0]?.id);
    await expect.poll(() => second.events.at(-1)?.type).toBe("fleet");
    second.close();
    expect(second.events.filter(({ id }) => id !== undefined)).toEqual(told.slice(1));
    const stranger = await browser.listen("12345678-1");
    await expect.poll(() => stranger.events.length).toBeGreaterThan(1);
    expect(stranger.events[0]).toMatchObject({ type: "reset", data: {} });
    stranger.close();
  });

  test("a stream that cannot begin is refused as any request", async () => {
    const answer = await serving.send("/api/instances/nobody/logs", { headers: cookies() });
    expect([answer.status, answer.headers["content-type"]]).toEqual([404, "application/json; charset=utf-8"]);
    expect((await serving.send("/api/events", { method: "HEAD", headers: cookies() })).status).toBe(405);
  });

  test("the lock of another floe is respected", async () => {
    const holder = await import("../../src/state/lock.ts");
    const lock = holder.acquireLock(project.root, "apply", "me@desk");
    try {
      const answer = await browser.post("api/power", { action: "restart", instances: ["local/default/web-1"] });
      expect(answer).toMatchObject({
        status: 409,
        body: { code: "LOCKED", message: expect.stringContaining('"apply"') },
      });
    } finally {
      lock.release();
    }
  });
});

describe("other ways to run it", () => {
  const other = async (args: readonly string[], use: (there: Serving) => Promise<void>): Promise<void> => {
    const there = await startServing(project.root, args);
    try {
      await use(there);
    } finally {
      await there.stop();
    }
  };

  test("--read-only refuses every change and every terminal, and shows all the rest", async () => {
    await other(["--read-only"], async (there) => {
      const guest = await logIn(there);
      expect(guest.session.readOnly).toBe(true);
      expect((await guest.get<FleetState>("api/fleet")).instances).toHaveLength(3);
      for (const target of [
        "api/apply",
        "api/power",
        "api/images/prune",
        "api/instances/web-1/rollback",
        "api/jobs/x/cancel",
      ])
        expect(await guest.post(target, {}), target).toMatchObject({ status: 403, body: { code: "READ_ONLY" } });
      const { Cookie = "", Origin = "" } = guest.headers;
      expect(await tryWebSocket(`${there.url}api/instances/web-1/terminal`, { Cookie, Origin })).toBe(403);
    });
  });

  test("--base-path: everything is below it, the cookie too", async () => {
    await other(["--base-path", "floe"], async (there) => {
      expect(there.url).toMatch(/\/floe\/$/);
      const guest = await logIn(there);
      expect(await guest.get("api/session")).toMatchObject({ fleet: "cli-test" });
      expect((await there.send("/floe")).headers.location).toBe("/floe/");
      expect((await there.send("/floe/hosts/crown")).text).toContain('<base href="/floe/"');
      for (const target of ["/", "/api/session", "/floe/../api/session", "/floex/api/session"])
        expect((await there.send(target, { headers: guest.headers })).status, target).toBe(404);
    });
  });

  test("--allow-host: a further name, and no name that only begins so", async () => {
    await other(["--allow-host", "home.example.org"], async (there) => {
      const status = async (Host: string) => (await there.send("/", { headers: { Host } })).status;
      expect(await status("home.example.org")).toBe(200);
      expect(await status("HOME.example.org:8443")).toBe(200);
      expect(await status("home.example.org.evil.example")).toBe(421);
      expect(await status("home.example.org:evil")).toBe(421);
      expect(await status("xhome.example.org")).toBe(421);
    });
  });

  test("--trust-proxy-user: the proxy's word counts, and only when it was asked for", async () => {
    const headers = { "Remote-User": "alice" };
    expect((await serving.send("/api/session", { headers })).status).toBe(401);
    await other(["--trust-proxy-user", "Remote-User"], async (there) => {
      const session = JSON.parse((await there.send("/api/session", { headers })).text) as {
        user: string;
        csrf: string;
      };
      expect(session.user).toBe("alice");
      expect((await there.send("/api/session")).status).toBe(401);
      expect((await there.send("/api/session", { headers: { "Remote-User": "a b\tc" } })).status).toBe(401);
      const changing = { ...headers, "Content-Type": "application/json" };
      const plan = (extra: object) =>
        there.send("/api/plan", { method: "POST", headers: { ...changing, ...extra }, body: '{"selection":null}' });
      expect((await plan({})).status).toBe(403);
      expect((await plan({ "X-Floe-Csrf": session.csrf, "Remote-User": "bob" })).status).toBe(403);
      expect((await plan({ "X-Floe-Csrf": session.csrf, Origin: "https://evil.example" })).status).toBe(403);
      const answer = await plan({ "X-Floe-Csrf": session.csrf });
      expect(JSON.parse(answer.text)).toMatchObject({ kind: "plan", user: "alice" });
    });
  });

  test("beyond this machine only with TLS or --insecure, which says what that means", async () => {
    const refused = await floe(["serve", "--listen", "0.0.0.0"], { cwd: project.root });
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toContain("terminals included, can be reached over the network");
    expect(refused.stderr).toContain("--insecure");
    for (const args of [
      ["--listen", "example.org"],
      ["--tls-cert", "x"],
      ["--base-path", "/a/../b"],
      ["--allow-host", "*"],
      ["--port", "70000"],
    ])
      expect((await floe(["serve", ...args], { cwd: project.root })).exitCode, args.join(" ")).toBe(2);
  });

  test("TLS: an https address, and a cookie that goes nowhere else", async () => {
    const { certificatePath, keyPath } = await ensureIdentity({
      XDG_CONFIG_HOME: path.join(project.root, ".floe/tls"),
    });
    await other(["--tls-cert", certificatePath, "--tls-key", keyPath], async (there) => {
      expect(there.url).toBe(`https://127.0.0.1:${there.port}/`);
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        https.get(there.link, { rejectUnauthorized: false, agent: false }, resolve).on("error", reject);
      });
      answer.resume();
      expect(answer.statusCode).toBe(303);
      expect(answer.headers["set-cookie"]?.[0]).toMatch(/; Secure$/);
      await expect(there.send("/")).rejects.toThrow();
    });
  });

  test("in the journal of the machine there is no link", async () => {
    const env = { JOURNAL_STREAM: "8:1" };
    const child = new Promise<{ stdout: string; stderr: string }>((resolve) => {
      floe(["serve", "--port", "0"], {
        cwd: project.root,
        env,
        onStart: (started) => started.stderr?.on("data", () => started.kill("SIGTERM")),
      }).then(resolve);
    });
    const { stdout, stderr } = await child;
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^The dashboard is at http:\/\/127\.0\.0\.1:\d+\/\. A link for a browser: floe serve --new-link\n/,
    );
    expect(stderr).not.toContain("token");
  });

  test("a port that is taken is refused when it was asked for", async () => {
    const taken = await floe(["serve", "--port", String(serving.port)], { cwd: project.root });
    expect(taken.exitCode).toBe(2);
    expect(taken.stderr).toContain(`port ${serving.port}: it is in use`);
  });

  test("--new-link without a server, or with several, says so", async () => {
    const nowhere = await fleetProject();
    try {
      const alone = await floe(["serve", "--new-link"], { cwd: nowhere.root });
      expect(alone).toMatchObject({ exitCode: 2 });
      expect(alone.stderr).toContain("No dashboard of this project runs");
    } finally {
      await nowhere.remove();
    }
    await other([], async (there) => {
      const several = await floe(["serve", "--new-link"], { cwd: project.root });
      expect(several.stderr).toContain(`--port ${there.port}`);
    });
  });

  test("Ctrl-C ends it calmly: streams are closed, and nothing is left but the sessions", async () => {
    const there = await startServing(project.root);
    const guest = await logIn(there);
    const stream = await guest.listen();
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    const begun = Date.now();
    expect(await there.stop()).toBe(0);
    expect(Date.now() - begun).toBeLessThan(3000);
    expect(there.said()).not.toMatch(/Error|Warning/);
    const left = readdirSync(path.join(project.root, ".floe/serve")).filter((name) =>
      name.startsWith(`${there.port}.`),
    );
    expect(left).toEqual([`${there.port}.sessions`]);
  });
});
