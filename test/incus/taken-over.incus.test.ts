/** A container whose image comes from a flake that floe did not write, beside one in TypeScript: built by Nix, run by Incus. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExistingFlake, existingFlake, flakeFiles, fleetText } from "../support/existing-flake.ts";
import { type FloeResult, floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";

describe.skipIf(skipIncus())("containers of an existing flake", { timeout: 180_000 }, () => {
  let incus: TestIncus;
  let flake: ExistingFlake;
  const run = (...args: string[]): Promise<FloeResult> => floe(flake.root, args);
  const there = async (name: string, file: string): Promise<string> =>
    (await run("exec", name, "--", "cat", file)).stdout.trim();

  beforeAll(async () => {
    incus = await testIncus();
    const spec = `project: "${incus.project}", health: [{ exec: ["test", "-e", "/etc/web"], within: "20s" }]`;
    const text = fleetText({ instances: `web: { ${spec} }` })
      .replace('name: "taken-over"', `name: "${incus.project}"`)
      .replace(
        "containers: {",
        `containers: {
    box: container({ instances: { box: { project: "${incus.project}" } } }, { environment: { etc: { box: { text: "in TypeScript" } } } }),`,
      );
    flake = await existingFlake({ ...flakeFiles, "floe.config.ts": text });
  });
  afterAll(async () => {
    await incus?.remove();
    await flake?.remove();
  });

  test("plan says what would be made; apply makes it, and nothing the second time", async () => {
    const plan = await run("plan", "--exit-code", "web", "box");
    expect(plan.exitCode, plan.stderr).toBe(3);
    expect(plan.stdout).toMatch(/create[\s\S]*box[\s\S]*web/);
    const applied = await run("apply", "--yes");
    expect(applied.exitCode, applied.stderr).toBe(0);
    expect(await there("web", "/etc/web")).toBe("by hand");
    expect(await there("box", "/etc/box")).toBe("in TypeScript");
    expect((await run("plan", "--exit-code", "web", "box")).exitCode).toBe(0);
    expect((await run("list")).stdout).toMatch(/web +running/);
  });

  test("an edit of its Nix replaces it alone; rollback brings the one before back", async () => {
    await flake.write("modules/web.nix", '{ environment.etc.web.text = "edited"; }\n');
    const plan = await run("plan", "web", "box");
    expect(plan.stdout).toMatch(/web[\s\S]*image/);
    expect(plan.stdout).not.toMatch(/^\s*[±~+]\s+\S*\s*box/m);
    const applied = await run("apply", "--yes");
    expect(applied.exitCode, applied.stderr).toBe(0);
    expect(await there("web", "/etc/web")).toBe("edited");
    const back = await run("rollback", "web", "--yes");
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await there("web", "/etc/web")).toBe("by hand");
  });

  test("a mistake in its Nix is told with its line, and what runs runs on", async () => {
    await flake.write("modules/web.nix", "{ environment.etc.web.txt = 1; }\n");
    const applied = await run("apply", "--yes");
    expect(applied.exitCode).not.toBe(0);
    expect(applied.stdout + applied.stderr).toContain("modules/web.nix:1");
    expect(await there("web", "/etc/web")).toBe("by hand");
  });
});
