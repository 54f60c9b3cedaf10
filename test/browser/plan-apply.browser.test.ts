/** From an edit to what serves, and back: plan, apply, progress, a failed health check, history, rollback, in a real browser on real containers. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessibilityFaults, type Dashboard, skipBrowser, startDashboard } from "../support/browser.ts";
import { startFloe } from "../support/floe.ts";

const applyTimeoutMs = 60_000;

describe.skipIf(skipBrowser())("plan and apply", () => {
  let dashboard: Dashboard;
  let page: Page;
  beforeAll(async () => {
    dashboard = await startDashboard();
    page = await dashboard.signIn();
  });
  afterAll(async () => {
    await dashboard?.remove();
  });

  const bar = () => page.locator(".apply-bar");
  const change = (name: string) => page.locator(".change").filter({ has: page.getByText(name, { exact: true }) });
  const outcome = (name: string) =>
    page.locator(".job-changes > li").filter({ has: page.getByText(name, { exact: true }) });
  const served = (index: 0 | 1): Promise<string> => dashboard.served(dashboard.ports[index]);

  async function plan(): Promise<void> {
    await page.goto(dashboard.url);
    await page.getByRole("button", { name: "Plan everything" }).click();
    await page.waitForURL(/\/plan\/[^/]+$/, { timeout: 45_000 });
  }

  async function apply(): Promise<void> {
    await bar()
      .getByRole("button", { name: /^Apply/ })
      .click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Apply now" }).click();
    await page.waitForURL(/\/jobs\//);
  }

  test("with nothing to do it says so", async () => {
    await page.goto(`${dashboard.url}plan`);
    await page.getByRole("heading", { name: "Nothing to do" }).waitFor({ timeout: 30_000 });
    expect(await bar().count()).toBe(0);
  });

  test("the plan has the reasons, the downtime and the order, and the words of the terminal", async () => {
    await dashboard.edit("containers/web.ts", "First words", "Second words");
    await plan();
    await change("web-1").getByText("derivation changed").waitFor();
    await change("web-1")
      .getByText(/swapped for its successor: down for/)
      .waitFor();
    await bar().getByText("3 changes").waitFor();
    await bar()
      .getByText(/down: web-1 for .*, web-2 for/)
      .waitFor();
    await page.getByText("As the terminal shows it").click();
    const text = (await page.locator(".as-text pre").textContent()) ?? "";
    const { stdout } = await dashboard.floe("plan");
    expect(text.trim()).toBe(stdout.trim());
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("a part of it can be chosen, and is planned by itself", async () => {
    await page.getByRole("checkbox", { name: "Include web-2" }).uncheck();
    await page.getByRole("button", { name: "Plan only these" }).click();
    await page.getByText("of web-1").waitFor({ timeout: 30_000 });
    await page.waitForURL(/\/plan\/[^/]+$/);
    expect(await change("web-2").count()).toBe(0);
    await bar().getByText("2 changes").waitFor();
  });

  test("asking can be taken back; applying shows every step in each browser, and the new version serves", async () => {
    await plan();
    await bar().getByRole("button", { name: "Apply…" }).click();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("alertdialog").count()).toBe(0);
    const other = await dashboard.signIn();
    await apply();
    await other.getByRole("region", { name: "Jobs" }).getByText("running").waitFor();
    await outcome("web-2").getByText("waits").waitFor();
    await outcome("web-1")
      .getByText(/creating|stopping|waiting for health/)
      .first()
      .waitFor();
    await page.getByText("Everything is as planned").waitFor({ timeout: applyTimeoutMs });
    await page.getByText("Evaluating").waitFor();
    expect(await served(0)).toContain("Second words");
    expect(await served(1)).toContain("Second words");
    expect(await accessibilityFaults(page)).toEqual([]);
    await other.getByRole("region", { name: "Jobs" }).getByText("done").waitFor();
    await other.context().close();
  });

  test("the history has who, what and the log, and one click leads back, after a preview", async () => {
    await page.getByRole("link", { name: "History" }).first().click();
    const newest = page.locator(".history > li").first();
    await newest.getByRole("button", { expanded: false }).click();
    await newest.getByRole("link", { name: "Show the log" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await newest.locator(".entry-back").getByRole("button", { name: "Roll back" }).click();
    const dialog = page.getByRole("dialog", { name: "Roll back what this changed?" });
    await dialog
      .getByText(/swapped for its predecessor/)
      .nth(1)
      .waitFor();
    await dialog.getByRole("checkbox", { name: "web-2" }).uncheck();
    await dialog.getByRole("button", { name: "Roll back 1" }).click();
    await page.getByText("Done: rollback web-1").waitFor({ timeout: applyTimeoutMs });
    expect(await served(0)).toContain("First words");
    expect(await served(1)).toContain("Second words");
    // Each row has the way back from what it was the last to replace.
    await newest.getByText("rollback web-1").waitFor();
    await newest.locator(".entry-back").getByRole("button").waitFor();
    expect(await page.locator(".entry-back").count()).toBe(2);
  });

  test("the way back is on the instance's own page too", async () => {
    await page.goto(`${dashboard.url}instances/web-2`);
    await page.getByRole("button", { name: "Roll back" }).click();
    const dialog = page.getByRole("dialog", { name: "Roll web-2 back?" });
    await dialog.getByText(/swapped for its predecessor/).waitFor();
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await page.getByText("Done: rollback web-2").waitFor({ timeout: applyTimeoutMs });
    expect(await served(1)).toContain("First words");
    // Its checks went back with it.
    await page.goto(`${dashboard.url}instances/web-2?tab=health`);
    await page.getByText("It is asked other checks than containers/web.ts").waitFor();
    await page.locator("section", { hasText: "Checks that are asked" }).getByText('with "First words"').waitFor();
    await page
      .locator("section", { hasText: "Declared, for the next apply" })
      .getByText('with "Second words"')
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("an apply in a terminal is in the history as soon as it is over, with what it changed", async () => {
    await page.goto(`${dashboard.url}history`);
    const entries = page.locator(".history > li");
    await entries.first().getByText("rollback web-2").waitFor();
    expect((await dashboard.floe("apply", "web-2", "--yes")).exitCode).toBe(0);
    const newest = entries.filter({ hasText: "apply web-2" }).first();
    await newest.getByText("done").waitFor();
    await newest.getByRole("button", { expanded: false }).click();
    const change = newest.locator(".entry-changes > li").filter({ hasText: "web-2" });
    await change.getByText("done", { exact: true }).first().waitFor();
    await change.getByRole("button", { name: "Steps of web-2" }).click();
    const steps = await change.locator(".job-steps > li").allInnerTexts();
    expect(steps.some((step) => /^done\s+waiting for health\s+[\d.]+ m?s$/.test(step))).toBe(true);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await newest.getByRole("link", { name: "Show the log" }).count()).toBe(0);
    await page.goto(`${dashboard.url}instances/web-2?tab=health`);
    await page.locator("section", { hasText: "Checks" }).getByText('with "Second words"').waitFor();
    expect(await page.getByText("Declared, for the next apply").count()).toBe(0);
    expect(await served(1)).toContain("Second words");
  });

  test("a plan whose world has moved is refused, and made again", async () => {
    await plan();
    const { client, project } = dashboard.incus;
    await client.patchInstance(project, "web-1", { config: { "limits.cpu": "1" } });
    await bar()
      .getByRole("button", { name: /^Apply/ })
      .click();
    await page.getByRole("button", { name: "Apply now" }).click();
    const refusal = page.locator(".apply-bar[role=alert]");
    await refusal.waitFor({ timeout: 30_000 });
    await refusal.getByRole("button", { name: "Plan again" }).click();
    await change("web-1").getByText("changed by hand").waitFor({ timeout: 30_000 });
    dashboard.faults.splice(0);
  });

  test("a failed health check is shown with its reason, and what ran before runs again", async () => {
    await dashboard.edit("containers/web.ts", "Second words", "Third words");
    await dashboard.edit("containers/web.ts", "body: greeting", 'body: "Other words"');
    await dashboard.edit("containers/web.ts", 'within: "10s"', 'within: "2s"');
    const before = await served(0);
    await plan();
    await apply();
    await page.getByText("It failed, and what ran before runs again").waitFor({ timeout: applyTimeoutMs });
    await outcome("web-1").getByText("What ran before was put back and runs again.").waitFor();
    await outcome("web-1")
      .locator(".job-error")
      .getByText(/Other words|health/i)
      .first()
      .waitFor();
    expect(await served(0)).toBe(before);
    await page.getByRole("button", { name: "Plan again" }).waitFor();
  });

  test("a mistake in the project is shown with its place, and the rest can be planned", async () => {
    await dashboard.edit("containers/web.ts", "services:", "servces:");
    await plan();
    const problems = page.getByRole("region", { name: "Cannot be planned" });
    await problems
      .getByText(/servces/)
      .first()
      .waitFor();
    await problems.getByText(/containers\/web\.ts:\d+/).waitFor();
    await dashboard.edit("containers/web.ts", "servces:", "services:");
  });

  test("an apply can be cancelled", async () => {
    await dashboard.edit("containers/web.ts", 'within: "2s"', 'within: "60s"');
    await plan();
    await apply();
    await outcome("web-1").getByText("waiting for health").first().waitFor({ timeout: applyTimeoutMs });
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator(".job-about").getByText("cancelled").waitFor({ timeout: applyTimeoutMs });
    expect(await served(0)).toContain("First words");
  });

  test("an apply in a terminal is shown while it runs; one that is killed says so, and how far it came", async () => {
    await page.goto(`${dashboard.url}history`);
    const newest = page.locator(".history > li").first();
    const run = startFloe(dashboard.project.root, ["apply", "web-1", "--yes"]);
    await newest.locator(".state").getByText("running").waitFor({ timeout: applyTimeoutMs });
    await newest.getByRole("button", { expanded: false }).click();
    const steps = newest.locator(".job-steps > li");
    await steps.getByText("waiting for health").waitFor({ timeout: applyTimeoutMs });
    run.kill("SIGKILL");
    await run.ended.catch(() => {});
    await newest.locator(".entry .state").getByText("interrupted").waitFor();
    await newest.getByText("The next apply puts right what it left").waitFor();
    await newest.getByText("interrupted: waiting for health").waitFor();
    await steps.last().getByText("interrupted").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("nothing went wrong in the page", () => {
    expect(dashboard.faults).toEqual([]);
  });
});
