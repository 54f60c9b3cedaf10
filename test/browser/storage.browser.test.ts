/** Images, volumes, pools, and the settings. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dashboard, skipBrowser, startDashboard } from "../support/browser.ts";
import { tinyImage } from "../support/tiny-image.ts";

describe.skipIf(skipBrowser())("storage and settings", () => {
  let dashboard: Dashboard;
  let page: Page;
  beforeAll(async () => {
    dashboard = await startDashboard();
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

  test("the colours that are chosen stay", async () => {
    await page.getByText("Dark", { exact: true }).click();
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
    await page.reload();
    expect(await page.getByRole("radio", { name: "Dark" }).isChecked()).toBe(true);
    await page.getByText("As the system").click();
  });

  test("nothing went wrong in the page meanwhile", () => {
    expect(dashboard.faults.filter((fault) => !/status of 4\d\d/.test(fault))).toEqual([]);
  });
});
