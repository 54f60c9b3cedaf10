import { expect, test } from "vitest";
import { parseObservation, parseRecords } from "../../../../src/plan/hosts/observe-host.ts";

const system = (mark: string) => `/nix/store/${mark.padStart(32, "0")}-nixos-system-crown-26.05`;

test("parseObservation() reads a NixOS", () => {
  const text = `hostName\tcrown
machineId\t3d1219c7c4c5404aaa1f6d2a48adfda4
bootId\ta0064d0e-5e6e-4965-9705-d074852bd862
uname\tLinux aarch64
kernelRelease\t6.1.5
current\t${system("2")}
booted\t${system("1")}
current.kernel\t/nix/store/x-linux-6.1.6/Image
booted.kernel\t/nix/store/x-linux-6.1.5/Image
booted.kernelParams\tloglevel=4 quiet
profile\tsystem-10-link
generation\tsystem-10-link\t1700000000.5000000000\t${system("2")}
generation\tsystem-9-link\t1690000000\t${system("1")}
failed\tnginx.service
recorded\tyes
record\t9\t${system("1")}\thome\tabc1234-dirty\tme@laptop\t1690000001
record\t10\t${system("2")}\thome\t\t\t1700000001
free\t/dev/my disk 1000 400 600 40% /nix/store
uptime\t5000.25 900.00
init\t1 (a b) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 100000 1 1
nix\tnix-store (Nix) 2.34.8
version\t{"nixosVersion":"26.05","configurationRevision":"abc1234"}
`;
  expect(parseObservation(text)).toEqual({
    identity: {
      hostName: "crown",
      machineId: "3d1219c7c4c5404aaa1f6d2a48adfda4",
      bootId: "a0064d0e-5e6e-4965-9705-d074852bd862",
    },
    platform: "aarch64-linux",
    current: system("2"),
    booted: system("1"),
    generations: [
      { number: 9, at: 1_690_000_000_000, system: system("1") },
      { number: 10, at: 1_700_000_000_500, system: system("2") },
    ],
    boots: { number: 10, at: 1_700_000_000_500, system: system("2") },
    failedUnits: ["nginx.service"],
    records: [
      {
        number: 9,
        system: system("1"),
        fleet: "home",
        revision: "abc1234-dirty",
        by: "me@laptop",
        at: 1_690_000_001_000,
      },
      { number: 10, system: system("2"), fleet: "home", at: 1_700_000_001_000 },
    ],
    freeBytes: 600 * 1024,
    disk: { used: 400 * 1024, total: 1000 * 1024 },
    upSeconds: 4000,
    nixVersion: "2.34.8",
    kernelRelease: "6.1.5",
    configurationRevision: "abc1234",
    parts: {
      current: { kernel: "/nix/store/x-linux-6.1.6/Image" },
      booted: { kernel: "/nix/store/x-linux-6.1.5/Image", kernelParams: "loglevel=4 quiet" },
    },
  });
});

test("parseObservation() makes do with a machine that has nothing", () => {
  expect(parseObservation("hostName\tdebian\nbootId\tx\nuname\tLinux x86_64\n")).toEqual({
    identity: { hostName: "debian", machineId: undefined, bootId: "x" },
    platform: "x86_64-linux",
    current: undefined,
    booted: undefined,
    generations: [],
    boots: undefined,
    failedUnits: [],
    records: undefined,
    freeBytes: undefined,
    nixVersion: undefined,
    kernelRelease: undefined,
    configurationRevision: undefined,
    parts: { current: {}, booted: {} },
  });
});

test("parseObservation() is undefined for the answer of something else", () => {
  expect(parseObservation("This account is currently not available.\n")).toBeUndefined();
});

test("parseRecords() passes over torn lines", () => {
  expect(parseRecords([`7\t${system("1")}\thome\t\t\t1`, "8\t/nix/store/abc", "", "x\t/y\tz\t\t\t1"])).toHaveLength(1);
});
