import { describe, expect, test } from "vitest";
import type { Instance } from "../../../src/model/fleet.ts";
import { checkSchema, readSchema } from "../../../src/plan/schema.ts";
import { desired } from "./world.ts";

/** As a server answers `GET /1.0/metadata/configuration`, in small. */
const answer = {
  configs: {
    instance: {
      "resource-limits": {
        keys: [
          { "limits.memory": { type: "string", shortdesc: "Memory" } },
          { "limits.processes": { type: "integer", condition: "container" } },
        ],
      },
      security: {
        keys: [
          { "security.nesting": { type: "bool", condition: "container" } },
          { "security.secureboot": { type: "bool", condition: "virtual machine" } },
          { "security.idmap.size": { type: "integer", condition: "unprivileged container" } },
        ],
      },
      miscellaneous: { keys: [{ "user.*": { type: "string" } }, { "environment.*": { type: "string" } }] },
      boot: { keys: [{ "boot.autostart": { type: "bool" } }] },
    },
    kernel: { limits: { keys: [{ "limits.kernel.nofile": { type: "string" } }] } },
    devices: {
      disk: {
        keys: [
          { path: { type: "string" } },
          { source: { type: "string" } },
          { readonly: { type: "bool" } },
          { "initial.*": { type: "string" } },
        ],
      },
      "unix-char-block": { keys: [{ path: { type: "string" } }, { gid: { type: "int" } }] },
    },
  },
};
const schema = readSchema(answer);
const problems = (spec: Partial<Instance>) =>
  checkSchema(desired(spec), schema).map(({ message, keys }) => `${keys?.join(".")}: ${message}`);

describe("checkSchema()", () => {
  test("what the server knows is no problem", () => {
    const config = {
      "limits.memory": "1GiB",
      "limits.processes": "10",
      "security.nesting": "yes",
      "user.x": "1",
      "limits.kernel.rttime": "5",
    };
    const devices = {
      data: { type: "disk", path: "/x", source: "/x", readonly: "True", "initial.mode": "700" },
      eth0: { type: "nic", anything: "x" },
    };
    expect(problems({ config, devices, environment: { A: "1" } })).toEqual([]);
  });

  test.each([
    ["a key that is misspelt", { config: { "limits.memroy": "1GiB" } }],
    ["a key that is near none", { config: { "zzz.yyy.xxx": "1" } }],
    ["a flag that is none", { config: { "security.nesting": "perhaps" } }],
    ["a number that is none", { config: { "limits.processes": "many" } }],
    ["a key of virtual machines", { config: { "security.secureboot": "true" } }],
    ["a key of containers", { type: "virtual-machine", config: { "security.idmap.size": "1" } }],
    ["an option that is misspelt", { devices: { data: { type: "disk", path: "/x", source: "/x", readonyl: "true" } } }],
    ["an option of another type", { devices: { tun: { type: "unix-char", path: "/x", gid: "video" } } }],
  ] satisfies [string, Partial<Instance>][])("refuses %s", (_what, spec) => {
    expect(problems(spec)).toMatchSnapshot();
  });

  test("nothing is said without a schema, or from one that is empty", () => {
    const wrong = desired({ config: { "no.such": "key" } });
    expect(checkSchema(wrong, undefined)).toEqual([]);
    expect(checkSchema(wrong, readSchema({}))).toEqual([]);
    expect(checkSchema(wrong, readSchema(null))).toEqual([]);
  });
});
