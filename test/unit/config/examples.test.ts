import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { initProject } from "../../../src/init/init-project.ts";
import { type Fleet, instancesOf } from "../../../src/model/fleet.ts";

const listens = (fleet: Fleet) =>
  instancesOf(fleet).map(({ name, ports }) => [name, ports.map(({ listen }) => listen).join()]);

test("examples/home loads: one host, two containers, three instances, modules in both languages, a dev shell", async () => {
  const fleet = await loadFleet(resolve(import.meta.dirname, "../../../examples/home"));
  expect(fleet.name).toBe("home");
  expect(fleet.inputs).toEqual({ nixpkgs: { kind: "path", path: "./firn" } });
  expect([Object.keys(fleet.hosts), Object.keys(fleet.containers), Object.keys(fleet.shells)]).toEqual([
    ["crown"],
    ["counter", "web"],
    ["default"],
  ]);
  expect(listens(fleet)).toEqual([
    ["counter", "tcp:127.0.0.1:8083"],
    ["web-1", "tcp:127.0.0.1:8081"],
    ["web-2", "tcp:127.0.0.1:8082"],
  ]);
  expect(fleet.containers["counter"]?.instances["counter"]?.volumes).toEqual({
    "/var/lib/counter": { pool: "default", name: "counter", existing: false },
  });
  expect(Object.keys(fleet.modules)).toEqual(["modules/motd.ts"]);
  expect(JSON.stringify(fleet.containers["web"]?.module.expr)).toContain("../../modules/site.nix");
});

describe.each(["firn", "nixpkgs"] as const)("the %s template", (base) => {
  test("loads", async () => {
    const folder = mkdtempSync(join(tmpdir(), `floe-project-${process.pid}-`));
    try {
      initProject(folder, base);
      const fleet = await loadFleet(folder);
      expect([Object.keys(fleet.hosts), Object.keys(fleet.containers), Object.keys(fleet.shells)]).toEqual([
        ["server"],
        ["web"],
        ["default"],
      ]);
      expect(listens(fleet)).toEqual([["web", "tcp:127.0.0.1:8080"]]);
      expect(fleet.inputs["nixpkgs"]?.kind).toBe(base === "firn" ? "path" : "url");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
