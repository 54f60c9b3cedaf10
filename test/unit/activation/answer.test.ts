import { describe, expect, test } from "vitest";
import { readActivation, readAnswer, readList } from "../../../src/apply/activation/answer.ts";
import { lockedBy, lockedByOther } from "../../../src/apply/activation/locked.ts";
import { recoveryCommands } from "../../../src/apply/activation/recovery-commands.ts";

const report = [
  "state waiting",
  "exit 4",
  "number 42",
  "id r1-crown",
  "action switch",
  "system /nix/store/b-new",
  "previous /nix/store/a-old",
  "before /nix/store/a-old",
  "link system-41-link",
  "by me@desk",
  "fleet my home",
  "revision ",
  "at 1795385841",
  "age 75",
  "left 12",
  "current /nix/store/b-new",
  "systemd yes",
  "failed web.service",
];
const machine = { name: "crown", where: "root@crown.lan" };
const held = (...lines: string[]) => lockedBy(machine, readAnswer(["answer locked", "holder r1-crown", ...lines]));

describe("what a machine answers", () => {
  test("a report is read word by word", () => {
    const answer = readAnswer(report);
    expect(answer.newlyFailed).toEqual(["web.service"]);
    expect(readActivation(answer)).toEqual({
      id: "r1-crown",
      state: "waiting",
      action: "switch",
      system: "/nix/store/b-new",
      previous: "/nix/store/a-old",
      bootedBefore: { system: "/nix/store/a-old", link: "system-41-link" },
      exitCode: 4,
      generation: 42,
      running: "/nix/store/b-new",
      hasSystemd: true,
      by: "me@desk",
      fleet: "my home",
      ageSeconds: 75,
      secondsLeft: 12,
      at: 1795385841000,
    });
  });

  test("one that is lost says how, and how far it was", () => {
    const lost = readActivation(readAnswer(["was switching", "why rebooted", "state lost", "id x"]));
    expect(lost).toMatchObject({ state: "lost", lostBy: "rebooted", lostWhile: "switching", previous: "" });
    expect(lost).not.toHaveProperty("bootedBefore");
  });

  test("what is no report is refused", () => {
    expect(() => readActivation(readAnswer(["state asleep"]))).toThrow('not "asleep"');
    expect(() => readActivation(readAnswer([]))).toThrow(TypeError);
  });

  test("a list holds as many as begin in it", () => {
    const list = readList(["activation b", ...report, "activation a", "state confirmed", "id a", "held b", ""]);
    expect(list.map(({ id, state }) => [id, state])).toEqual([
      ["r1-crown", "waiting"],
      ["a", "confirmed"],
    ]);
    expect(readList([""])).toEqual([]);
  });
});

describe("who holds a machine", () => {
  test("somebody who waits to confirm", () => {
    const { message, hint, details } = held(...report);
    expect(message).toBe(
      '"crown" is switched, and waits to be confirmed, by me@desk (fleet "my home") since 75 seconds',
    );
    expect(hint).toBe("It goes back by itself in 12 seconds unless they confirm it: try again then");
    expect(details).toEqual({
      holder: { id: "r1-crown", by: "me@desk", fleet: "my home", state: "waiting", ageSeconds: 75 },
    });
  });

  test("somebody who switches, since long", () => {
    const { message, hint } = held(...report, "state switching", "age 300");
    expect(message).toBe('"crown" is being switched by me@desk (fleet "my home") since 5 minutes');
    expect(hint).toBe("Try again when it is over; its log is /run/floe/activations/r1-crown/log on root@crown.lan");
  });

  test("a switch that was left behind, and one that nothing is known of", () => {
    expect(held("left-behind 4711", ...report, "state lost", "why killed").hint).toBe(
      "Wait until it ends, or end it on root@crown.lan: kill -- -4711",
    );
    expect(held().message).toBe('"crown" is being switched by another floe (r1-crown)');
  });

  test("nixos-rebuild, and a switch by hand", () => {
    const unit = "nixos-rebuild-switch-to-configuration.service";
    expect(lockedByOther(machine, unit).message).toBe(`"crown" is being switched by nixos-rebuild (${unit})`);
    expect(lockedByOther(machine, "switch-to-configuration").message).toContain("that floe did not start");
  });
});

describe("the commands that bring a machine back", () => {
  const commands = (...lines: string[]) => recoveryCommands(readActivation(readAnswer([...report, ...lines])));
  const back = "nix-env -p /nix/var/nix/profiles/system --switch-generation 41";
  const old = "/nix/store/a-old/bin/switch-to-configuration";

  test("of a switch: the profile, and what ran", () => {
    expect(commands()).toEqual([back, `${old} switch`]);
  });

  test("of a boot: the profile and the boot loader", () => {
    expect(commands("action boot")).toEqual([back, `${old} boot`]);
  });

  test("of a test: what ran", () => {
    expect(commands("action test")).toEqual([`${old} test`]);
  });

  test("where something else ran than would have booted", () => {
    const ran = "/nix/store/c-tried/bin/switch-to-configuration";
    expect(commands("previous /nix/store/c-tried")).toEqual([back, `${old} boot`, `${ran} test`]);
  });

  test("where the profile is none of NixOS', or there was nothing", () => {
    const set = "nix-env -p /nix/var/nix/profiles/system --set /nix/store/a-old";
    expect(commands("link /nix/store/a-old")).toEqual([set, `${old} switch`]);
    expect(commands("before ", "previous ")).toEqual([]);
  });
});
