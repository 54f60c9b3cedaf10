/** The page of a host that is a real machine, reached over SSH. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessibilityFaults, type Dashboard, screenshots, skipBrowser, startDashboard } from "../support/browser.ts";
import { addFirnBase, firnSystem } from "../support/firn-system.ts";
import { type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type SshLab, sshLab } from "../support/ssh-machine.ts";

const beat = `services.beat.script = "exec sleep 1000000";`;

describe.skipIf(skipBrowser() || skipMachines())("a host's page", () => {
  let incus: TestIncus;
  let lab: SshLab<"crown">;
  let dashboard: Dashboard;
  let page: Page;
  beforeAll(async () => {
    await addFirnBase();
    incus = await testIncus();
    lab = await sshLab(incus, { crown: {} });
    await lab.machines.crown.installSystem(await firnSystem({ hostName: "crown", config: beat }));
    dashboard = await startDashboard({
      env: lab.env,
      isApplied: false,
      files: () => ({
        "hosts/crown.ts": `import { host } from "floe";
export default host({ target: "crown", tags: ["server"], confirm: "10s" }, ({ pkgs }) => ({
  networking: { hostName: "crown" },
  system: { stateVersion: "26.05" },
  environment: { systemPackages: [pkgs.hello] },
  services: { beat: { script: "exec sleep 1000000" } },
}));
`,
      }),
    });
    const { exitCode, stderr } = await dashboard.floe("switch", "crown", "--yes", "--adopt");
    if (exitCode !== 0) throw new Error(stderr);
    page = await dashboard.signIn();
  }, 240_000);
  afterAll(async () => {
    await dashboard?.remove();
    await lab?.remove();
    await incus?.remove();
  });

  const open = (path: string) => page.goto(dashboard.url + path);
  const panel = () => page.getByRole("tabpanel");

  test("says which generation runs, how full its disk is, and where it is described", async () => {
    await open("hosts/crown");
    await page.getByText("reachable", { exact: true }).waitFor({ timeout: 30_000 });
    await page.getByText("generation 2").waitFor();
    await panel().getByText("hosts/crown.ts:").waitFor();
    await panel()
      .getByText(/ of .*GB/)
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshots(page, "host-reachable");
  });

  test("a unit that has failed is named", async () => {
    await lab.machines.crown.sh("systemd-run --quiet --unit broken false || true; sleep 0.5");
    await open("hosts/crown");
    await panel().getByText("broken.service").waitFor({ timeout: 30_000 });
    await lab.machines.crown.sh("systemctl reset-failed");
  });

  test("packages are compared between any two generations", async () => {
    await open("hosts/crown?tab=changes&from=1&to=2");
    await panel()
      .getByRole("row", { name: /hello added/ })
      .waitFor({ timeout: 30_000 });
    await panel().getByLabel("From generation").selectOption("2");
    await panel().getByLabel("To generation").selectOption("1");
    await panel()
      .getByRole("row", { name: /hello removed/ })
      .waitFor();
    expect(new URL(page.url()).search).toBe("?tab=changes&from=2&to=1");
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshots(page, "host-changes");
  });

  test("an edit of it is planned, read and switched to from its page", async () => {
    await dashboard.edit("hosts/crown.ts", "exec sleep 1000000", "exec sleep 2000000");
    await open("hosts/crown");
    await page.getByText("reachable", { exact: true }).waitFor({ timeout: 30_000 });
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    const change = page.locator(".host-change").filter({ hasText: "crown" });
    await change.getByText("System", { exact: true }).waitFor({ timeout: 45_000 });
    const bar = page.locator(".apply-bar");
    await bar.getByRole("button", { name: /^Apply/ }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Apply now" }).click();
    await page.getByText("Everything is as planned").waitFor({ timeout: 45_000 });
    await open("hosts/crown");
    await page.locator(".page-about").getByText("generation 3").waitFor();
    await lab.machines.crown.sh("grep -qa '[s]leep.2000000' /proc/[0-9]*/cmdline");
  }, 120_000);

  test("one that does not evaluate any more since its plan is left alone, with the reason", async () => {
    await dashboard.edit("hosts/crown.ts", "exec sleep 2000000", "exec sleep 3000000");
    await open("hosts/crown");
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    const bar = page.locator(".apply-bar");
    await bar.getByRole("button", { name: /^Apply/ }).click({ timeout: 45_000 });
    await dashboard.edit("hosts/crown.ts", "services:", "servces:");
    await page.getByRole("alertdialog").getByRole("button", { name: "Apply now" }).click();
    await page.getByText(/Nothing was changed: host crown: .*servces/).waitFor({ timeout: 45_000 });
    await dashboard.edit("hosts/crown.ts", "servces:", "services:");
    await dashboard.edit("hosts/crown.ts", "exec sleep 3000000", "exec sleep 2000000");
  });

  test("one click leads back to an earlier generation, as a new one with its content", async () => {
    await open("hosts/crown?tab=generations");
    await panel().getByRole("button", { name: "Go to it" }).first().waitFor();
    await screenshots(page, "host-generations");
    await panel().getByRole("row", { name: /^1 / }).getByRole("button", { name: "Go to it" }).click();
    const dialog = page.getByRole("dialog", { name: "Roll crown back to generation 1?" });
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await page.getByText(/^Done: /).waitFor({ timeout: 60_000 });
    await panel()
      .getByRole("row", { name: /^4\s*runs\s*same as 1/ })
      .waitFor({ timeout: 30_000 });
    await page.locator(".page-about").getByText("generation 4").waitFor({ timeout: 8_000 });
    expect((await lab.machines.crown.systemOf()).current).toContain("crown");
  });

  test("one that does not answer any more is told of", async () => {
    await incus.client.setInstanceState(incus.project, "crown", "stop", { force: true });
    await page.getByRole("link", { name: "Fleet" }).first().click();
    await dashboard.restart();
    await open("hosts/crown");
    await page.getByText("It does not answer").waitFor({ timeout: 45_000 });
  });
});
