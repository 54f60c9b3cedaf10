import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { removeLeftFolders } from "../../../scripts/test/leftovers.mjs";
import { tempProject } from "../../support/temp-project.ts";

test("folders of processes that are gone are removed, no others", async () => {
  const tmp = await tempProject();
  const mine = [`floe-project-${process.pid}-a`, `floe-check-${process.pid}-a`, "floe-project-home", "my-files"];
  // No process has a number as high: pid_max is at most 2^22.
  for (const name of [...mine, "floe-project-99999999-a", "floe-check-99999999-b"])
    mkdirSync(path.join(tmp.root, name, "containers"), { recursive: true });
  removeLeftFolders(tmp.root);
  expect(readdirSync(tmp.root).sort()).toEqual([...mine].sort());
  await tmp.remove();
});
