import { describe, expect, test } from "vitest";
import type { Nightly } from "../../../src/model/fleet.ts";
import { nightlyArguments, unitFiles } from "../../../src/nightly/units.ts";

const nightly: Nightly = {
  folder: "/home/me/machines",
  user: "me",
  at: "03:30",
  randomDelay: "15min",
  updateInputs: ["nixpkgs", "home-manager"],
  instances: "running",
  notify: [{ kind: "ntfy", url: "https://ntfy.sh/topic" }],
};

test("the units say when, where, who and what", () => {
  expect(
    unitFiles(nightly, "home", ["/usr/bin/node", "/home/me/machines/node_modules/floe/dist/bin.mjs"], "/usr/bin:/bin"),
  ).toMatchInlineSnapshot(`
    {
      "floe-nightly.service": "[Unit]
    Description=floe: bring home up to date
    Wants=network-online.target
    After=network-online.target

    [Service]
    Type=oneshot
    User=me
    WorkingDirectory=/home/me/machines
    Environment=PATH=/usr/bin:/bin
    ExecStart=/usr/bin/node /home/me/machines/node_modules/floe/dist/bin.mjs apply --yes --notify --instances running --update-inputs nixpkgs,home-manager
    ",
      "floe-nightly.timer": "[Unit]
    Description=floe: bring home up to date

    [Timer]
    OnCalendar=03:30
    RandomizedDelaySec=15min
    Persistent=true

    [Install]
    WantedBy=timers.target
    ",
    }
  `);
});

test("words that systemd would read otherwise are quoted", () => {
  const { "floe-nightly.service": service } = unitFiles(
    { ...nightly, folder: "/srv/100%" },
    "home",
    ["/opt/my node/bin", 'say "$HOME"'],
    "/bin",
  );
  expect(service).toContain('ExecStart="/opt/my node/bin" "say \\"$$HOME\\"" apply');
  expect(service).toContain("WorkingDirectory=/srv/100%%");
  expect(() => unitFiles(nightly, "home", ["a\nb"], "")).toThrow("line break");
});

describe("what the clock runs", () => {
  test.each([
    [nightly, "apply --yes --notify --instances running --update-inputs nixpkgs,home-manager"],
    [{ ...nightly, instances: "all", updateInputs: [], notify: [] } as const, "apply --yes"],
  ])("%#", (from, words) => expect(nightlyArguments(from).join(" ")).toBe(words));
});
