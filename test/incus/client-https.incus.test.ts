/** The client over the network: it knows the server by its certificate, and the server knows it by its own. */
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/incus/connect.ts";
import type { Server } from "../../src/model/fleet.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { tinyImage } from "../support/tiny-image.ts";

describe.skipIf(skipIncus())("the Incus client over https", () => {
  let incus: TestIncus;
  let server: Server;
  let folder: string;
  let fingerprint: string;
  let ours: string;

  beforeAll(async () => {
    incus = await testIncus();
    const address = `127.0.0.1:${await freePort()}`;
    await incus.client.request("PATCH", "/1.0", { config: { "core.https_address": address } });
    server = { name: "remote", kind: "https", url: `https://${address}` };
    const { value } = await incus.client.request<{ environment: { certificate_fingerprint: string } }>("GET", "/1.0");
    fingerprint = value.environment.certificate_fingerprint;
    folder = await mkdtemp(path.join(os.tmpdir(), "floe-https-"));
    await run("incus", ["remote", "generate-certificate"], { env: { ...process.env, INCUS_CONF: folder } });
    ours = new X509Certificate(await readFile(path.join(folder, "client.crt"))).fingerprint256
      .replaceAll(":", "")
      .toLowerCase();
  });
  afterAll(async () => {
    await incus.client.request("PATCH", "/1.0", { config: { "core.https_address": "" } });
    await incus.client.request("DELETE", `/1.0/certificates/${ours}`);
    await incus.remove();
    await rm(folder, { recursive: true });
  });

  const tls = (pinned = fingerprint) => ({
    certificatePath: path.join(folder, "client.crt"),
    keyPath: path.join(folder, "client.key"),
    fingerprint: pinned,
  });

  test("is refused until the server trusts it, then sees, uploads and runs", async () => {
    await expect(connect(server, { tls: tls() })).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining("does not trust this client"),
    });

    const certificate = new X509Certificate(await readFile(path.join(folder, "client.crt"))).raw.toString("base64");
    await incus.client.request("POST", "/1.0/certificates", { name: "test", type: "client", certificate });
    const client = await connect(server, { tls: tls(fingerprint.toUpperCase()) });
    const image = await tinyImage();
    await client.uploadImage(incus.project, image);
    const source = { type: "image", fingerprint: image.fingerprint } as const;
    await client.createInstance(incus.project, {
      name: "far",
      type: "container",
      profiles: ["default"],
      config: {},
      devices: {},
      source,
      start: true,
    });
    // Often, because a lost race for the first output shows only sometimes.
    for (let time = 0; time < 10; time++) {
      expect(await client.exec(incus.project, "far", ["echo", "over there"])).toEqual({
        exitCode: 0,
        stdout: "over there\n",
        stderr: "",
      });
    }
    expect(client).toMatchObject({ isLocal: false, address: (server as { url: string }).url });
    client.close();
  });

  test("refuses a server with another certificate", async () => {
    await expect(connect(server, { tls: tls("0".repeat(64)) })).rejects.toThrow(
      "shows another certificate than the known one",
    );
  });

  test("says when nobody listens, and when there is no certificate", async () => {
    const nobody: Server = { name: "nobody", kind: "https", url: `https://127.0.0.1:${await freePort()}` };
    await expect(connect(nobody, { tls: tls() })).rejects.toThrow(/no connection to the Incus server .*ECONNREFUSED/);
    await expect(connect(server)).rejects.toMatchObject({ code: "MISSING" });
  });
});
