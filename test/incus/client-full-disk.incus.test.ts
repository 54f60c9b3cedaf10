/** A server without room: the error names the cause and the remedy, and nothing half-made stays. */
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FullDiskIncus, fullDiskIncus } from "../support/full-disk-incus.ts";
import { skipIncus } from "../support/incus.ts";
import { tinyImage } from "../support/tiny-image.ts";

const FULL = { code: "INCUS", hint: expect.stringContaining("disk of the Incus server is full") };

describe.skipIf(skipIncus())("an Incus with a full disk", () => {
  let incus: FullDiskIncus;
  beforeAll(async () => {
    incus = await fullDiskIncus(12);
  });
  afterAll(() => incus?.remove());

  test("refuses the upload, though it answers before everything is sent", async () => {
    const large = await tinyImage({ ballastBytes: 60_000_000 });
    await expect(incus.client.uploadImage("default", large)).rejects.toMatchObject(FULL);
    expect(await incus.client.listImages("default")).toEqual([]);
  });

  test("refuses the instance that does not fit, and leaves none", async () => {
    const swelling = await tinyImage({ ballastBytes: 60_000_000, compressible: true });
    await incus.client.uploadImage("default", swelling);
    const source = { type: "image", fingerprint: swelling.fingerprint } as const;
    const creation = incus.client.createInstance("default", {
      name: "large",
      type: "container",
      profiles: ["default"],
      config: {},
      devices: {},
      source,
    });
    await expect(creation).rejects.toMatchObject(FULL);
    expect(await incus.client.listInstances("default")).toEqual([]);
  });

  test("does not take a file for written that has no room", async () => {
    const small = await tinyImage();
    await incus.client.uploadImage("default", small);
    const source = { type: "image", fingerprint: small.fingerprint } as const;
    const body = { type: "container", profiles: ["default"], config: {}, devices: {}, source } as const;
    await incus.client.createInstance("default", { name: "small", ...body });
    const filler = path.join(incus.dir, "filler");
    await writeFile(filler, Buffer.alloc(64 << 20)).catch(() => {});
    await expect(incus.client.putFile("default", "small", "/etc/key", "a secret\n")).rejects.toMatchObject(FULL);
    await rm(filler);
    await incus.client.putFile("default", "small", "/etc/key", "a secret, ä\n");
    await incus.client.putFile("default", "small", "/etc/empty", "");
    await incus.client.deleteInstance("default", "small");
  });
});
