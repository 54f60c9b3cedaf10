/** What holds for every page: accessible in both colour schemes, no wider than a phone, quick and small. With FLOE_SCREENSHOTS=FOLDER, pictures of them. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  accessibilityFaults,
  type Dashboard,
  fitsWidth,
  phone,
  screenshots,
  skipBrowser,
  startDashboard,
  wide,
} from "../support/browser.ts";

/** Every page by its name in pictures; `ready` is a text that is there when it is drawn. */
const pages = {
  fleet: { path: "", ready: "web-1" },
  plan: { path: "plan", ready: "2 to replace" },
  history: { path: "history", ready: "apply" },
  graph: { path: "graph", ready: "Graph" },
  storage: { path: "storage", ready: "Volumes" },
  settings: { path: "settings", ready: "Incus servers" },
  instance: { path: "instances/web-1", ready: "Health checks" },
  "instance-config": { path: "instances/web-1?tab=config", ready: "Declared" },
  "instance-health": { path: "instances/web-1?tab=health", ready: "Checks" },
  "instance-devices": { path: "instances/web-1?tab=devices", ready: "root" },
  "instance-volumes": { path: "instances/counter?tab=volumes", ready: "/var/lib/counter" },
  "instance-snapshots": { path: "instances/web-1?tab=snapshots", ready: "snapshots" },
  "instance-logs": { path: "instances/web-1?tab=logs", ready: "firn: starting" },
  "instance-terminal": { path: "instances/web-1?tab=terminal", ready: "a shell as root" },
  "instance-console": { path: "instances/web-1?tab=console", ready: "the console" },
  host: { path: "hosts/crown", ready: "It is reached only from its own machine" },
  "plan-hosts": { path: "plan?of=hosts", ready: "No host can be reached from here" },
  "not-found": { path: "nowhere", ready: "floe" },
} as const;

describe.skipIf(skipBrowser())("every page", () => {
  let dashboard: Dashboard;
  let page: Page;
  beforeAll(async () => {
    dashboard = await startDashboard();
    await dashboard.edit("containers/web.ts", "First words", "Second words");
    page = await dashboard.signIn();
  });
  afterAll(async () => {
    await dashboard?.remove();
  });

  async function open(name: keyof typeof pages): Promise<void> {
    const { path, ready } = pages[name];
    await page.goto(dashboard.url + path);
    await page.getByText(ready).first().waitFor();
  }

  test.each(Object.keys(pages) as (keyof typeof pages)[])(
    "%s has no faults that axe knows, and fits a phone",
    async (name) => {
      await open(name);
      const found = await accessibilityFaults(page);
      await page.setViewportSize(phone);
      await expect.poll(() => fitsWidth(page)).toBe(true);
      await page.setViewportSize(wide);
      await screenshots(page, name);
      expect(found).toEqual([]);
    },
  );

  test("the first paint comes within a second, and the script is small", async () => {
    await page.goto("about:blank");
    await page.goto(dashboard.url);
    await page.getByText("web-1").first().waitFor();
    const { paint, script, late } = await page.evaluate(() => {
      const files = performance.getEntriesByType("resource") as unknown as readonly {
        readonly name: string;
        readonly encodedBodySize: number;
      }[];
      const ofScripts = files.filter(({ name }) => name.endsWith(".js"));
      return {
        paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
        script: ofScripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
        late: ofScripts.map(({ name }) => name).filter((name) => /terminal|graph/.test(name)),
      };
    });
    expect(paint).toBeLessThan(1000);
    expect(script).toBeGreaterThan(10_000);
    expect(script).toBeLessThan(150_000);
    expect(late).toEqual([]);
  });

  test("the first key goes to the content, and one may go through the page by keys alone", async () => {
    await page.goto(dashboard.url);
    await page.getByText("web-1").first().waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("link", { name: "Skip to the content" }).press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("heading", { level: 1, name: "Images and storage" }).waitFor();
    await page.goBack();
    await page.getByText("web-1").first().waitFor();
  });

  test("nothing went wrong in any of them", () => {
    expect(dashboard.faults).toEqual([]);
  });
});
