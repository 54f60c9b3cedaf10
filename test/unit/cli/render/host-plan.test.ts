import { expect, test } from "vitest";
import { renderHostPlan, summariseHosts } from "../../../../src/cli/render/host-plan.ts";
import { plain } from "../../../../src/cli/render/style.ts";
import { visibleWidth } from "../../../../src/cli/render/table.ts";
import type { HostChange, HostPlan, PackageChange, PackageChangeKind } from "../../../../src/model/host-plan.ts";

const system = (mark: string) => `/nix/store/${mark.padStart(32, "0")}-nixos-system-crown-26.05.20261101.4a1f2c0`;
const render = (plan: HostPlan, verbose = false) => renderHostPlan(plan, { colors: plain, verbose });

const change = (fields: Partial<HostChange> = {}): HostChange => ({
  kind: "host",
  address: "host:crown",
  name: "crown",
  where: "root@crown.lan",
  action: "update",
  system: system("abcdefg"),
  current: system("1234567"),
  reboot: [],
  failedUnits: [],
  notes: [],
  ...fields,
});
const plan = (fields: Partial<HostPlan> = {}): HostPlan => ({
  version: 1,
  fleet: "home",
  action: "switch",
  changes: [change()],
  problems: [],
  waves: [["crown"]],
  basis: "",
  ...fields,
});
const changed = (name: string, kind: PackageChangeKind, fields: Partial<PackageChange> = {}): PackageChange => ({
  name,
  kind,
  before: kind === "added" ? [] : ["1.0"],
  after: kind === "removed" ? [] : [kind === "changed" ? "1.0" : kind === "downgraded" ? "0.9" : "1.1"],
  sizeDelta: 1000,
  important: false,
  ...fields,
});

/** As after an update of nixpkgs: everything is rebuilt, and many packages have another version. */
const threeHundred = (): PackageChange[] => {
  const many = (count: number, kind: PackageChangeKind, name: string) =>
    Array.from({ length: count }, (_, index) => changed(`${name}-${String(index).padStart(3, "0")}`, kind));
  return [
    changed("glibc", "upgraded", { before: ["2.38-44"], after: ["2.39-5"], sizeDelta: 120_000, important: true }),
    changed("linux", "upgraded", { before: ["6.1.5"], after: ["6.1.9"], sizeDelta: -1_200_000, important: true }),
    changed("nginx", "upgraded", { before: ["1.24.0"], after: ["1.26.1"], sizeDelta: 0, important: true }),
    changed("openssl", "upgraded", { before: ["1.1.1w", "3.0.12"], after: ["3.0.14"], important: true }),
    ...many(150, "upgraded", "python3.11-library"),
    ...many(3, "downgraded", "tool"),
    ...many(20, "added", "fresh"),
    ...many(7, "removed", "old"),
    ...many(110, "changed", "same"),
    ...Array.from({ length: 6 }, (_, index) =>
      changed(`unit-${index}.service`, "changed", { before: [""], after: [""] }),
    ),
  ];
};

