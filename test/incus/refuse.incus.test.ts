import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildFloe, fleetProject, floe, lastDocument, skipNix } from "../cli/support/floe.ts";
import { skipIncus, type TestIncus, testIncus, testSocket } from "../support/incus.ts";
import type { TempProject } from "../support/temp-project.ts";

describe.skipIf(skipIncus() || skipNix())("with Incus and nix", () => {
  let incus: TestIncus;
  let project: TempProject;

  beforeAll(async () => {
    buildFloe();
    incus = await testIncus();
    project = await fleetProject({ socket: testSocket() ?? "", project: incus.project });
  });
  afterAll(async () => {
    await project?.remove();
    await incus?.remove();
  });

  test("apply without a terminal and without --yes shows the plan, changes nothing and ends with 2", async () => {
    const { exitCode, stdout, stderr } = await floe(["apply"], { cwd: project.root });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatchInlineSnapshot(`
      "Wrote 5 flake files
      Evaluating (1)
        + create  image     web    built, then imported
        + create  instance  web-1
        + create  instance  web-2

      Order
        1  web-1
        2  web-2

      3 to create

      error: Cannot ask whether to go on: this is no terminal

        hint: Add --yes when it shall be done without a question
      "
    `);
    expect(await incus.client.listInstances(incus.project)).toEqual([]);
    expect(await incus.client.listImages(incus.project)).toEqual([]);
  });

  test("plan --exit-code ends with 3 when there are changes, plan with 0", async () => {
    const { exitCode, stdout } = await floe(["plan", "--exit-code", "--json"], { cwd: project.root });
    expect(exitCode).toBe(3);
    const { plan } = lastDocument(stdout) as { plan: { changes: { kind: string; action: string }[] } };
    expect(plan.changes.map(({ kind, action }) => `${action} ${kind}`)).toEqual([
      "create image",
      "create instance",
      "create instance",
    ]);
    expect((await floe(["plan"], { cwd: project.root })).exitCode).toBe(0);
  });

  test("plan of one instance is about that one", async () => {
    const { stdout } = await floe(["plan", "instance:web-1"], { cwd: project.root });
    expect(stdout).toContain("web-1");
    expect(stdout).not.toContain("web-2");
  });

  test("a saved plan is refused when the project has changed since", async () => {
    expect((await floe(["plan", "-o", "plan.json"], { cwd: project.root })).exitCode).toBe(0);
    const config =
      'import { container } from "floe";\nexport default container({ system: "x86_64-linux", instances: { "web-1": { autostart: true, project: "PROJECT" } } }, {});\n';
    await project.write("containers/web.ts", config.replace("PROJECT", incus.project));
    const { exitCode, stderr } = await floe(["apply", "plan.json", "--yes"], { cwd: project.root });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("error: The world or the project has changed since the plan was made\n");
    expect(await incus.client.listInstances(incus.project)).toEqual([]);
  });
});
