import { describe, expect, test } from "vitest";
import type { IncusInstance, IncusProfile } from "../../../src/incus/types.ts";
import type { Instance } from "../../../src/model/fleet.ts";
import { encodeApplied } from "../../../src/plan/applied.ts";
import { desiredInstance } from "../../../src/plan/desired.ts";
import { compareInstance, devicesOf } from "../../../src/serve/details/compared.ts";
import { instanceOf } from "../../incus/apply-support.ts";

const image = { rootfs: "/nix/store/a-rootfs", metadata: "/nix/store/a-metadata" };
const described = (spec: Partial<Instance> = {}): Instance =>
  instanceOf("web", "web", "default", { config: { "limits.cpu": "2" }, ...spec });

/** As an apply of `instance` leaves it. */
function applied(instance: Instance, change: Partial<IncusInstance> = {}): IncusInstance {
  const declared = desiredInstance(instance, image).instance;
  const config = {
    ...declared.config,
    "volatile.uuid": "x",
    "user.floe.rootfs": image.rootfs,
    "user.floe.applied": encodeApplied(declared),
  };
  return {
    name: "web",
    config: { ...config, ...change.config },
    devices: declared.devices,
    expanded_devices: declared.devices,
    profiles: declared.profiles,
    description: declared.description,
    ...(({ config: _, ...rest }) => rest)(change),
  } as IncusInstance;
}

const derivation = (outPath: string) => ({ drvPath: `${outPath}.drv`, outPath });
const evaluation = (rootfs: string) => ({
  hosts: {},
  shells: {},
  images: {
    web: { ok: true as const, value: { rootfs: derivation(rootfs), metadata: derivation(image.metadata) } },
  },
});

describe("declared against as it is", () => {
  test("an instance as it was applied has no differences, and shows neither labels nor what Incus keeps", () => {
    const rows = compareInstance(described(), applied(described()), evaluation(image.rootfs));
    expect(rows.filter(({ declared, actual }) => declared !== actual)).toEqual([]);
    expect(rows).toContainEqual({ key: "config.limits.cpu", declared: "2", actual: "2" });
    expect(rows).toContainEqual({ key: "profiles", declared: "default", actual: "default" });
    expect(rows[0]).toEqual({ key: "image", declared: image.rootfs, actual: image.rootfs });
    expect(rows.filter(({ key }) => /volatile|user\.floe/.test(key))).toEqual([]);
  });

  test("what somebody changed, added or removed is drift; what was edited is not", () => {
    const found = applied(described(), {
      config: { "limits.cpu": "8", "limits.memory": "1GiB" },
      devices: { extra: { type: "none" } },
    });
    const rows = compareInstance(described({ description: "New words" }), found, undefined);
    expect(rows.filter(({ declared, actual }) => declared !== actual)).toEqual([
      { key: "image", actual: image.rootfs },
      { key: "config.limits.cpu", declared: "2", actual: "8", isDrift: true },
      { key: "config.limits.memory", actual: "1GiB", isDrift: true },
      { key: "description", declared: "New words" },
      { key: "devices.extra", actual: "none", isDrift: true },
    ]);
  });

  test("one that is not made yet has only what is declared", () => {
    const rows = compareInstance(described(), undefined, evaluation("/nix/store/b-rootfs"));
    expect(rows).toContainEqual({ key: "config.limits.cpu", declared: "2" });
    expect(rows[0]).toEqual({ key: "image", declared: "/nix/store/b-rootfs" });
    expect(rows.filter(({ actual, isDrift }) => actual !== undefined || isDrift === true)).toEqual([]);
  });
});

test("a device is the instance's, else that of the last profile that has it", () => {
  const profile = (name: string, devices: IncusProfile["devices"]): IncusProfile => ({
    name,
    devices,
    config: {},
    description: "",
    used_by: [],
  });
  const found = applied(described(), {
    profiles: ["default", "lan"],
    devices: { own: { type: "none" } },
    expanded_devices: { own: { type: "none" }, root: { type: "disk" }, eth0: { type: "nic" } },
  });
  const devices = devicesOf(found, [
    profile("default", { root: { type: "disk" }, eth0: { type: "nic" } }),
    profile("lan", { eth0: { type: "nic" }, own: { type: "disk" } }),
  ]);
  expect(devices.map(({ name, from }) => [name, from])).toEqual([
    ["own", "instance"],
    ["root", "profile default"],
    ["eth0", "profile lan"],
  ]);
});
