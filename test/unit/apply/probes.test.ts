import { describe, expect, test } from "vitest";
import { parseAnswer, throughProxy } from "../../../src/apply/probe-inside.ts";
import { judgeSystem } from "../../../src/apply/units.ts";

describe("judging systemd", () => {
  const degraded = { state: "degraded", failed: ["old.service", "new.service"] };
  test.each([
    ["all is well", { state: "running", failed: [] }, { allowDegraded: false }, undefined],
    ["it still starts", { state: "starting", failed: [] }, { allowDegraded: true }, "The system is not up: starting"],
    ["no answer", { state: "", failed: [] }, { allowDegraded: true }, "The system is not up: systemd does not answer"],
    ["units failed", degraded, { allowDegraded: false }, "Failed units: old.service, new.service"],
    ["units may fail", degraded, { allowDegraded: true }, undefined],
    ["one failed newly", degraded, { allowDegraded: false, failedBefore: ["old.service"] }, "Failed unit: new.service"],
    [
      "newly, where they may",
      degraded,
      { allowDegraded: true, failedBefore: ["old.service"] },
      "Failed unit: new.service",
    ],
    ["all failed before", degraded, { allowDegraded: false, failedBefore: ["new.service", "old.service"] }, undefined],
  ])("%s", (_what, system, options, expected) => {
    expect(judgeSystem(system, options)).toBe(expected);
  });
});

describe("asking inside", () => {
  const devices = {
    web: { type: "proxy", listen: "tcp:127.0.0.1:8081", connect: "tcp:127.0.0.1:80" },
    all: { type: "proxy", listen: "tcp:0.0.0.0:443", connect: "tcp:10.0.0.2:8443" },
    dns: { type: "proxy", listen: "udp:0.0.0.0:53", connect: "udp:127.0.0.1:53" },
    disk: { type: "disk", source: "/x", path: "/x" },
  };
  test.each([
    ["a forwarded port", { host: "localhost", port: "8081" }, { host: "127.0.0.1", port: "80" }],
    ["one forwarded on every address", { host: "192.168.1.4", port: "443" }, { host: "10.0.0.2", port: "8443" }],
    ["another address", { host: "192.168.1.4", port: "8081" }, { host: "192.168.1.4", port: "8081" }],
    ["a port that UDP only is forwarded on", { host: "127.0.0.1", port: "53" }, { host: "127.0.0.1", port: "53" }],
  ])("%s", (_what, outside, inside) => {
    expect(throughProxy(outside, devices)).toEqual(inside);
  });

  test.each([
    ["curl", "HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\ngone\n", "", { status: 404, body: "gone\n" }],
    ["wget", "hello\n", "  HTTP/1.0 200 OK\n  Server: x\n", { status: 200, body: "hello\n" }],
    ["wget, refused by the server", "", "wget: server returned error: HTTP/1.1 500 Oops\n", { status: 500, body: "" }],
    ["nobody", "", "wget: can't connect to remote host: Connection refused\n", undefined],
  ])("the answer as %s prints it", (_what, stdout, stderr, answer) => {
    expect(parseAnswer(stdout, stderr)).toEqual(answer);
  });
});
