import { describe, expect, test } from "vitest";
import type { Dashboard } from "../../../src/model/fleet.ts";
import { isLockedIn, sandboxSettings, serveArguments, serveUnitFiles } from "../../../src/nightly/serve-unit.ts";

const dashboard: Dashboard = {
  folder: "/home/me/machines",
  user: "me",
  port: 4790,
  insecure: false,
  readOnly: false,
  allowHosts: [],
};
const command = ["/usr/bin/node", "/home/me/machines/node_modules/floe/dist/bin.mjs"];

test("the unit says who, where and what", () => {
  const unit = { fleet: "home", command, path: "/usr/bin:/bin", lockedIn: false };
  expect(serveUnitFiles(dashboard, unit)["floe-serve.service"]).toMatchInlineSnapshot(`
    "[Unit]
    Description=floe: the dashboard of home
    Wants=network-online.target
    After=network-online.target incus.service

    [Service]
    Type=simple
    User=me
    WorkingDirectory=/home/me/machines
    Environment=PATH=/usr/bin:/bin
    ExecStart=/usr/bin/node /home/me/machines/node_modules/floe/dist/bin.mjs serve --port 4790
    Restart=on-failure
    RestartSec=5s
    KillMode=mixed
    TimeoutStopSec=5min

    [Install]
    WantedBy=multi-user.target
    "
  `);
});

test("one that is locked in may write the project and homes", () => {
  const unit = { fleet: "home", command, path: "/bin", lockedIn: true };
  const text = serveUnitFiles({ ...dashboard, folder: "/srv/my machines/100%" }, unit)["floe-serve.service"] ?? "";
  expect(text).toContain(
    'ProtectSystem=strict\nReadWritePaths="/srv/my machines/100%%"\nReadWritePaths=-/home\nReadWritePaths=-/root\n',
  );
  expect(text).toContain("NoNewPrivileges=yes\nCapabilityBoundingSet=\n");
  expect(text).toContain("SystemCallFilter=@system-service\nSystemCallFilter=~@privileged\n");
  expect(Object.keys(sandboxSettings(dashboard))).not.toContain("MemoryDenyWriteExecute");
});

describe("who may become root on the machine is not locked in", () => {
  test.each([
    ["a machine that is no host of the fleet", {}, undefined, true],
    ["root", { user: "root" }, undefined, false],
    ["the host is switched from itself", {}, {}, false],
    ["the host is switched from itself", {}, { target: "local" }, false],
    ["the host is reached over SSH, by itself too", {}, { target: "root@crown.lan" }, true],
    ["somebody said so", { sandbox: true, user: "root" }, {}, true],
    ["somebody said not so", { sandbox: false }, undefined, false],
  ])("%s", (_what, change, here, expected) => expect(isLockedIn({ ...dashboard, ...change }, here)).toBe(expected));
});

test("every setting is a flag of floe serve", () => {
  const all: Dashboard = {
    ...dashboard,
    listen: "192.168.1.5",
    tls: { cert: "/etc/floe/cert.pem", key: "/etc/floe/key.pem" },
    insecure: true,
    readOnly: true,
    basePath: "/floe/",
    allowHosts: ["floe.lan", "home.example.org"],
    trustProxyUser: "Remote-User",
  };
  expect(serveArguments(all).join(" ")).toBe(
    "serve --port 4790 --listen 192.168.1.5 --tls-cert /etc/floe/cert.pem --tls-key /etc/floe/key.pem --insecure --read-only --base-path /floe/ --allow-host floe.lan --allow-host home.example.org --trust-proxy-user Remote-User",
  );
});
