import { expect, test } from "vitest";
import { rebootReasons } from "../../../../src/plan/hosts/reboot.ts";

const at = (mark: string, name: string) => `/nix/store/${mark.padStart(32, "0")}-${name}`;
const booted = {
  kernel: at("1", "linux-5.4.72/bzImage"),
  initrd: at("1", "initrd-linux-5.4.72/initrd"),
  kernelModules: at("1", "linux-5.4.72-modules"),
  kernelParams: "loglevel=4 quiet",
  systemd: at("1", "systemd-246.6"),
};

test("rebootReasons() is empty for equal parts, and where a system has none", () => {
  expect(rebootReasons(booted, booted)).toEqual([]);
  expect(rebootReasons({}, booted)).toEqual([]);
  expect(rebootReasons(booted, {})).toEqual([]);
});

test("rebootReasons() tells a new kernel once, though modules and initrd come with it", () => {
  const next = {
    ...booted,
    kernel: at("2", "linux-5.4.75/bzImage"),
    initrd: at("2", "initrd-linux-5.4.75/initrd"),
    kernelModules: at("2", "linux-5.4.75-modules"),
    systemd: at("2", "systemd-247"),
  };
  expect(rebootReasons(booted, next)).toEqual(["kernel 5.4.72 → 5.4.75", "systemd 246.6 → 247"]);
});

test("rebootReasons() tells what differs without a new version", () => {
  expect(rebootReasons(booted, { ...booted, kernel: at("2", "linux-5.4.72/bzImage") })).toEqual([
    "kernel 5.4.72: other content",
  ]);
  expect(
    rebootReasons(booted, {
      ...booted,
      initrd: at("2", "initrd-linux-5.4.72/initrd"),
      kernelModules: at("2", "linux-5.4.72-modules"),
    }),
  ).toEqual(["kernel modules 5.4.72: other content", "initrd 5.4.72: other content"]);
});

test("rebootReasons() names the parameters", () => {
  expect(rebootReasons(booted, { ...booted, kernelParams: "loglevel=4 mitigations=off" })).toEqual([
    "kernel parameters +mitigations=off -quiet",
  ]);
  expect(rebootReasons(booted, { ...booted, kernelParams: "quiet loglevel=4" })).toEqual([
    "kernel parameters in another order",
  ]);
});
