/** An apply by the clock, as systemd would start it: an input that moves, who is told, and what is taken back. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FloeResult, floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const root = path.resolve(import.meta.dirname, "../..");

interface Told {
  readonly subject: string;
  readonly text: string;
  readonly isFailure: boolean;
}

describe.skipIf(skipIncus())("a nightly apply", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  let content: TempProject;
  let hook: http.Server;
  let port: number;
  const told: Told[] = [];

  beforeAll(async () => {
    incus = await testIncus();
    hook = http.createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        told.push(JSON.parse(body) as Told);
        response.end();
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
    content = await tempProject({ "flake.nix": page("fine") });
    await git("init", "--quiet", "--initial-branch=main");
    await commit("fine");
    port = await freePort();
    home = await tempProject({}, path.join(root, "examples/home"));
    await home.write("secrets/hook", `http://127.0.0.1:${(hook.address() as { port: number }).port}/\n`);
    await home.write("floe.config.ts", fleet());
    await home.write("containers/web.ts", web());
    await run("rm", [path.join(home.root, "containers/counter.ts")]);
    const made = await floe(home.root, ["apply", "--yes"]);
    expect(made.exitCode, made.stderr).toBe(0);
  });
  afterAll(async () => {
    await incus?.remove();
    await home?.remove();
    await content?.remove();
    hook?.close();
  });

  const git = (...words: string[]) =>
    run("git", ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-C", content.root, ...words]);
  const page = (text: string) => `{ outputs = { self }: { page = "${text}"; }; }\n`;
  async function commit(text: string): Promise<void> {
    await content.write("flake.nix", page(text));
    await git("add", "--all");
    await git("commit", "--quiet", "--allow-empty", "--message", text);
  }
  const fleet = () => `import { dir, fleet } from "floe";
export default fleet({
  name: "${incus.project}",
  inputs: { nixpkgs: dir("./firn"), content: "git+file://${content.root}?ref=main" },
  containers: dir("./containers"),
  nightly: {
    folder: "${home.root}",
    updateInputs: ["content"],
    notify: [
      { webhook: { file: "${home.root}/secrets/hook" } },
      { command: ["sh", "-c", "cat > '${home.root}/secrets/mail'"] },
    ],
  },
});
`;
  const web = () => `import { container, nix } from "floe";
export default container({
  instances: {
    up: { project: "${incus.project}", ports: { ${port}: 80 }, health: [{ http: "http://127.0.0.1:${port}/", body: "fine", within: "5s" }] },
    resting: { project: "${incus.project}", autostart: false },
  },
}, ({ inputs }) => ({
  imports: [nix.path("../modules/site.nix")],
  services: { httpd: { root: "/etc/site" } },
  environment: { etc: { "site/index.html": { text: inputs.content.page } } },
}));
`;
  const night = (): Promise<FloeResult> =>
    floe(home.root, ["apply", "--yes", "--notify", "--instances", "running", "--update-inputs", "content"]);
  const served = async () => (await (await fetch(`http://127.0.0.1:${port}/`)).text()).trim();
  const lock = () => readFile(path.join(home.root, "flake.lock"), "utf8");

  test("nothing new: nothing changes and nobody is told", async () => {
    const before = await lock();
    const result = await night();
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await lock()).toBe(before);
    expect(told).toEqual([]);
  });

  test("a newer input updates what runs, leaves alone what rests, and is told", async () => {
    await incus.client.setInstanceState(incus.project, "resting", "stop", { force: true });
    const before = (await incus.client.getInstance(incus.project, "resting"))?.value.config["volatile.base_image"];
    await commit("fine morning");
    const result = await night();
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    expect(await served()).toBe("fine morning");
    const after = (await incus.client.getInstance(incus.project, "resting"))?.value;
    expect(after).toMatchObject({ status: "Stopped", config: { "volatile.base_image": before } });
    expect(told).toMatchObject([{ subject: `${incus.project}: 1 instance updated`, isFailure: false }]);
    expect(told[0]?.text).toMatch(/^input +content: \w{9} \(.*\) → \w{9} \(.*\)\ndone +up: swap, /);
    expect(await readFile(path.join(home.root, "secrets/mail"), "utf8")).toContain("1 instance updated\n\ninput");
  });

  test("what does not come up healthy goes back, and the lock with it", async () => {
    const before = await lock();
    told.length = 0;
    await commit("broken");
    const result = await night();
    expect(result.exitCode, result.stderr).toBe(4);
    expect(await served()).toBe("fine morning");
    expect(await lock()).toBe(before);
    expect(told).toMatchObject([{ subject: `${incus.project}: 1 failed`, isFailure: true }]);
    expect(told[0]?.text).toContain("what ran before runs again");
    expect(told[0]?.text).toContain("flake.lock was put back as it was");
    // So the next apply by hand has nothing to do with it.
    expect((await floe(home.root, ["plan", "--exit-code", "up"])).exitCode).toBe(0);
  });

  test("what does not evaluate is told too, and the lock is as it was", async () => {
    const before = await lock();
    told.length = 0;
    await content.write("flake.nix", "{ outputs = { self }: { other = 1; }; }\n");
    await git("commit", "--quiet", "--all", "--message", "gone");
    expect((await night()).exitCode).toBe(1);
    expect(await lock()).toBe(before);
    expect(told).toMatchObject([{ isFailure: true }]);
    expect(told[0]?.text).toContain("page");
  });

  test("an input that is none is refused before anything happens", async () => {
    const result = await floe(home.root, ["apply", "--yes", "--update-inputs", "contents"]);
    expect(result).toMatchObject({ exitCode: 2 });
    expect(result.stderr).toContain("Did you mean content?");
    expect((await floe(home.root, ["apply", "--yes", "--update-inputs", "nixpkgs"])).stderr).toContain(
      "folder of the project",
    );
  });

  test("floe nightly prints units that systemd takes", async () => {
    const folder = path.join(home.root, "units");
    // Folders that hold nothing which an apply starts are not the unit's business.
    const PATH = `${path.join(home.root, "secrets")}:${process.env["PATH"]}:/nosuch/bin`;
    const { stdout } = await floe(home.root, ["nightly"], { PATH });
    expect(stdout).toContain("OnCalendar=03:30");
    const folders = /PATH=(.*?)"?$/m.exec(stdout)?.[1]?.split(":") ?? [];
    expect(folders).not.toContain(path.join(home.root, "secrets"));
    expect(folders).not.toContain("/nosuch/bin");
    const has = (program: string) => folders.some((folder) => existsSync(path.join(folder, program)));
    expect(["nix", "git", "sh"].filter((program) => !has(program))).toEqual([]);
    expect((await floe(home.root, ["nightly", "--write", folder])).exitCode).toBe(0);
    const verified = await run("systemd-analyze", ["verify", `${folder}/floe-nightly.timer`]).catch(
      (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? "no systemd here" : Promise.reject(error)),
    );
    expect(verified).toMatch(/^(no systemd here)?$/);
  });
});
