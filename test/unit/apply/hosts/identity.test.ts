import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type KnownHost, readKnownHost, rememberHost, wrongMachine } from "../../../../src/apply/hosts/identity.ts";

const identity = { hostName: "crown", machineId: "11", bootId: "b" };
const ask = (found: Partial<typeof identity>, known?: KnownHost, configured?: string): string | undefined =>
  wrongMachine({ name: "crown", where: "root@crown.lan", identity: { ...identity, ...found }, known, configured })
    ?.message;

describe("wrongMachine()", () => {
  test("takes a machine that was never seen by its name, whatever its domain", () => {
    expect(ask({})).toBeUndefined();
    expect(ask({ hostName: "CROWN.lan" })).toBeUndefined();
    expect(ask({ hostName: "nixos" })).toBe('The machine at root@crown.lan is called "nixos", not "crown"');
  });

  test("also by the name that its configuration sets", () => {
    expect(ask({ hostName: "king" }, undefined, "king")).toBeUndefined();
    expect(ask({ hostName: "nixos" }, undefined, "king")).toBe(
      'The machine at root@crown.lan is called "nixos", not "king"',
    );
  });

  test("refuses another machine id, and says both", () => {
    expect(ask({ machineId: "22" }, { hostName: "crown", machineId: "11" })).toBe(
      'Another machine than before answers as "crown" at root@crown.lan: it is "crown" with the machine id 22, and was "crown" with 11',
    );
  });

  test("refuses a copy of the machine under another name", () => {
    expect(ask({ hostName: "copy" }, { hostName: "crown", machineId: "11" })).toBe(
      'The machine at root@crown.lan is called "copy" now, and was "crown" before',
    );
  });

  test("lets a machine keep its old name until it boots with the new one", () => {
    expect(ask({ hostName: "old" }, { hostName: "old", machineId: "11" }, "crown")).toBeUndefined();
  });
});

describe("rememberHost()", () => {
  const root = mkdtempSync(join(tmpdir(), `floe-project-${process.pid}-`));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("keeps what readKnownHost() reads, whatever the name", () => {
    expect(readKnownHost(root, "a/b")).toBeUndefined();
    rememberHost(root, "a/b", identity);
    expect(readKnownHost(root, "a/b")).toEqual({ hostName: "crown", machineId: "11" });
    rememberHost(root, "a/b", { ...identity, machineId: undefined });
    expect(readKnownHost(root, "a/b")).toEqual({ hostName: "crown" });
  });
});
