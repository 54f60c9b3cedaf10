/** The chapter of docs/containers.md that moves a container by hand to floe, played through as it stands there. */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { tinyImage } from "../support/tiny-image.ts";

const page = readFileSync(path.resolve(import.meta.dirname, "../../docs/containers.md"), "utf8");
const chapter = /^## Move a container here[\s\S]*?(?=^## )/m.exec(page)?.[0] ?? "";

describe.skipIf(skipIncus())("a container that was made by hand", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  let fingerprint: string;
  let port: number;

  beforeAll(async () => {
    incus = await testIncus();
    home = await tempProject({});
    port = await freePort();
    const image = await tinyImage({ page: "Remember the milk\n" });
    fingerprint = image.fingerprint;
    await incus.client.uploadImage(incus.project, image);
    await incus.client.setAlias(incus.project, { name: "handmade", target: fingerprint, description: "" });
    await incus.client.createInstance(incus.project, {
      name: "notes",
      type: "container",
      description: "",
      profiles: ["default"],
      config: { "boot.autostart": "true", "limits.memory": "256MiB" },
      devices: { web: { type: "proxy", listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" } },
      source: { type: "image", fingerprint },
      start: true,
    });
  });
  afterAll(async () => {
    await incus?.remove();
    await home?.remove();
  });

  /** This run's port, image and Incus project in place of the page's. */
  const adapted = (text: string): string =>
    text
      .replaceAll("8090", String(port))
      .replaceAll(/fingerprint: "[0-9a-f]{64}"/g, `fingerprint: "${fingerprint}"`)
      .replaceAll(/^( *)notes: \{$/gm, `$&\n$1  project: "${incus.project}",`);

  test("moves as the chapter says, with its data, and back", async () => {
    const blocks = [...chapter.matchAll(/^```(console|ts)\n([\s\S]*?)^```$/gm)];
    let folder = home.root;
    let commands = 0;
    for (const [, kind, text = ""] of blocks) {
      if (kind === "ts") {
        await writeOrCompare(folder, adapted(text));
        continue;
      }
      for (const call of text.split(/^\$ /m).slice(1)) {
        const [command = "", ...lines] = adapted(call).trimEnd().split("\n");
        if (command.startsWith("cd ")) {
          folder = path.join(folder, command.slice(3));
          continue;
        }
        const said = await say(command, folder);
        expect(said.split("\n"), `${command} says\n${said}`).toEqual(expect.arrayContaining(lines.map(masked)));
        commands += 1;
      }
    }
    expect(commands).toBeGreaterThan(10);
  });

  /** The first file was written by floe: what the page shows is what it is. */
  async function writeOrCompare(folder: string, block: string): Promise<void> {
    const [head = "", ...lines] = block.split("\n");
    const file = path.join(path.relative(home.root, folder), head.replace(/^\/\/ /, ""));
    if (!block.includes("volumes:")) expect(await readFile(path.join(home.root, file), "utf8")).toBe(lines.join("\n"));
    else await home.write(file, lines.join("\n"));
  }

  /** What a command of the page writes, with what differs each time left out. */
  async function say(command: string, cwd: string): Promise<string> {
    const [program, ...words] = command.split(" ");
    if (program !== "floe") return run("sh", ["-c", command], { cwd });
    const more = words[0] === "adopt" ? ["--incus-project", incus.project] : [];
    const asks = ["adopt", "apply", "rollback"].includes(words[0] ?? "") ? ["--yes"] : [];
    const { exitCode, stdout, stderr } = await floe(cwd, [...words, ...more, ...asks]);
    expect(exitCode, `${command}: ${stderr}`).toBe(0);
    return `${stderr}${stdout}`.split("\n").map(masked).join("\n");
  }

  function masked(line: string): string {
    return line
      .replaceAll(/(about )?\b[\d.]+ (ms|s|min)\b|less than 1 s/g, "TIME")
      .replaceAll(/\b[0-9a-f]{12}\b/g, "IMAGE")
      .replaceAll(/\([0-9a-z]{7}\)/g, "(BUILD)")
      .replaceAll(/ +/g, " ")
      .replaceAll(/\S{3,}…/g, "…");
  }
});
