/** What `floe doctor serve` says of the dashboard: its page, the place where it listens, its certificate. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import { ensureIdentity } from "../../src/remotes/identity.ts";
import { freePort } from "../support/ports.ts";
import { startServing } from "../support/serve.ts";
import type { TempProject } from "../support/temp-project.ts";
import { bin, buildFloe, fleetProject, floe, lastDocument } from "./support/floe.ts";

const folder = mkdtempSync(path.join(tmpdir(), "floe-doctor-serve-"));
let project: TempProject;
let port: number;
let other: Server | undefined;

beforeAll(buildFloe);
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  project = await fleetProject();
  port = await freePort();
});
afterEach(async () => {
  other?.close();
  other = undefined;
  await project.remove();
});

/** The dashboard as a service of this very project. */
const configure = (more = ""): Promise<string> =>
  project.write(
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "cli-test", inputs: { nixpkgs: dir("./base") }, hosts: dir("./hosts"),
  serve: { folder: ${JSON.stringify(project.root)}, user: "me", port: ${port}, ${more} } });
`,
  );
const findings = async (name: string): Promise<Finding[]> => {
  const { stdout } = await floe(["doctor", "serve", "--json"], { cwd: project.root });
  const all = lastDocument(stdout)["findings"] as Finding[];
  return all.filter((item) => item.area === "serve" && item.name === name);
};
const hold = (): Promise<void> =>
  new Promise((done) => {
    other = createServer().listen(port, "127.0.0.1", done);
  });

test("its page is there and its port is free, or somebody's, who is named", async () => {
  await configure();
  expect(await findings("page")).toMatchObject([{ status: "ok" }]);
  expect(await findings("port")).toMatchObject([
    { status: "ok", message: `floe serve can listen on 127.0.0.1:${port}` },
  ]);
  await hold();
  expect(await findings("port")).toMatchObject([
    {
      status: "fail",
      message: expect.stringMatching(`127.0.0.1:${port}, .* is held by .+ \\(process ${process.pid}\\)`),
      mend: "End it, or set serve.port in floe.config.ts",
    },
  ]);
  expect((await floe(["doctor", "serve"], { cwd: project.root })).exitCode).toBe(1);
});

test("one that runs for this project already has the port by right, and its link is told", async () => {
  await configure();
  const serving = await startServing(project.root, ["--port", String(port)]);
  try {
    expect(await findings("port")).toMatchObject([
      {
        status: "ok",
        message: `floe serve runs for this project: ${serving.url} (a link for a browser: floe serve --new-link)`,
      },
    ]);
  } finally {
    await serving.stop();
  }
  expect((await findings("port"))[0]?.message).toContain("can listen");
});

test("an address that this machine does not have", async () => {
  await configure('listen: "192.0.2.1", insecure: true');
  expect(await findings("port")).toMatchObject([
    { status: "fail", message: expect.stringContaining(`cannot listen on 192.0.2.1:${port}: `) },
  ]);
});

test("a service on another host is not looked at here", async () => {
  await configure('host: "crown", tls: { cert: "/nonexistent.pem", key: "/nonexistent.key" }');
  await hold();
  expect(await findings("tls")).toEqual([]);
  expect((await findings("port")).filter(({ status }) => status === "fail")).toEqual([]);
});

test("a certificate that cannot be read, that is not one, and one that is", async () => {
  const { certificatePath: cert, keyPath: key } = await ensureIdentity({ XDG_CONFIG_HOME: folder });
  const tls = (files: { cert: string; key: string }): Promise<string> => configure(`tls: ${JSON.stringify(files)}`);
  await tls({ cert: path.join(folder, "gone.pem"), key });
  expect(await findings("tls")).toMatchObject([
    { status: "fail", message: expect.stringMatching(/^Cannot read ".*gone\.pem": ENOENT/) },
  ]);
  writeFileSync(path.join(folder, "no.pem"), "none");
  await tls({ cert: path.join(folder, "no.pem"), key });
  expect(await findings("tls")).toMatchObject([{ status: "fail", mend: "Set serve.tls in floe.config.ts" }]);
  await tls({ cert, key });
  expect(await findings("tls")).toMatchObject([
    { status: "ok", message: expect.stringMatching(/certificate is good until 20\d\d-\d\d-\d\d$/) },
  ]);
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) console.warn("Skipped: a certificate that ends soon, for there is no openssl");

test.skipIf(!hasOpenssl)("a certificate that ends soon", async () => {
  const [cert, key] = [path.join(folder, "soon.pem"), path.join(folder, "soon.key")];
  const words = ["req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=crown", "-days", "5"];
  expect(spawnSync("openssl", [...words, "-out", cert, "-keyout", key]).status).toBe(0);
  await configure(`tls: ${JSON.stringify({ cert, key })}`);
  expect(await findings("tls")).toMatchObject([{ status: "warn", mend: "Renew it, and restart floe-serve" }]);
});

test("a floe that was built without the page", async () => {
  const root = path.dirname(path.dirname(bin));
  const bare = mkdtempSync(path.join(folder, "bare-"));
  cpSync(path.join(root, "dist"), path.join(bare, "dist"), {
    recursive: true,
    filter: (file) => path.basename(file) !== "web",
  });
  cpSync(path.join(root, "package.json"), path.join(bare, "package.json"));
  symlinkSync(path.join(root, "node_modules"), path.join(bare, "node_modules"));
  const { stdout } = spawnSync(process.execPath, [path.join(bare, "dist", "bin.mjs"), "doctor", "serve"], {
    cwd: project.root,
    encoding: "utf8",
  });
  expect(stdout).toMatch(/✗ The dashboard's page is not part of this floe\n {6}Build it: node scripts\/build\.mjs\n/);
});
