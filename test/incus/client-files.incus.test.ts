/** The process of Incus that serves an instance's files, when it is lost: whoever asks at once again never gets an answer. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipIncus, type TestIncus, testIncus, testSocket } from "../support/incus.ts";
import { tinyImage } from "../support/tiny-image.ts";

describe.skipIf(skipIncus())("files of an instance, with the process that serves them lost", () => {
  let incus: TestIncus;
  beforeAll(async () => {
    incus = await testIncus();
    const image = await tinyImage({ page: "files" });
    await incus.client.uploadImage(incus.project, image);
    await incus.client.createInstance(incus.project, {
      name: "files",
      type: "container",
      profiles: ["default"],
      config: {},
      devices: {},
      source: { type: "image", fingerprint: image.fingerprint },
    });
    await incus.client.setInstanceState(incus.project, "files", "start");
  });
  afterAll(() => incus.remove());

  test("they are read and written all the same", { timeout: 180_000 }, async () => {
    const { client, project } = incus;
    const socket = path.join(path.dirname(testSocket() ?? ""), "run", `${project}_files`, "forkfile.sock");
    expect(await client.getFile(project, "files", "/www/index.html")).toBeDefined();
    // As the process before it does when it ends at the wrong moment.
    await rm(socket);
    const file = await client.getFile(project, "files", "/www/index.html");
    expect(new TextDecoder().decode(file)).toBe("files");
    await client.putFile(project, "files", "/etc/note", "kept\n");
    expect(await client.getFile(project, "files", "/nowhere")).toBeUndefined();
  });
});
