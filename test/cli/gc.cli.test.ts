/** What `gc`, `history` and `rollback` refuse before they reach a machine. What they do there is tried on real ones. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { buildFloe, floe } from "./support/floe.ts";

let project: TempProject;

beforeAll(async () => {
  buildFloe();
  const instance = `{ instances: { crown: { server: "local" } } }`;
  project = await tempProject({
    "floe.config.ts": `import { container, dir, fleet, host } from "floe";
export default fleet({
  name: "names",
  inputs: { nixpkgs: dir("./base") },
  hosts: { crown: host({ target: "root@192.0.2.1", tags: ["far"] }, {}), lone: host({}) },
  containers: { web: container(${instance}, {}) },
});`,
    "base/flake.nix": "{ outputs = _: { }; }",
  });
});
afterAll(() => project.remove());

const inProject = (...args: string[]) => floe(args, { cwd: project.root });

test("a name that is a host and an instance is refused, with both ways to say it", async () => {
  for (const verb of ["rollback", "history"]) {
    const { exitCode, stderr } = await inProject(verb, "crown");
    expect({ exitCode, stderr }).toMatchInlineSnapshot(`
      {
        "exitCode": 2,
        "stderr": "error: "crown" is a host and an instance

        hint: Say which: host:crown or instance:crown
      ",
      }
    `);
  }
});

test("unknown names get the nearest, of the kind that was asked for", async () => {
  expect((await inProject("rollback", "lon")).stderr).toContain("Did you mean lone?");
  expect((await inProject("rollback", "web")).stderr).toContain('"web" is a container, not one of its instances');
  expect((await inProject("history", "home:me")).stderr).toContain('There is no home named "me"');
  expect((await inProject("gc", "crwn")).stderr).toContain("Did you mean crown?");
  expect((await inProject("gc", "instance:crown")).exitCode).toBe(2);
});

test("gc: numbers are checked", async () => {
  expect(await inProject("gc", "crown", "--keep", "0")).toMatchObject({ exitCode: 2, stdout: "" });
  expect(await inProject("gc", "crown", "--keep-days", "soon")).toMatchObject({ exitCode: 2, stdout: "" });
});

test("a host without a target that is not this machine is said to be out of reach", async () => {
  const { exitCode, stderr } = await inProject("gc", "lone", "--dry-run");
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('"lone" has no target') as string,
  });
  const history = await inProject("history", "lone");
  expect(history).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('"lone" has no target') as string });
  const { exitCode: code } = await inProject("rollback", "lone", "--yes");
  expect(code).toBe(1);
});
