/** A daemon that was killed and comes back: it answers before it has started the instances that start with it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { untilReady } from "../../src/apply/ready.ts";
import { skipIncus } from "../support/incus.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { type Lab, openLab } from "./faults/lab.ts";

describe.skipIf(skipIncus())("an Incus that has just started", { timeout: 120_000 }, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    const image = await tinyImage({ page: "ready" });
    await lab.client.uploadImage("default", image);
    const body = { type: "container", profiles: ["default"], devices: {} } as const;
    const source = { type: "image", fingerprint: image.fingerprint } as const;
    const first = { "boot.autostart": "true", "boot.autostart.priority": "10", "boot.autostart.delay": "3" };
    await lab.client.createInstance("default", { ...body, name: "first", config: first, source });
    await lab.client.createInstance("default", { ...body, name: "last", config: { "boot.autostart": "true" }, source });
  });
  afterAll(() => lab.remove());

  const status = async (name: string) => (await lab.client.getInstance("default", name))?.value.status;

  test("is waited for until it starts nothing by itself any more", async () => {
    const back = lab.killIncusd();
    const seen: (string | undefined)[] = [];
    for (let answered = false; !answered; ) {
      const now = await status("last").catch(() => "no answer");
      seen.push(now);
      answered = now !== "no answer";
      if (!answered) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // It answers, and is not there yet: whoever changed "last" now would have it started under their hands.
    expect(seen.at(-1)).toBe("Stopped");
    await untilReady(lab.client, 30_000);
    expect(await status("last")).toBe("Running");
    await back;
  });

  test("is not waited for longer than asked", async () => {
    const begin = performance.now();
    await untilReady(lab.client, 30_000);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});
