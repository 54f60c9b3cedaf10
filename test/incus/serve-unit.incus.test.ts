/** The dashboard as a service: the unit that `floe serve-unit` writes, on a Debian with systemd, locked in, with the real Incus and the real Nix daemon. */
import { chmod } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { FleetState, InstanceDetails } from "../../src/serve/protocol.ts";
import { skipIncus, type TestIncus, testIncus, testSocket } from "../support/incus.ts";
import { machineImage, skipMachines } from "../support/machine-image.ts";
import { freePort } from "../support/ports.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { type Browser, logIn } from "./serve-details-support.ts";

const root = path.resolve(import.meta.dirname, "../..");
const soon = { timeout: 15_000, interval: 100 };
const folder = "/home/guest/machines";
const floe = "/usr/local/bin/node /opt/floe/dist/bin.mjs";

describe.skipIf(skipIncus() || skipMachines())("the dashboard as a service", { timeout: 90_000 }, () => {
  let incus: TestIncus;
  let project: TempProject;
  let port: number;
  let page: Browser;

  const exec = (script: string) => incus.client.exec(incus.project, "box", ["/bin/bash", "-c", script]);
  async function sh(script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await exec(script);
    if (exitCode !== 0) throw new Error(`"${script}" ended with ${exitCode}: ${stderr}${stdout}`);
    return stdout.trim();
  }
  const asGuest = (script: string) => sh(`runuser -u guest -- /bin/sh -c 'cd ${folder} && ${script}'`);

  beforeAll(async () => {
    incus = await testIncus();
    port = await freePort();
    const tiny = await tinyImage({ page: `served ${incus.project}` });
    await incus.client.uploadImage(incus.project, tiny);
    project = await tempProject({
      "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({
  name: "${incus.project}", inputs: {}, containers: dir("./containers"),
  serve: { folder: "${folder}", user: "guest", port: ${port} },
});
`,
      "containers/web.ts": `import { container } from "floe";
export default container({
  image: { fingerprint: "${tiny.fingerprint}" },
  instances: { web: { project: "${incus.project}", health: [{ exec: ["wget", "-q", "-O", "-", "http://127.0.0.1/"], within: "5s" }] } },
});
`,
    });
    // Seen from inside by somebody else.
    await chmod(project.root, 0o755);
    await makeBox();
  }, 180_000);
  afterAll(async () => {
    await incus?.remove();
    await project?.remove();
  });

  async function makeBox(): Promise<void> {
    const image = await machineImage();
    await incus.client.uploadImage(incus.project, image);
    const shared = (source: string, target: string) => ({ type: "disk", source, path: target, readonly: "true" });
    await incus.client.createInstance(incus.project, {
      name: "box",
      type: "container",
      profiles: ["default"],
      config: { "security.nesting": "true" },
      devices: {
        node: shared(process.execPath, "/usr/local/bin/node"),
        floe: shared(root, "/opt/floe"),
        project: shared(project.root, "/opt/project"),
        page: { type: "proxy", listen: `tcp:127.0.0.1:${port}`, connect: `tcp:127.0.0.1:${port}` },
      },
      source: { type: "image", fingerprint: image.fingerprint },
    });
    await incus.client.putFile(incus.project, "box", "/etc/lab-network", "#!/bin/sh\nip link set lo up\n", {
      mode: "0755",
    });
    await incus.client.setInstanceState(incus.project, "box", "start");
    await vi.waitFor(() => sh("systemctl is-system-running --wait | grep -E 'running|degraded'"), soon);
    await sh("groupadd --system incus-admin && usermod -aG incus-admin guest && mkdir -p /var/lib/incus");
    const gid = await sh("getent group incus-admin | cut -d: -f3");
    const socket = {
      listen: "unix:/var/lib/incus/unix.socket",
      connect: `unix:${testSocket()}`,
      mode: "0660",
      uid: "0",
      gid,
    };
    await incus.client.patchInstance(incus.project, "box", {
      devices: { ...(await devices()), incus: { type: "proxy", bind: "instance", ...socket } },
    });
    await sh(`cp -rL /opt/project ${folder} && chown -R guest: ${folder}`);
  }
  const devices = async () => (await incus.client.getInstance(incus.project, "box"))?.value.devices ?? {};

  test("systemd takes the unit, and finds little to complain of", async () => {
    await sh(`cd ${folder} && ${floe} serve-unit --write /etc/systemd/system`);
    expect(await sh("systemd-analyze verify floe-serve.service 2>&1")).toBe("");
    const security = await sh(
      "systemd-analyze security --offline=yes /etc/systemd/system/floe-serve.service --no-pager",
    );
    expect(Number(/Overall exposure level.*: ([\d.]+)/.exec(security)?.[1])).toBeLessThan(3);
    // What root did there does not stand in the way of the service.
    expect(await sh(`find ${folder} -user root`)).toBe("");
  });

  test("it starts, lets a browser in by a link, and sees Incus", async () => {
    await sh("systemctl daemon-reload && systemctl enable --quiet --now floe-serve");
    const link = await vi.waitFor(() => asGuest(`${floe} serve --new-link`), soon);
    expect(link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/\\?token=`));
    page = await vi.waitFor(() => logIn(link), soon);
    const connected = async () => (await page.get<FleetState>("api/fleet")).body.servers;
    await expect.poll(connected, soon).toMatchObject([{ name: "local", state: "connected" }]);
    // Others read the journal too.
    expect(await sh("journalctl --no-pager -u floe-serve | grep -c token= || true")).toBe("0");
  });

  test("an apply and a terminal from there", async () => {
    const planned = await page.job("api/plan", { selection: null });
    expect(planned, JSON.stringify(planned.error)).toMatchObject({ state: "done" });
    const applied = await page.job("api/apply", { planId: planned.planId });
    expect(applied, JSON.stringify(applied.error)).toMatchObject({ state: "done", user: "guest@box" });
    // The event that says so may come after the end of the job.
    const state = async () => (await page.get<InstanceDetails>("api/instances/web")).body.instance.state;
    await expect.poll(state, soon).toBe("running");
    const shell = page.socket("api/instances/web/terminal");
    shell.socket.on("open", () => shell.type("echo from-$((6*7)); exit 3\r"));
    expect(await shell.closed).toBe(1000);
    expect(shell.output().toString()).toContain("from-42");
    expect(shell.messages).toEqual([{ type: "exit", code: 3 }]);
  });

  test("the journal follows, and what is in it is nothing but data", async () => {
    const fingerprint = (await machineImage()).fingerprint;
    const text = `import { container } from "floe";
export default container({
  image: { fingerprint: "${fingerprint}" },
  instances: { deb: { project: "${incus.project}", config: { "security.nesting": true } } },
});
`;
    await incus.client.putFile(incus.project, "box", `${folder}/containers/deb.ts`, text);
    const known = async () => (await page.get("api/instances/deb")).status;
    await expect.poll(known, soon).toBe(200);
    const planned = await page.job("api/plan", { selection: null });
    expect(await page.job("api/apply", { planId: planned.planId })).toMatchObject({ state: "done" });
    const inDeb = (...command: string[]) => incus.client.exec(incus.project, "deb", command);
    await vi.waitFor(async () => expect((await inDeb("journalctl", "-n", "1")).exitCode).toBe(0), soon);
    const logs = page.events("api/instances/deb/logs?lines=20");
    await expect.poll(() => logs.events[0], soon).toEqual({ event: "source", data: { source: "journal" } });
    const nasty = "</script><img src=x onerror=alert(1)> data: 1";
    await inDeb("systemd-cat", "--identifier=nasty", "echo", nasty);
    await expect.poll(() => logs.lines().join("\n"), soon).toContain(nasty);
    logs.close();
    const left = async () => (await inDeb("/bin/sh", "-c", "cat /proc/[0-9]*/comm | grep -c journalctl")).stdout.trim();
    await expect.poll(left, soon).toBe("0");
  });

  test("the service reaches the Nix daemon, and cannot become root or write elsewhere", async () => {
    const pid = await sh("systemctl show --value --property MainPID floe-serve");
    const status = await sh(`cat /proc/${pid}/status`);
    expect(status).toMatch(/NoNewPrivs:\s+1/);
    expect(status).toMatch(/CapBnd:\s+0000000000000000/);
    expect(status).toMatch(/Seccomp:\s+2/);
    const inside = (script: string) => exec(`nsenter --target ${pid} --mount -- ${script}`);
    expect(
      (await inside("touch /etc/floe /usr/floe /var/lib/floe /nix/var/nix/floe")).stderr.match(/Read-only/g),
    ).toHaveLength(4);
    expect((await inside(`touch ${folder}/written`)).exitCode).toBe(0);
    const nix = "runuser -u guest -- nix-store --add /opt/project/floe.config.ts";
    expect((await inside(nix)).stdout).toMatch(/^\/nix\/store\/\w{32}-floe\.config\.ts\n$/);
  });

  test("stopped, it ends by itself and calmly; started again, the browser is still in", async () => {
    await sh("systemctl restart floe-serve");
    await expect.poll(async () => (await page.get("api/session").catch(() => ({ status: 0 }))).status, soon).toBe(200);
    await sh("systemctl stop floe-serve");
    expect(await sh("systemctl show --value --property Result floe-serve")).toBe("success");
    expect(await sh("journalctl --no-pager -u floe-serve | grep -ci 'mistake in floe' || true")).toBe("0");
  });
});
