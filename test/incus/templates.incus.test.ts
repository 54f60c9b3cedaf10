/** Templates that are declared in TypeScript, built by the real Nix and filled in by the real Incus. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acquireLock, apply, load, openConnections, plan, writeFlake } from "../../src/pipeline.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { outcomes } from "./apply-support.ts";

const HOME = path.resolve(import.meta.dirname, "../../examples/home");

const container = (project: string, site: string) => `import { container, nix } from "floe";

export default container(
  { instances: { site: { project: "${project}", config: { "user.site": "${site}" } } } },
  {
    virtualisation: {
      lxc: {
        templates: {
          site: {
            enable: true,
            target: "/etc/site",
            template: nix\`builtins.toFile "site.tpl" ''{{ container.name }} of {{ config_get("user.site", "none") }}''\`,
            when: ["start"],
          },
        },
      },
    },
  },
);
`;

describe.skipIf(skipIncus())("templates of an image without cloud-init", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  beforeAll(async () => {
    incus = await testIncus();
    home = await tempProject({}, HOME);
    for (const folder of ["containers", "hosts"]) await rm(path.join(home.root, folder), { recursive: true });
    await home.write(
      "floe.config.ts",
      `import { dir, fleet } from "floe";
export default fleet({ name: "${incus.project}", inputs: { nixpkgs: dir("./firn") }, containers: dir("./containers") });\n`,
    );
  });
  afterAll(async () => {
    await incus?.remove();
    await home?.remove();
  });

  async function applied(site: string): Promise<string[]> {
    await home.write("containers/site.ts", container(incus.project, site));
    const work = { emit: () => {}, signal: new AbortController().signal };
    const fleet = await load({ root: home.root, configFile: "floe.config.ts" }, work);
    await writeFlake(fleet, work);
    const connections = openConnections(fleet, work.signal);
    const lock = acquireLock(home.root, "apply");
    try {
      const planned = await plan(fleet, { selection: null, prune: false }, connections, work);
      const clients = await connections.clients;
      return outcomes(await apply(fleet, { ...planned, clients, lock, partial: false }, work));
    } finally {
      lock.release();
      await connections.close();
    }
  }
  const written = async () => new TextDecoder().decode(await incus.client.getFile(incus.project, "site", "/etc/site"));

  test("are filled in from the instance's config at each start", async () => {
    expect(await applied("example.org")).toEqual(["create image site: done", "create instance site: done"]);
    expect(await written()).toBe("site of example.org");
    expect(await applied("example.net")).toEqual(["live instance site: done"]);
    await incus.client.setInstanceState(incus.project, "site", "restart", { force: true });
    expect(await written()).toBe("site of example.net");
  });
});
