import { expect, test } from "vitest";
import { predictUnits } from "../../../../src/plan/hosts/units.ts";

const at = (mark: string, file: string): [string, string] => [
  file,
  `/nix/store/${mark.padStart(32, "0")}-unit-${file}/${file}`,
];
const active = (...units: readonly string[]) => new Set(units);
/** Units that differ between both systems, with a line of their new text. */
const changed = (units: Readonly<Record<string, string>>) => ({
  old: { links: new Map(Object.keys(units).map((unit) => at("1", unit))), keptOnRemoval: new Set<string>() },
  next: {
    links: new Map(Object.keys(units).map((unit) => at("2", unit))),
    textOf: (unit: string) => `[Unit]\nDescription=${unit}\n[Service]\n${units[unit] ?? ""}\n`,
  },
});

test("predictUnits() follows the settings of changed units", () => {
  const { old, next } = changed({
    "plain.service": "",
    "in-place.service": "X-StopIfChanged=false",
    "reload.service": "X-ReloadIfChanged=true",
    "left.service": "X-RestartIfChanged=false",
    "stubborn.service": "RefuseManualStop=yes",
    "by-hand.service": "X-OnlyManualStart=true",
    "home.mount": "",
    "api.socket": "",
    "tick.timer": "",
    "idle.service": "",
  });
  const running = [...old.links.keys()].filter((unit) => unit !== "idle.service");
  expect(predictUnits(old, next, active(...running))).toEqual({
    stop: [],
    restart: ["in-place.service", "plain.service", "tick.timer"],
    reload: ["home.mount", "reload.service"],
    start: [],
    notRestarted: ["api.socket", "by-hand.service", "left.service", "stubborn.service"],
  });
});

test("predictUnits() tells units that come and go", () => {
  const old = {
    links: new Map([
      at("1", "gone.service"),
      at("1", "kept.service"),
      at("1", "masked.service"),
      at("1", "same.service"),
    ]),
    keptOnRemoval: new Set(["kept.service"]),
  };
  const next = {
    links: new Map([
      at("1", "same.service"),
      ["masked.service", "/dev/null"] as const,
      at("2", "fresh.service"),
      ["multi-user.target.wants/fresh.service", "../fresh.service"] as const,
      at("2", "manual.service"),
      ["multi-user.target.wants/manual.service", "../manual.service"] as const,
      at("2", "unwanted.service"),
      ["rescue.target.wants/unwanted.service", "../unwanted.service"] as const,
    ]),
    textOf: (unit: string) => (unit === "manual.service" ? "X-OnlyManualStart=true" : ""),
  };
  const running = active("gone.service", "kept.service", "masked.service", "same.service", "multi-user.target");
  expect(predictUnits(old, next, running)).toEqual({
    stop: ["gone.service", "masked.service"],
    restart: [],
    reload: [],
    start: ["fresh.service"],
    notRestarted: [],
  });
});

test("predictUnits() knows instances by their template, and overrides as part of a unit", () => {
  const override = (mark: string) =>
    ["sshd.service.d/overrides.conf", `/nix/store/${mark.padStart(32, "0")}-unit-sshd/o`] as const;
  const old = {
    links: new Map([at("1", "getty@.service"), at("1", "sshd.service"), override("1")]),
    keptOnRemoval: new Set<string>(),
  };
  const next = {
    links: new Map([at("2", "getty@.service"), at("1", "sshd.service"), override("2")]),
    textOf: () => "",
  };
  expect(predictUnits(old, next, active("getty@tty1.service", "sshd.service")).restart).toEqual([
    "getty@tty1.service",
    "sshd.service",
  ]);
});
