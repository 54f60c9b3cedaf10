import { expect, test } from "vitest";
import type { Dashboard, Fleet } from "../../../src/model/fleet.ts";
import { printFile } from "../../../src/nixlang/print.ts";
import { dashboardOf, serveModule } from "../../../src/synth/serve.ts";

const serve: Dashboard = {
  host: "crown",
  folder: "/home/me/machines",
  user: "me",
  port: 4790,
  insecure: false,
  readOnly: true,
  allowHosts: [],
};
const hosts = (target?: string) =>
  ({ crown: { name: "crown", ...(target === undefined ? {} : { target }) } }) as unknown as Fleet["hosts"];
const text = (target?: string) => printFile(serveModule(serve, { name: "home", hosts: hosts(target) }), { header: [] });

test("the module runs the project's own floe, and a switch leaves it alone", () => {
  expect(text()).toContain("exec ./node_modules/.bin/floe serve --port 4790 --read-only\n");
  expect(text()).toContain("restartIfChanged = false;");
  expect(text()).toContain('User = "me";');
  expect(text()).toContain("config.nix.package");
});

test("it is locked in where it does not have to become root", () => {
  expect(text()).not.toContain("ProtectSystem");
  expect(text("root@crown.lan")).toContain('ProtectSystem = "strict";');
  expect(text("root@crown.lan")).toMatch(/ReadWritePaths = \[\s+"\/home\/me\/machines"/);
});

test("only a host of the fleet gets it", () => {
  expect(dashboardOf({ serve, hosts: hosts() })).toBe(serve);
  expect(dashboardOf({ serve, hosts: {} })).toBeUndefined();
  expect(dashboardOf({ hosts: hosts() })).toBeUndefined();
});
