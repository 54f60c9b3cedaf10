import { expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { locator } from "../../../src/config/locator.ts";
import { withSpec } from "./project.ts";

const spec = `{
  instances: {
    "web-1": { config: { "security.nesting": true } },
    "web-2": {
      limits: { memory: "1GiB", disk: { priority: 5 } },
      devices: { tun: { type: "unix-char", path: "/dev/net/tun" } },
    },
  },
}`;

test("what a plan complains of is found where it was written", async () => {
  const locate = locator(await loadFleet(withSpec(spec)));
  const place = (subject: string, ...keys: string[]) => {
    const at = locate(subject, keys);
    return at && `${at.file}:${at.line}:${at.column}`;
  };
  expect(place("container web")).toBe("containers/web.ts:3:1");
  expect(place("instance web-2")).toBe("containers/web.ts:6:5");
  expect(place("instance web-1", "config", "security.nesting")).toBe("containers/web.ts:5:26");
  expect(place("instance web-2", "devices", "tun", "path")).toBe("containers/web.ts:8:44");
  expect(place("instance web-2", "config", "limits.memory")).toBe("containers/web.ts:7:17");
  expect(place("instance web-2", "config", "limits.disk.priority")).toBe("containers/web.ts:7:41");
  expect(place("instance web-3")).toBeUndefined();
  expect(place("server local")).toBeUndefined();
});

test("a file that has gone has no places", async () => {
  const fleet = await loadFleet(withSpec(spec));
  expect(locator({ ...fleet, root: "/nowhere" })("instance web-1", [])).toBeUndefined();
});
