import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findProject } from "../../../src/config/find.ts";
import { ConfigError } from "../../../src/errors.ts";
import { project } from "./project.ts";

test("findProject() finds the nearest floe.config.ts upwards", () => {
  const root = project({
    "floe.config.ts": "",
    "inner/floe.config.mts": "",
    "inner/deep/er/file.txt": "",
    "containers/web.ts": "",
  });
  expect(findProject(join(root, "containers"))).toEqual({ root: realpathSync(root), configFile: "floe.config.ts" });
  expect(findProject(join(root, "inner/deep/er"))).toEqual({
    root: join(realpathSync(root), "inner"),
    configFile: "floe.config.mts",
  });
});

test("findProject() gives the real path of a project that is reached through a link", () => {
  const root = project({ "floe.config.ts": "", "sub/x": "" });
  const link = join(root, "..", "link");
  symlinkSync(root, link);
  expect(findProject(join(link, "sub")).root).toBe(realpathSync(root));
});

test("findProject() says how to start or name a project when there is none", () => {
  const root = project({ "nothing.txt": "" });
  mkdirSync(join(root, "a"));
  let error: unknown;
  try {
    findProject(join(root, "a"));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({
    message: `Cannot find a floe.config.ts in "${join(root, "a")}" or a folder above it`,
    hint: "Start a project here with `floe init`, or name one with `--project DIR` (`-C DIR`)",
    exitCode: 2,
  });
});
