/** The fleet's page in a real browser on real containers: what it shows, how it is filtered, and what is done with several at once. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FleetState } from "../../src/serve/protocol.ts";
import { accessibilityFaults, type Dashboard, skipBrowser, startDashboard } from "../support/browser.ts";

/** Of script, for a step of scrolling. It takes 3 to 5 where nothing else runs; without leaving out rows it is a hundred and more. */
const scriptBudgetMs = 40;

interface Scrolled {
  readonly steps: number;
  /** What was in the middle of the window after a step, where that was no row. */
  readonly gaps: readonly string[];
  readonly elements: number;
}

/** Runs in the page. */
const scrollDown = `(async () => {
  // Half of the way: the other half is the same.
  const height = (document.documentElement.scrollHeight - innerHeight) / 2;
  let steps = 0;
  const gaps = [];
  for (let y = 600; y < height - 400; y += 100) {
    window.scrollTo(0, y);
    await new Promise(requestAnimationFrame);
    steps += 1;
    const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
    if (!middle?.closest("tr.row")) gaps.push(y + ": " + middle?.outerHTML.slice(0, 80));
  }
  return { steps, gaps, elements: document.querySelectorAll("*").length };
})()`;

describe.skipIf(skipBrowser())("the fleet's page", () => {
  let dashboard: Dashboard;
  let page: Page;
  beforeAll(async () => {
    dashboard = await startDashboard();
    page = await dashboard.signIn();
  });
  afterAll(async () => {
    await dashboard?.remove();
  });

  const row = (name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
  const names = () => page.locator("tr.row .instance-name a").allInnerTexts();
  async function open(query = ""): Promise<void> {
    await page.goto(dashboard.url + query);
    await page.locator("tr.row, .empty").first().waitFor();
  }

  test("shows every instance with its state, address, use and service, and every host", async () => {
    await open();
    await row("web-1").getByText("healthy").waitFor();
    await row("web-1").getByText(/\d+ %/).waitFor();
    await row("web-1").getByText(/[kM]B/).waitFor();
    const service = row("web-1").getByRole("link", { name: String(dashboard.ports[0]) });
    expect(await service.getAttribute("href")).toBe(`http://127.0.0.1:${dashboard.ports[0]}`);
    expect(await service.getAttribute("rel")).toContain("noopener");
    expect(await names()).toEqual(["counter", "web-1", "web-2"]);
    await page.getByRole("article").getByRole("link", { name: "crown" }).waitFor();
  });

  test("the filter is in the address: it can be kept, sent and gone back to", async () => {
    await open();
    await page.keyboard.press("/");
    await page.keyboard.type("web-2 @site");
    expect(await names()).toEqual(["web-2"]);
    expect(new URL(page.url()).search).toBe("?q=web-2+%40site");
    await page.reload();
    await row("web-2").waitFor();
    expect(await names()).toEqual(["web-2"]);
    await open("?tag=site&sort=-name");
    expect(await names()).toEqual(["web-2", "web-1"]);
    await page.getByRole("button", { name: "Name" }).click();
    expect(await names()).toEqual(["web-1", "web-2"]);
    await open("?q=nothing-is-called-that");
    await page.getByRole("button", { name: "Show everything" }).click();
    await row("counter").waitFor();
  });

  test("rows are gone through, selected and opened by keys alone", async () => {
    await open();
    await row("counter").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    expect(await page.getByRole("checkbox", { name: "Select web-2" }).isChecked()).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "web-2" }).waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Clear the selection" }).click();
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).getByText("Filter the fleet").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("several are stopped and started at once, after a question that says which", async () => {
    await open();
    await page.getByRole("checkbox", { name: "Select counter" }).check();
    await page.getByRole("checkbox", { name: "Select web-2" }).check();
    const bulk = page.getByRole("region", { name: "Selected instances" });
    await bulk.getByRole("button", { name: "Stop" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("counter, web-2").waitFor();
    await page.keyboard.press("Escape");
    await row("web-2").getByText("healthy").waitFor();
    await bulk.getByRole("button", { name: "Stop" }).click();
    await dialog.getByRole("button", { name: "Stop" }).click();
    await row("web-2").getByText("stopped").waitFor({ timeout: 30_000 });
    await row("counter").getByText("stopped").waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: /Not running 2/ }).click();
    expect(await names()).toEqual(["counter", "web-2"]);
    await bulk.getByRole("button", { name: "Start", exact: true }).click();
    await dialog.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("button", { name: /Running 3/ }).waitFor({ timeout: 30_000 });
  });

  test("several are planned at once, and no others", async () => {
    await open();
    await page.getByRole("checkbox", { name: "Select counter" }).check();
    await page.getByRole("checkbox", { name: "Select web-2" }).check();
    await page.getByRole("region", { name: "Selected instances" }).getByRole("button", { name: "Plan" }).click();
    await page.getByText("of counter, web-2").waitFor({ timeout: 30_000 });
  });

  test("what somebody else does is seen at once, in every browser", async () => {
    const other = await dashboard.signIn();
    await open();
    await other.getByText("web-1").first().waitFor();
    const { client, project } = dashboard.incus;
    await client.setInstanceState(project, "counter", "stop", { force: true });
    await row("counter").getByText("stopped").waitFor();
    await other.getByRole("row").filter({ hasText: "counter" }).getByText("stopped").waitFor();
    await client.setInstanceState(project, "counter", "start");
    await row("counter").getByText("stopped").waitFor({ state: "detached" });
    await other.context().close();
  });

  test("an edit appears as an update, with what it changes", async () => {
    await open();
    await dashboard.edit("containers/web.ts", "First words", "Second words");
    const update = row("web-1").getByRole("button", { name: /Update available for web-1/ });
    await update.click({ timeout: 30_000 });
    await page.getByText("derivation changed").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Plan this update" }).click();
    await page.waitForURL(/\/plan\/[^/]+$/);
    await page.getByText("of web-1").waitFor();
  });

  test("the chosen colours are kept", async () => {
    await open();
    await page.getByRole("button", { name: /switch to light/ }).click();
    await page.getByRole("button", { name: /switch to dark/ }).click();
    await page.reload();
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
    await page.getByRole("button", { name: /switch to as the system/ }).click();
  });

  test("five hundred instances scroll without a gap and without much work", async () => {
    await page.route("**/api/fleet", async (route) => {
      const state = (await (await route.fetch()).json()) as FleetState;
      const [pattern] = state.instances;
      if (pattern === undefined) throw new Error("there is no instance");
      const instances = Array.from({ length: 500 }, (_, index) => ({ ...pattern, name: `worker-${index}` }));
      // Later than all that the server tells: it stays what is shown.
      await route.fulfill({ json: { ...state, at: Date.now() + 3_600_000, instances } });
    });
    await open();
    await page.getByText("worker-0").first().waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const scriptSeconds = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? 0;
    };
    const before = await scriptSeconds();
    const { steps, gaps, elements } = await page.evaluate<Scrolled>(scrollDown);
    const perStep = ((await scriptSeconds()) - before) / steps;
    expect(steps).toBeGreaterThan(80);
    expect(gaps).toEqual([]);
    expect(elements).toBeLessThan(2000);
    expect(perStep * 1000).toBeLessThan(scriptBudgetMs);
    await page.unroute("**/api/fleet");
  });

  test("nothing went wrong in the page", () => {
    expect(dashboard.faults).toEqual([]);
  });
});
