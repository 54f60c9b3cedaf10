/** What the page shows while Incus is away, or the server itself, and that both come back by themselves. */
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { incusAnswers } from "../../scripts/setup/incus-api.mjs";
import { removeIncusd, socketOf, startIncusd } from "../../scripts/setup/incusd.mjs";
import { type Dashboard, skipBrowser, startDashboard } from "../support/browser.ts";

describe.skipIf(skipBrowser())("outages", () => {
  // A daemon of its own: others must not notice that it dies.
  const dir = mkdtempSync(path.join(os.tmpdir(), "floe-out-"));
  const { INCUS_DIR } = process.env;
  let dashboard: Dashboard;
  let page: Page;
  beforeAll(async () => {
    await startIncusd(dir);
    process.env["INCUS_DIR"] = dir;
    dashboard = await startDashboard();
    page = await dashboard.signIn();
  });
  afterAll(async () => {
    await dashboard?.remove().catch(() => {});
    process.env["INCUS_DIR"] = INCUS_DIR;
    await removeIncusd(dir);
  });

  test("a killed incusd is told of, and its return", async () => {
    await page.goto(`${dashboard.url}instances/counter`);
    await page.getByText(/^running for/).waitFor();
    const pid = (await incusAnswers(socketOf(dir)))?.pid;
    if (pid === undefined) throw new Error("incusd does not answer");
    process.kill(pid, "SIGKILL");
    await page.getByText("server does not answer").first().waitFor();
    await page.goto(`${dashboard.url}settings`);
    await page.getByText("unreachable", { exact: true }).waitFor();
    await page.goto(`${dashboard.url}instances/counter`);
    await startIncusd(dir);
    await page.getByText(/^running for/).waitFor({ timeout: 30_000 });
  });

  test("a server that ends is told of, and the page catches up when it is there again", async () => {
    await page.goto(`${dashboard.url}instances/counter`);
    await page.getByText(/^running for/).waitFor();
    await dashboard.restart(() => page.getByText("Connection lost").waitFor());
    await page.getByText("Connection lost").waitFor({ state: "detached", timeout: 30_000 });
    const { client, project } = dashboard.incus;
    await client.setInstanceState(project, "counter", "stop", { force: true });
    await page.getByText("stopped", { exact: true }).first().waitFor();
  });

  test("no error was left in the page", () => {
    expect(dashboard.faults.filter((fault) => !/Failed to load resource|ERR_/.test(fault))).toEqual([]);
  });
});
