/**
 * Servers on the network: made known by a token, used beside this machine's own in one apply, and gone. A second daemon
 * stands for the server elsewhere; the built command is what a user types.
 */
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/incus/connect.ts";
import type { IncusClient } from "../../src/incus/types.ts";
import { type FloeResult, floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const root = path.resolve(import.meta.dirname, "../..");
const incusd = path.join(root, "scripts/setup/incusd.mjs");

describe.skipIf(skipIncus())("Incus servers on the network", { timeout: 120_000 }, () => {
  let here: TestIncus;
  let far: IncusClient;
  let folder: string;
  let url: string;
  let home: TempProject;
  let ports: { readonly here: number; readonly far: number };
  /** floe's own folder, and the Incus client's. */
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    here = await testIncus();
    folder = await mkdtemp(path.join(os.tmpdir(), "floe-far-"));
    // Containers run as other users, who must be able to look in.
    await chmod(folder, 0o755);
    await run("node", [incusd, "start", "--dir", path.join(folder, "incus")]);
    far = await connect({ name: "far", kind: "unix", socket: path.join(folder, "incus/unix.socket") });
    const address = `127.0.0.1:${await freePort()}`;
    url = `https://${address}`;
    await far.request("PATCH", "/1.0", { config: { "core.https_address": address } });
    env = { XDG_CONFIG_HOME: path.join(folder, "config"), INCUS_CONF: path.join(folder, "client") };
    home = await tempProject({}, path.join(root, "examples/home"));
    ports = { here: await freePort(), far: await freePort() };
    await home.write("floe.config.ts", fleet());
    await home.write("containers/web.ts", web("first"));
    await rm(path.join(home.root, "containers/counter.ts"));
  });
  afterAll(async () => {
    await here?.remove();
    far?.close();
    await run("node", [incusd, "remove", "--dir", path.join(folder, "incus")]);
    await home?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const fleet = (farUrl = url) => `import { dir, fleet } from "floe";
export default fleet({
  name: "${here.project}",
  inputs: { nixpkgs: dir("./firn") },
  incus: { here: {}, far: { url: "${farUrl}" } },
  containers: dir("./containers"),
});
`;
  const web = (greeting: string) => `import { container, nix } from "floe";
export default container({
  instances: {
    "on-here": { server: "here", project: "${here.project}", ports: { ${ports.here}: 80 }, health: [{ http: "http://127.0.0.1:${ports.here}/" }] },
    "on-far": { server: "far", ports: { ${ports.far}: 80 }, health: [{ http: "http://127.0.0.1:${ports.far}/" }] },
  },
}, { imports: [nix.path("../modules/site.nix")], services: { httpd: { root: "/etc/site" } }, environment: { etc: { "site/index.html": { text: "${greeting}" } } } });
`;
  const token = async (...more: string[]) =>
    (await incusOfFar("config", "trust", "add", "floe", "--quiet", ...more)).trim().split("\n").at(-1) ?? "";
  const incusOfFar = (...words: string[]) =>
    run("incus", words, { env: { ...process.env, INCUS_DIR: path.join(folder, "incus") } });
  const remote = (...words: string[]): Promise<FloeResult> => floe(home.root, ["remote", ...words], env);
  const page = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text();

  test("a server that nobody added says how to add it, and fails its own part only", async () => {
    const { exitCode, stdout } = await floe(home.root, ["plan"], env);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("on-here");
    expect(stdout).toContain(`floe remote add ${url} --token TOKEN`);
  });

  test("without anything to compare its certificate with, it is not added", async () => {
    const { exitCode, stderr } = await remote("add", url, "--yes");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Nothing says that the server");
    expect((await remote("add", url, "--fingerprint", "0".repeat(64))).stderr).toContain(
      "is not the one of --fingerprint",
    );
    await expect(stat(path.join(folder, "config"))).rejects.toThrow();
  });

  test("a token of another server is noticed before it is sent", async () => {
    const real = JSON.parse(Buffer.from(await token(), "base64").toString()) as Record<string, unknown>;
    const forged = Buffer.from(JSON.stringify({ ...real, fingerprint: "a".repeat(64) })).toString("base64");
    expect((await remote("add", url, "--token", forged)).stderr).toContain("is not the one of the token");
    expect((await remote("add", url, "--token", "nonsense")).stderr).toContain("This is no token of an Incus server");
  });

  test("remote add with a token: trusted from then on, the key readable by its owner alone", async () => {
    const added = await remote("add", url, "--name", "far", "--token", await token());
    expect(added.exitCode, added.stderr).toBe(0);
    expect(added.stdout).toContain("lets this machine in");
    expect((await stat(path.join(folder, "config/floe/client.key"))).mode & 0o777).toBe(0o600);
    const list = JSON.parse((await remote("list", "--json")).stdout);
    expect(list.remotes).toMatchObject([{ name: "far", url, from: "floe", state: "trusted" }]);
    expect((await remote("list")).stdout).toMatch(
      /far +https:\/\/127\.0\.0\.1:\d+ +[0-9a-f]{12} +floe +lets us in, Incus \d/,
    );
    // A second time is no harm; the token is not even used.
    expect((await remote("add", url, "--token", await token())).stdout).toContain("is known as before");
  });

  test("one apply changes instances on both servers", async () => {
    const result = await floe(home.root, ["apply", "--yes"], env);
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    expect(await page(ports.here)).toContain("first");
    expect(await page(ports.far)).toContain("first");
    expect((await floe(home.root, ["plan", "--exit-code"], env)).exitCode).toBe(0);
  });

  test("a server that is down does not hold up the other one", async () => {
    await home.write("floe.config.ts", fleet(`https://127.0.0.1:${await freePort()}`));
    await home.write("containers/web.ts", web("second"));
    const result = await floe(home.root, ["apply", "--yes"], env);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain("far");
    expect(await page(ports.here)).toContain("second");
    expect(await page(ports.far)).toContain("first");
    await home.write("floe.config.ts", fleet());
    expect((await floe(home.root, ["apply", "--yes"], env)).exitCode).toBe(0);
    expect(await page(ports.far)).toContain("second");
  });

  test("remote remove forgets it, and suggests the nearest name", async () => {
    expect((await remote("remove", "fra")).stderr).toContain("Did you mean far?");
    const removed = await remote("remove", "far");
    expect(removed.stdout).toContain("is forgotten");
    expect(removed.stdout).toContain("incus config trust remove");
    expect(JSON.parse((await remote("list", "--json")).stdout).remotes).toEqual([]);
  });

  test("remotes of the Incus client are used as they are", async () => {
    await run("incus", ["remote", "add", "faraway", url, "--accept-certificate", "--token", await token()], {
      env: { ...process.env, INCUS_CONF: path.join(folder, "client") },
    });
    expect(JSON.parse((await remote("list", "--json")).stdout).remotes).toMatchObject([
      { name: "faraway", url, from: "incus", state: "trusted" },
    ]);
    expect((await floe(home.root, ["plan", "--exit-code"], env)).exitCode).toBe(0);
    expect((await remote("remove", "faraway")).stderr).toContain("incus remote remove faraway");
  });

  test("a client that is restricted to a project works in it", async () => {
    await far.request("POST", "/1.0/projects", {
      name: "fenced",
      description: "",
      config: { "features.images": "true" },
    });
    const devices = { root: { type: "disk", path: "/", pool: "default" } };
    await far.request("PUT", "/1.0/profiles/default?project=fenced", { config: {}, description: "", devices });
    const own = { ...env, XDG_CONFIG_HOME: path.join(folder, "restricted"), INCUS_CONF: path.join(folder, "none") };
    const added = await floe(
      home.root,
      ["remote", "add", "--name", "fenced", "--token", "-"],
      own,
      await token("--restricted", "--projects", "fenced"),
    );
    expect(added.exitCode, added.stderr).toBe(0);
    const port = await freePort();
    await home.write(
      "containers/web.ts",
      web("third").replace(
        /"on-far": .*/,
        `"fenced-in": { server: "far", project: "fenced", ports: { ${port}: 80 }, health: [{ http: "http://127.0.0.1:${port}/" }] },`,
      ),
    );
    const result = await floe(home.root, ["apply", "--yes"], own);
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    expect(await page(port)).toContain("third");
    expect(await readFile(path.join(folder, "restricted/floe/remotes.json"), "utf8")).toContain('"fenced"');
  });
});
