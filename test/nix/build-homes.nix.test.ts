/** `floe build` of standalone homes, by the built command with the tests' own small home-manager. */
import { cpSync, readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRepository } from "../support/corpus.ts";
import { addFirnBase } from "../support/firn-system.ts";
import { type FloeResult, floe } from "../support/floe.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

let project: TempProject;
/** No other run has built these. */
const stamp = Date.now();
const home = (text: string, spec = "") => `import { home } from "floe";
export default home(${spec}{ home: { username: "me", homeDirectory: "/home/me", file: { ".greeting": { text: "${text} ${stamp}" } } } });
`;
const laptop = (text: string) => home(text, '{ target: "me@laptop.invalid", tags: ["people"] }, ');
const build = (...args: string[]): Promise<FloeResult> => floe(project.root, ["build", ...args], {});
const paths = async (...args: string[]): Promise<string[]> => {
  const { exitCode, stdout, stderr } = await build(...args);
  expect(exitCode, stderr).toBe(0);
  return stdout.split("\n").filter(Boolean);
};
const names = async (...args: string[]): Promise<string[]> => {
  const [document = ""] = (await paths(...args, "--json")).slice(-1);
  const { outputs } = JSON.parse(document) as { outputs: { name: string; ok: boolean }[] };
  return outputs.map(({ name, ok }) => `${name} ${ok}`);
};

beforeAll(async () => {
  await addFirnBase();
  project = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "people", inputs: { nixpkgs: dir("./firn"), "home-manager": dir("./home-manager") }, homes: dir("./homes") });
`,
    "homes/me@laptop.ts": laptop("one"),
    "homes/me-desk.ts": home("another", '{ user: "me" }, '),
    ".gitignore": ".floe\nnode_modules\n",
  });
  for (const [name, from] of [
    ["firn", "../../firn"],
    ["home-manager", "../incus/home-manager"],
  ] as const)
    cpSync(path.resolve(import.meta.dirname, from), path.join(project.root, name), { recursive: true });
  await floe(project.root, ["check"], {});
  await makeRepository(project.root);
}, 120_000);
afterAll(() => project?.remove());

test("a fleet of homes alone is built without a name, and each has a link of its own", {
  timeout: 120_000,
}, async () => {
  const built = await paths();
  expect(built).toHaveLength(2);
  for (const one of built) expect(one).toMatch(/^\/nix\/store\/\w+-home-manager-generation$/);
  const roots = path.join(project.root, ".floe/roots");
  const links = Object.fromEntries(readdirSync(roots).map((name) => [name, readlinkSync(path.join(roots, name))]));
  expect(Object.keys(links).sort()).toEqual(["home:me-desk", "home:me@laptop"]);
  expect(Object.values(links).sort()).toEqual(built.toSorted());
});

test("a home is chosen by its name, its kind, a glob and a tag", { timeout: 120_000 }, async () => {
  for (const selector of ["me@laptop", "home:me@laptop", "home:me@*", "me@*", "@people"])
    expect(await names(selector)).toEqual(["home:me@laptop true"]);
  const wrong = await build("me@latop");
  expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
  expect(wrong.stderr).toContain('There is no host, container, instance or home named "me@latop"');
  expect(wrong.stderr).toContain("Did you mean me@laptop?");
});

test("what a branch changes in homes is built, with their names or without", { timeout: 120_000 }, async () => {
  expect(await names("--changed-since", "HEAD")).toEqual([]);
  await project.write("homes/me@laptop.ts", laptop("two"));
  expect(await names("me-desk", "--changed-since", "HEAD")).toEqual([]);
  expect(await names("me@laptop", "--changed-since", "HEAD")).toEqual(["home:me@laptop true"]);
  expect(await names("--changed-since", "HEAD")).toEqual(["home:me@laptop true"]);
  const { stdout, exitCode } = await floe(project.root, ["diff", "HEAD", "--exit-code"], {});
  expect(exitCode).toBe(3);
  expect(stdout).toMatch(/^~ home me@laptop {2}changed/);
});

test("homes are built beside hosts, and where one does not evaluate the others are", { timeout: 120_000 }, async () => {
  await project.write(
    "floe.config.ts",
    `import { dir, fleet, host } from "floe";
export default fleet({ name: "people", inputs: { nixpkgs: dir("./firn"), "home-manager": dir("./home-manager") }, homes: dir("./homes"),
  hosts: { crown: host({ networking: { hostName: "crown" } }) } });
`,
  );
  expect(await names()).toEqual(["crown true", "home:me-desk true", "home:me@laptop true"]);
  expect(await names("crown")).toEqual(["crown true"]);
  await project.write("homes/me@laptop.ts", laptop("three").replace("username", "usernam"));
  const { exitCode, stdout, stderr } = await build();
  expect(exitCode).toBe(1);
  expect(stdout.split("\n").filter(Boolean)).toHaveLength(2);
  expect(stderr).toMatch(/home me@laptop: home\.usernam: there is no such option\n\s+at homes\/me@laptop\.ts:2:/);
  expect((await build("me-desk")).exitCode).toBe(0);
  await run("git", ["-C", project.root, "checkout", "--quiet", "--", "homes"]);
});
