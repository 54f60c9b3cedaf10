/** The page of one instance, tab by tab, in a real browser on real containers. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Dashboard, fitsWidth, phone, skipBrowser, startDashboard, wide } from "../support/browser.ts";

const hostile = '<img src=x onerror="window.wasRun = true">';

describe.skipIf(skipBrowser())("an instance's page", () => {
  let dashboard: Dashboard;
  let page: Page;
  beforeAll(async () => {
    dashboard = await startDashboard({
      files: ({ name }) => ({
        "containers/counter.ts": `import { container } from "floe";
export default container({ instances: { counter: { project: "${name}", description: ${JSON.stringify(hostile)},
  config: { "limits.memory": "256MiB" }, health: [{ exec: ["true"], within: "5s" }],
  volumes: { "/var/lib/counter": { pool: "default", name: "counter" } } } } }, {});
`,
      }),
    });
    page = await dashboard.signIn();
  });
  afterAll(async () => {
    await dashboard?.remove();
  });

  const open = (path: string) => page.goto(dashboard.url + path);
  const tab = (name: string) => page.getByRole("tab", { name });
  const panel = () => page.getByRole("tabpanel");
  const inside = async (name: string, script: string): Promise<string> => {
    const { stdout } = await dashboard.incus.client.exec(dashboard.incus.project, name, ["sh", "-c", script]);
    return stdout.trim();
  };

  test("the overview says what it is and where it comes from", async () => {
    await open("instances/counter");
    await page.getByRole("heading", { level: 1, name: "counter" }).waitFor();
    await page.getByText(/^running for/).waitFor();
    await panel().getByText("containers/counter.ts:").waitFor();
    const text = (await panel().allInnerTexts()).join("\n");
    expect(text).toContain("containers/counter.ts:");
    expect(text).toContain(`local/${dashboard.name}/counter`);
    expect(text).toContain('"true" succeeds inside it, within 5 s');
  });

  test("each tab has an address of its own, and arrow keys go from one to the next", async () => {
    await open("instances/counter?tab=volumes");
    await panel().getByText("/var/lib/counter").waitFor();
    await tab("Volumes").focus();
    await page.keyboard.press("ArrowLeft");
    expect(new URL(page.url()).search).toBe("?tab=devices");
    await panel()
      .getByRole("row", { name: /root disk.*path=\// })
      .waitFor();
    await page.keyboard.press("Home");
    expect(new URL(page.url()).search).toBe("");
  });

  test("on a phone the tab that is chosen is seen, and nothing has to be scrolled sideways", async () => {
    await page.setViewportSize(phone);
    await open("instances/web-1?tab=snapshots");
    await page.getByText("There are no snapshots").waitFor();
    const box = await tab("Snapshots").boundingBox();
    expect(box?.x).toBeGreaterThan(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(phone.width);
    expect(await fitsWidth(page)).toBe(true);
    await page.setViewportSize(wide);
  });

  test("what was changed by hand stands beside what is declared", async () => {
    const { client, project } = dashboard.incus;
    await client.patchInstance(project, "counter", { config: { "limits.memory": "128MiB" } });
    await open("instances/counter?tab=config");
    const row = panel().getByRole("row", { name: /config\.limits\.memory 256MiB 128MiB changed by hand/ });
    await row.waitFor();
    await client.patchInstance(project, "counter", { config: { "limits.memory": "256MiB" } });
  });

  test("a description that holds script is text", async () => {
    await open("instances/counter?tab=config");
    await panel().getByText(hostile).first().waitFor();
    expect(await page.evaluate("window.wasRun")).toBeUndefined();
  });

  test("its health and what it was are told", async () => {
    await open("instances/counter?tab=health");
    await panel().getByRole("listitem").getByText("healthy", { exact: true }).first().waitFor();
  });

  test("a snapshot is taken, gone back to, and deleted", async () => {
    await inside("counter", "echo before >/root/note");
    await open("instances/counter?tab=snapshots");
    await panel().getByLabel("Name of the snapshot").fill("first");
    await panel().getByRole("button", { name: "Take a snapshot" }).click();
    const row = panel().getByRole("row", { name: /^first/ });
    // It is in the list before it is whole, and until then the instance is frozen.
    const restore = row.getByRole("button", { name: "Restore" });
    await expect.poll(() => restore.isEnabled(), { timeout: 20_000 }).toBe(true);
    await inside("counter", "echo after >/root/note");
    await restore.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Volumes stay as they are").waitFor();
    await dialog.getByRole("button", { name: "Restore" }).click();
    await panel()
      .getByRole("row", { name: /^snap0/ })
      .waitFor();
    await expect.poll(() => inside("counter", "cat /root/note"), { timeout: 25_000 }).toBe("before");
    await row.getByRole("button", { name: "Delete first" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await row.waitFor({ state: "detached" });
  });

  test("its log is followed, and script in it is text", async () => {
    await open("instances/counter?tab=logs");
    await panel().getByText("following").waitFor();
    await inside("counter", `printf '%s\\n' '${hostile}' 'and more' >/dev/console`);
    const log = page.getByRole("region", { name: "Log of counter" });
    await log.getByText(hostile).waitFor();
    await inside("counter", `printf '\\033[31mred words\\033[0m\\n' >/dev/console`);
    await expect.poll(() => log.getByText("red words").getAttribute("class")).toContain("ansi-red");
    expect(await page.evaluate("window.wasRun")).toBeUndefined();
    const saved = page.waitForEvent("download");
    await panel().getByRole("button", { name: "Save" }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe("counter.log");
    expect(await readFile(await file.path(), "utf8")).toContain(`${hostile}\nand more\n`);
  });

  test("a terminal takes what is typed, follows the size, and tells how it ended", async () => {
    await open("instances/counter?tab=terminal");
    await panel().getByText("a shell as root").waitFor();
    const screen = page.locator(".xterm-rows");
    await page.keyboard.type("echo $((40 + 2))-answer; stty size\n");
    await screen.getByText("42-answer").waitFor();
    const sizes = async () =>
      (await screen.allInnerTexts())
        .join("\n")
        .match(/^\d+ \d+\s*$/gm)
        ?.map((size) => size.trim()) ?? [];
    await expect.poll(sizes).toHaveLength(1);
    await page.setViewportSize({ width: 900, height: 600 });
    await expect
      .poll(async () => {
        await page.keyboard.type("clear; stty size\n");
        return Number((await sizes()).at(-1)?.split(" ")[1]);
      })
      .toBeLessThan(100);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.keyboard.type("exit 7\n");
    await panel().getByText("ended with exit code 7").waitFor();
    await panel().getByRole("button", { name: "Start again" }).click();
    await panel().getByText("a shell as root").waitFor();
    await page.keyboard.type("printf '\\033[38;2;10;200;10mgreen\\033[0m %s\\n' again\n");
    await screen.getByText("green again").waitFor();
  });

  test("Escape and then Tab leave the terminal", async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.closest('.xterm') === null")).toBe(true);
  });

  test("the console is attached to", async () => {
    await open("instances/counter?tab=console");
    await panel().getByText("the console").waitFor();
    const words = page.locator(".xterm-rows").getByText("to the console").first();
    // The line to the server is open a little before the one from there to the console.
    await expect
      .poll(async () => {
        await inside("counter", "echo to the console >/dev/console");
        return words.isVisible();
      })
      .toBe(true);
  });

  test("it is stopped and started, after a question", async () => {
    await open("instances/counter");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
    await page.getByText("stopped", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
    await page.getByText(/^running for/).waitFor();
  });

  test("one that is not in the fleet is not found, and the nearest is named", async () => {
    await open("instances/countr");
    await page.getByText('There is no instance "countr"').waitFor();
    await page.getByText('Did you mean "counter"?').waitFor();
  });

  test("nothing went wrong in the page meanwhile", () => {
    // The browser tells of every answer that is not 2xx: the one above.
    expect(dashboard.faults.filter((fault) => !fault.includes("404"))).toEqual([]);
  });
});
