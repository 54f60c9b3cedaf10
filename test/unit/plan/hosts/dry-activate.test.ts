import { expect, test } from "vitest";
import { parseDryActivate } from "../../../../src/plan/hosts/dry-activate.ts";

const none = { stop: [], restart: [], reload: [], start: [], notRestarted: [] };

test("parseDryActivate() reads the script of NixOS 20.09", () => {
  const text = `would stop the following units: cups.service, cups.socket, gone.service, nginx.service
would NOT stop the following changed units: display-manager.service
would restart systemd
would restart the following units: sshd.service
would start the following units: cups.socket, nginx.service
would reload the following units: dbus.service, home.mount
`;
  expect(parseDryActivate(text)).toEqual({
    stop: ["gone.service"],
    restart: ["cups.service", "cups.socket", "nginx.service", "sshd.service"],
    reload: ["dbus.service", "home.mount"],
    start: [],
    notRestarted: ["display-manager.service"],
  });
});

test("parseDryActivate() reads later scripts, and passes over what they say beside", () => {
  const text = `Pre-switch check switchInhibitors
would stop the following units: a.service
would NOT restart the following changed units: user@1000.service
would activate the configuration...
would reload the following units: dbus-broker.service
would restart the following units: b.service, c.timer
would start the following units: d.service
would stop the following units as well: e.service
would NOT restart the following changed units as well: f.service
would restart the following user units: mine.service
`;
  expect(parseDryActivate(text)).toEqual({
    stop: ["a.service", "e.service"],
    restart: ["b.service", "c.timer"],
    reload: ["dbus-broker.service"],
    start: ["d.service"],
    notRestarted: ["f.service", "user@1000.service"],
  });
});

test("parseDryActivate() finds nothing where nothing is said", () => {
  expect(parseDryActivate("would activate the configuration...\n")).toEqual(none);
});
