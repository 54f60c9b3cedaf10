import { describe, expect, test } from "vitest";
import { decodeNixLog } from "../../../src/nix/internal-json.ts";
import { readNixLog } from "../../../src/nix/log-reader.ts";

describe("decodeNixLog()", () => {
  test("reads a start without parent and without fields, as 2.8 writes it", () => {
    const line = `@nix {"action":"start","id":44229573214208,"level":0,"text":"","type":102}`;
    expect(decodeNixLog(line)).toEqual({ kind: "start", id: "44229573214208", activity: 102, text: "", fields: [] });
  });

  test("keeps ids beyond 2^53 apart", () => {
    const [a, b] = ["18446744073709551614", "18446744073709551615"].map((id) =>
      decodeNixLog(`@nix {"action":"stop","id":${id}}`),
    );
    expect(a).toEqual({ kind: "stop", id: "18446744073709551614" });
    expect(b).not.toEqual(a);
  });

  test("reads an error's place with and without line and column in the file", () => {
    const old = `@nix {"action":"msg","column":6,"file":"/a b/c.nix","level":0,"line":2,"msg":"m","raw_msg":"r"}`;
    const newer = `@nix {"action":"msg","column":6,"file":"/a b/c.nix:2:6","level":0,"line":2,"msg":"m","raw_msg":"r"}`;
    expect(decodeNixLog(old)).toEqual({
      kind: "message",
      level: 0,
      text: "m",
      raw: "r",
      file: "/a b/c.nix",
      line: 2,
      column: 6,
      trace: [],
    });
    expect(decodeNixLog(newer)).toEqual(decodeNixLog(old));
  });

  test("passes over what it does not know", () => {
    for (const line of [
      "",
      "plain",
      "@nix {",
      "@nix []",
      "@nix null",
      `@nix {"action":"dance","id":1}`,
      `@nix {"action":"stop"}`,
    ]) {
      expect(decodeNixLog(line), line).toBeUndefined();
    }
  });
});

describe("readNixLog()", () => {
  const drv = "/nix/store/00000000000000000000000000000000-web.drv";

  function follow(lines: readonly string[]) {
    const events: unknown[] = [];
    const reader = readNixLog((event) => events.push(event));
    for (const line of lines) reader.onLine(line);
    return { reader, events };
  }

  test("turns a build into events and keeps the last 20 lines of its log", () => {
    const logLines = Array.from(
      { length: 25 },
      (_, n) => `@nix {"action":"result","fields":["\\u001b[1mline ${n}\\u001b[0m"],"id":7,"type":101}`,
    );
    const { reader, events } = follow([
      `@nix {"action":"start","id":1,"level":0,"parent":0,"text":"","type":104}`,
      `@nix {"action":"result","fields":[0,1,1,0],"id":1,"type":105}`,
      `@nix {"action":"result","fields":[0,1,1,0],"id":1,"type":105}`,
      `@nix {"action":"start","fields":["${drv}","",1,1],"id":7,"level":3,"text":"","type":105}`,
      `@nix {"action":"result","fields":["installPhase"],"id":7,"type":104}`,
      ...logLines,
      `@nix {"action":"stop","id":7}`,
    ]);
    expect(events.filter((event) => (event as { type: string }).type !== "build.log")).toEqual([
      { type: "build.progress", done: 0, expected: 1, running: 1, failed: 0 },
      { type: "build.start", drv, name: "web" },
      { type: "build.phase", drv, phase: "installPhase" },
      { type: "build.end", drv, name: "web", ok: false },
    ]);
    expect(events).toContainEqual({ type: "build.log", drv, line: "line 0" });
    expect(reader.builds.get(drv)).toEqual(Array.from({ length: 20 }, (_, n) => `line ${n + 5}`));
  });

  test("takes a trace for a message and an error for an error", () => {
    const { reader, events } = follow([
      `@nix {"action":"msg","level":0,"msg":"trace: hello"}`,
      `@nix {"action":"msg","level":0,"msg":"trace: warning: old option"}`,
      `@nix {"action":"msg","level":1,"msg":"\\u001b[35;1mwarning:\\u001b[0m slow"}`,
      `@nix {"action":"msg","level":0,"msg":"error: bad","raw_msg":"bad"}`,
      `@nix {"action":"msg","level":0,"msg":"(use '--show-trace' to show detailed location information)"}`,
      "ssh: connecting",
    ]);
    expect(events).toEqual([
      { type: "message", level: "info", text: "hello" },
      { type: "message", level: "warning", text: "old option" },
      { type: "message", level: "warning", text: "slow" },
    ]);
    expect(reader.errors.map((error) => error.raw)).toEqual(["bad"]);
    expect(reader.text()).toBe("trace: hello\ntrace: warning: old option\nwarning: slow\nerror: bad\nssh: connecting");
  });
});