test("renderHostPlan() is readable for 300 changed packages", () => {
  const text = render(
    plan({
      changes: [
        change({
          packages: threeHundred(),
          packagesFrom: "closures",
          closure: { before: 2.1e9, after: 2.113e9, copy: 310e6 },
          units: {
            stop: ["cups.service"],
            restart: ["nginx.service", "postgresql.service", "sshd.service", "systemd-timesyncd.service"],
            reload: [],
            start: ["paperless.service"],
            notRestarted: ["display-manager.service"],
          },
          unitsFrom: "comparison",
          reboot: ["kernel 6.1.5 → 6.1.9", "systemd 254 → 255"],
          causes: ["home-manager bbbbbbb → ccccccc (2 days newer)", "nixpkgs 4a1f2c0 → 9c0e771 (3 days newer)"],
          failedUnits: ["backup.service"],
          notes: ["The first switch by floe"],
        }),
      ],
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "  ~ update  host  crown  root@crown.lan
          system    26.05.20261101.4a1f2c0 (0000000) → (0000000)
          because   home-manager bbbbbbb → ccccccc (2 days newer),
                    nixpkgs 4a1f2c0 → 9c0e771 (3 days newer)
          packages  154 up, 3 down, 20 new, 7 gone, 110 rebuilt, 6 files
            ↑ glibc                   2.38-44 → 2.39-5          +120 kB
            ↑ linux                   6.1.5 → 6.1.9             -1.2 MB
            ↑ nginx                   1.24.0 → 1.26.1
            ↑ openssl                 1.1.1w, 3.0.12 → 3.0.14   +1.0 kB
            ↓ tool-000                1.0 → 0.9                 +1.0 kB
            ↓ tool-001                1.0 → 0.9                 +1.0 kB
            ↓ tool-002                1.0 → 0.9                 +1.0 kB
            ↑ python3.11-library-000  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-001  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-002  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-003  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-004  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-005  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-006  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-007  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-008  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-009  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-010  1.0 → 1.1                 +1.0 kB
            ↑ python3.11-library-011  1.0 → 1.1                 +1.0 kB
            + fresh-000               1.1                       +1.0 kB
            + fresh-001               1.1                       +1.0 kB
            + fresh-002               1.1                       +1.0 kB
            + fresh-003               1.1                       +1.0 kB
            + fresh-004               1.1                       +1.0 kB
            + fresh-005               1.1                       +1.0 kB
            - old-000                 1.0                       +1.0 kB
            - old-001                 1.0                       +1.0 kB
            - old-002                 1.0                       +1.0 kB
            - old-003                 1.0                       +1.0 kB
            - old-004                 1.0                       +1.0 kB
            - old-005                 1.0                       +1.0 kB
            - old-006                 1.0                       +1.0 kB
            … and 138 up, 14 new; --verbose shows them
          size      2.1 GB (+13.0 MB), 310 MB to copy
          units     stop     cups.service
                    restart  nginx.service, postgresql.service, sshd.service,
                             systemd-timesyncd.service
                    start    paperless.service
                    leave    display-manager.service
                    (foreseen; the machine has the last word)
          reboot    kernel 6.1.5 → 6.1.9, systemd 254 → 255
          failed    already before this: backup.service
          note      The first switch by floe

    1 host to switch
    "
  `);
  expect(text.split("\n").length).toBeLessThan(60);
});

test("renderHostPlan() shows all with --verbose, and nothing is wider than the terminal", () => {
  const packages = threeHundred();
  const wide = plan({ changes: [change({ packages, packagesFrom: "closures" })] });
  const lines = render(wide, true).split("\n");
  for (const { name } of packages) expect(lines.some((line) => line.includes(name))).toBe(true);
  for (const line of [...lines, ...render(wide).split("\n")]) expect(visibleWidth(line)).toBeLessThanOrEqual(80);
});

test("renderHostPlan() says only what matters of hosts with nothing to do", () => {
  const none = { action: "none", current: system("abcdefg") } as const;
  const text = render(
    plan({
      changes: [
        change({ ...none, name: "calm", where: "root@calm.lan" }),
        change({ ...none, reboot: ["kernel 6.1.5 → 6.1.9"] }),
        change({ ...none, name: "sick", where: "this machine", failedUnits: ["a.service", "b.service"] }),
      ],
      waves: [],
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "  = none  host  crown  root@crown.lan
          reboot    kernel 6.1.5 → 6.1.9

      = none  host  sick   this machine
          failed    already before this: a.service, b.service

    Nothing to do: all hosts are as described
    "
  `);
  expect(summariseHosts(plan({ changes: [change(none)] }))).toBe("Nothing to do: the host is as described");
});

test("renderHostPlan() shows the order and what stands in the way", () => {
  const text = render(
    plan({
      action: "boot",
      changes: [
        change({ packages: [], packagesFrom: "derivations" }),
        change({
          name: "web",
          where: "root@web.lan",
          units: { stop: [], restart: [], reload: [], start: [], notRestarted: [] },
          unitsFrom: "dry-activate",
          causes: [],
        }),
      ],
      problems: [{ subject: "host nas", message: "Cannot reach root@nas.lan: timed out", hint: "Is it on?" }],
      waves: [["crown"], ["web"]],
    }),
  );
  expect(text).toMatchInlineSnapshot(`
    "  ~ update  host  crown  root@crown.lan
          system    26.05.20261101.4a1f2c0 (0000000) → (0000000)
          packages  the same (of those declared; the rest is told after the build)

      ~ update  host  web    root@web.lan
          system    26.05.20261101.4a1f2c0 (0000000) → (0000000)
          because   the description changed, and no input
          packages  told after the build
          units     none is touched

    Order
      1   crown
      2   web

    Stands in the way
      ✗ host nas: Cannot reach root@nas.lan: timed out
        hint: Is it on?

    2 hosts to make ready for the next boot, 1 problem
    "
  `);
});
