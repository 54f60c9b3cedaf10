/** Images, volumes, pools, the settings, and a dashboard that is only to look at. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dashboard, skipBrowser, startDashboard } from "../support/browser.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { tinyImage } from "../support/tiny-image.ts";

describe.skipIf(skipBrowser())("storage and settings", () => {
  let dashboard: Dashboard;
  let page: Page;
  let config: TempProject;
  beforeAll(async () => {
    config = await tempProject();
    dashboard = await startDashboard({ env: { XDG_CONFIG_HOME: config.root } });
    const { client, project } = dashboard.incus;
    const files = await tinyImage({ page: "left over\n" });
    const properties = {
      "floe.fleet": dashboard.name,
      "floe.container": "<i>old</i>",
      "floe.revision": "0123456789ab",
    };
    await client.uploadImage(project, { ...files, properties });
    page = await dashboard.signIn();
  });
  afterAll(async () => {
    await dashboard?.remove();
    await config?.remove();
  });

  /** Other tests are on the same server. */
  const ours = (table: Locator) => table.getByRole("row").filter({ hasText: dashboard.name });
  const open = (path: string) => page.goto(dashboard.url + path);

  test("what is there, how large it is and who needs it", async () => {
    await open("storage");
    const images = page.getByRole("table", { name: "Images" });
    await ours(images).filter({ hasText: "web-1, web-2" }).waitFor();
    await ours(images).filter({ hasText: "nothing needs it" }).waitFor();
    const volumes = page.getByRole("table", { name: "Volumes" });
    await ours(volumes).filter({ hasText: "counter" }).waitFor();
    await page.getByRole("list", { name: "Storage pools" }).getByText("default on local").waitFor();
  });

  test("pruning lists what goes, says what it frees, and deletes no more than that", async () => {
    await page.getByRole("button", { name: /^Prune: frees \d/ }).click();
    const dialog = page.getByRole("dialog", { name: "Delete 1 image?" });
    await dialog.getByText("<i>old</i>").waitFor();
    await dialog.getByRole("button", { name: /^Delete, freeing/ }).click();
    await page.getByRole("table", { name: "Images" }).getByText("<i>old</i>").waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^Prune/ }).waitFor({ state: "detached" });
    const left = await dashboard.incus.client.listImages(dashboard.incus.project);
    expect(left.map(({ properties }) => properties?.["floe.container"]).sort()).toEqual(["counter", "web"]);
  });

  test("settings tell of servers and of the dashboard itself", async () => {
    await open("settings");
    await page.getByRole("listitem").filter({ hasText: "local" }).getByText("connected").waitFor();
    await page.getByText(dashboard.project.root).waitFor();
  });

  test("a token that is none is refused, in words", async () => {
    await page.getByLabel(/^Name/).fill("crown");
    await page.getByLabel("Token", { exact: true }).fill("no token");
    await page.getByRole("button", { name: "Trust it" }).click();
    await page.getByRole("alert").getByText(/token/i).first().waitFor();
  });

  test("a server is trusted by a token that it printed, and shown as such", async () => {
    const { client } = dashboard.incus;
    const address = `127.0.0.1:${await freePort()}`;
    await client.request("PATCH", "/1.0", { config: { "core.https_address": address } });
    try {
      const stdout = await run("incus", ["config", "trust", "add", dashboard.name, "--quiet"]);
      await open("settings");
      await page.getByLabel(/^Name/).fill("far");
      await page.getByLabel("Token", { exact: true }).fill(stdout.trim().split("\n").at(-1) ?? "");
      await page.getByLabel(/^Address/).fill(`https://${address}`);
      await page.getByRole("button", { name: "Trust it" }).click();
      await page.getByText("far is trusted").waitFor();
      await page.getByRole("listitem").filter({ hasText: "far" }).getByText(`https://${address}`).waitFor();
      expect(await page.getByLabel("Token", { exact: true }).inputValue()).toBe("");
      const { clientFingerprint } = await page.evaluate<{ readonly clientFingerprint: string }>(
        `fetch("/api/settings").then((answer) => answer.json())`,
      );
      await client.request("DELETE", `/1.0/certificates/${clientFingerprint}`);
    } finally {
      await client.request("PATCH", "/1.0", { config: { "core.https_address": "" } });
    }
  });

  test("the colours that are chosen stay", async () => {
    await page.getByText("Dark", { exact: true }).click();
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
    await page.reload();
    expect(await page.getByRole("radio", { name: "Dark" }).isChecked()).toBe(true);
    await page.getByText("As the system").click();
  });

  test("one that is only to look at offers nothing that changes, and does nothing", async () => {
    const reader = await dashboard.lookOnly();
    const at = new URL(reader.url()).origin;
    // What opens an entry of the history is named after what it was.
    const buttons = () =>
      reader
        .getByRole("button", { name: /apply|roll|start|stop|prune|delete|snapshot|trust/i })
        .and(reader.locator(":not(.entry)"));
    const seen = { "": "web-1", "instances/web-1": "Health checks", "instances/web-1?tab=snapshots": "snapshots" };
    for (const [path, text] of Object.entries({
      ...seen,
      storage: "Volumes",
      settings: "Incus servers",
      history: "apply",
    })) {
      await reader.goto(`${at}/${path}`);
      await reader.getByText(text).first().waitFor();
      expect(await buttons().allInnerTexts(), path).toEqual([]);
    }
    await reader.goto(`${at}/instances/web-1?tab=terminal`);
    await reader
      .getByRole("tabpanel")
      .getByText(/read.only|look at/i)
      .first()
      .waitFor();
    expect(await reader.locator(".xterm").count()).toBe(0);
    const status =
      await reader.evaluate<number>(`fetch("/api/session").then((answer) => answer.json()).then(({ csrf }) =>
      fetch("/api/power", { method: "POST", headers: { "content-type": "application/json", "x-floe-csrf": csrf },
        body: JSON.stringify({ action: "stop", instances: ["local/${dashboard.name}/web-1"] }) })).then(({ status }) => status)`);
    expect(status).toBe(403);
    await reader.context().close();
  });

  test("nothing went wrong in the page meanwhile", () => {
    expect(dashboard.faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
  });
});
