import { cp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { plain } from "../../src/cli/render/style.ts";
import { renderWhy } from "../../src/cli/render/why.ts";
import { findProject } from "../../src/config/find.ts";
import { loadWithPlaces } from "../../src/diagnose/diagnose.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import { listOptions, searchOptions } from "../../src/options/search.ts";
import { explainOption } from "../../src/options/why.ts";
import { askFleet, cacheDir, load, writeFlake } from "../../src/pipeline.ts";
import { tempProject } from "../support/temp-project.ts";
import { homeManager } from "./fixtures/home-manager.ts";
import { nixCommand } from "./fixtures/mini.ts";

process.env["FLOE_NIX"] = nixCommand;

const work = { emit: () => {}, signal: new AbortController().signal };

const files = {
  "floe.config.ts": `import { dir, fleet } from "floe";\nexport default fleet({ inputs: { nixpkgs: dir("./firn") }, hosts: dir("./hosts") });\n`,
  "modules/base.ts": `import { module } from "floe";
export const base = module(({ lib }) => ({
  networking: { domain: "home.lan", hostName: lib.mkDefault("base") },
  environment: { variables: { EDITOR: "vi" } },
}));
`,
  "modules/old.nix": `{ lib, ... }:\n{\n  environment.variables.PAGER = "less";\n  networking.nameservers = lib.mkBefore [ "9.9.9.9" ];\n}\n`,
  "hosts/crown.ts": `import { host, nix } from "floe";
import { base } from "../modules/base.ts";
export default host(({ config, lib, pkgs }) => ({
  imports: [base, nix.path("../modules/old.nix")],
  networking: {
    hostName: "crown",
    domain: lib.mkForce("forced.lan"),
    nameservers: ["1.1.1.1"],
  },
  users: { users: { me: { isNormalUser: true, shell: pkgs.bash, extraGroups: ["wheel"] } } },
  environment: lib.mkIf(nix\`config.networking.domain == "x"\`, { variables: { NEVER: "set" } }),
}));
`,
  "hosts/broken.ts": `import { host } from "floe";\nexport default host({ networking: { hostName: 42 } });\n`,
};

async function firnProject(
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly fleet: Fleet; readonly placed: Fleet }> {
  const project = await tempProject({ ...files, ...more });
  onTestFinished(() => project.remove());
  await cp(resolve(import.meta.dirname, "../../firn"), join(project.root, "firn"), { recursive: true });
  const fleet = await load(findProject(project.root), work);
  await writeFlake(fleet, work);
  return { fleet, placed: (await loadWithPlaces(project.root)) ?? fleet };
}

test("why shows the value, every definition with its place and priority, and what the option is", async () => {
  const { fleet, placed } = await firnProject();
  const text = await askFleet(
    fleet,
    async (asking) => {
      const answers: string[] = [];
      for (const [machine, option] of [
        ["crown", "networking.hostName"],
        ["crown", "networking.domain"],
        ["crown", "networking.nameservers"],
        ["crown", "environment.variables.PAGER"],
        ["crown", "users.users.me.extraGroups"],
        ["crown", "users.users.me.shell"],
        ["crown", "networking.firewall.allowedTCPPorts"],
        ["crown", "networking.firewall"],
        ["broken", "networking.hostName"],
      ] as const) {
        const answer = await explainOption({ fleet: placed, machine, option }, asking).catch(
          (error: unknown) => error as Error,
        );
        answers.push(
          answer instanceof Error
            ? `${answer.message}\n`
            : renderWhy(answer, { colors: plain, width: 110, verbose: false }),
        );
      }
      return answers.join(`\n${"-".repeat(40)}\n`);
    },
    work,
  );
  await expect(text.replaceAll(/\/nix\/store\/[0-9a-z]{32}/g, "/nix/store/HASH")).toMatchFileSnapshot(
    "snapshots/why.txt",
  );
});

test("why knows containers and standalone homes, and says what is not set", async () => {
  const { fleet, placed } = await firnProject({
    "floe.config.ts": files["floe.config.ts"].replace(
      'dir("./firn") }',
      'dir("./firn"), "home-manager": dir("./hm") }, homes: dir("./homes"), containers: dir("./containers")',
    ),
    "hm/flake.nix": homeManager,
    "containers/db.ts": `import { container } from "floe";
import { base } from "../modules/base.ts";
export default container({}, ({ lib }) => ({
  imports: [base],
  networking: { domain: lib.mkOverride(70, "db.lan") },
}));
`,
    "modules/user.ts": `import { module } from "floe";
export const user = module(({ lib }) => ({ home: { username: lib.mkDefault("you") } }));
`,
    "homes/me.ts": `import { home } from "floe";
import { user } from "../modules/user.ts";
export default home({ imports: [user], home: { username: "me" } });
`,
  });
  const ask = (machine: string, option: string) =>
    askFleet(fleet, (asking) => explainOption({ fleet: placed, machine, option }, asking), work);
  expect(await ask("me", "home.username")).toMatchObject({
    value: "me",
    definitions: [
      { file: "homes/me.ts", line: 3, state: "used", priority: 100 },
      { file: "modules/user.ts", line: 2, state: "outranked", priority: 1000 },
    ],
  });
  expect(await ask("db", "networking.domain")).toMatchObject({
    value: "db.lan",
    definitions: [
      { file: "containers/db.ts", line: 5, state: "used", priority: 70 },
      { file: "modules/base.ts", line: 3, state: "outranked", priority: 100 },
    ],
  });
  expect(await ask("db", "users.users.nobody-here.shell")).toMatchObject({
    error: { message: "there is no users.users.nobody-here" },
    definitions: [],
  });
  await expect(ask("me", "home.usernam")).rejects.toMatchObject({ hint: "Did you mean home.username?" });
});

test("why suggests the nearest option", async () => {
  const { fleet, placed } = await firnProject();
  const ask = (option: string) =>
    askFleet(fleet, (asking) => explainOption({ fleet: placed, machine: "crown", option }, asking), work);
  await expect(ask("networking.hostNme")).rejects.toMatchObject({
    message: 'There is no option "networking.hostNme" on crown',
    hint: "Did you mean networking.hostName?",
  });
  await expect(ask("users.users.me.shel")).rejects.toMatchObject({ hint: "Did you mean users.users.me.shell?" });
});

test("options lists what a machine declares, once, and searches it", async () => {
  const { fleet } = await firnProject();
  let asked = 0;
  const list = () =>
    askFleet(
      fleet,
      (asking) =>
        listOptions("crown", cacheDir(fleet.root), asking.nixVersion, {
          ...asking,
          ask: (fn) => {
            asked += 1;
            return asking.ask(fn);
          },
        }),
      work,
    );
  const options = await list();
  expect(await list()).toEqual(options);
  expect(asked).toBe(1);
  expect(searchOptions(options, ["hostname"])[0]).toEqual({
    name: "networking.hostName",
    type: expect.stringMatching(/^string/),
    description: expect.stringContaining("name of the machine"),
  });
  expect(searchOptions(options, ["shell"]).map(({ name }) => name)).toContain("users.users.<name>.shell");
  expect(searchOptions(options, ["firewall", "udp"]).map(({ name }) => name)).toEqual([
    "networking.firewall.allowedUDPPorts",
  ]);
  expect(searchOptions(options, ["firewall", "postgres"])).toEqual([]);
});
