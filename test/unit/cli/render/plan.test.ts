import { expect, test } from "vitest";
import { renderPlan, summarise } from "../../../../src/cli/render/plan.ts";
import { plain } from "../../../../src/cli/render/style.ts";
import type { Change, ImageChange, InstanceChange, Plan } from "../../../../src/model/plan.ts";

const options = { colors: plain, verbose: false };
const oldRootfs = "/nix/store/0c6w3pwrlfwh2bmi8b1v3ybbkxpnwzm8-web-rootfs";
const newRootfs = "/nix/store/9zq1vvi2hd4qj4mgp3ckjc7c3kq2m5xa-web-rootfs";

function planOf(changes: readonly Change[], rest: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    fleet: "home",
    changes,
    problems: [],
    orphans: [],
    selection: null,
    prune: false,
    basis: "",
    ...rest,
  };
}

function instance(name: string, rest: Partial<InstanceChange> = {}): InstanceChange {
  return {
    kind: "instance",
    address: `local/default/${name}`,
    name,
    container: "web",
    server: "local",
    project: "default",
    action: "none",
    method: null,
    differences: [],
    notes: [],
    ...rest,
  };
}

function image(rest: Partial<ImageChange> = {}): ImageChange {
  return {
    kind: "image",
    address: "local/default/web",
    container: "web",
    server: "local",
    project: "default",
    action: "create",
    rootfs: newRootfs,
    metadata: "/nix/store/m",
    ...rest,
  };
}

const mixed = planOf([
  image({ previousRootfs: oldRootfs }),
  {
    kind: "volume",
    address: "local/default/volume:default/counter-data",
    server: "local",
    project: "default",
    pool: "default",
    name: "counter-data",
    action: "create",
  },
  instance("web-1", {
    action: "replace",
    method: "swap",
    differences: [
      { key: "image", before: oldRootfs, after: newRootfs, note: "root file system derivation changed" },
      { key: "devices.port-8081.listen", before: "tcp:127.0.0.1:8081", after: "tcp:127.0.0.1:9081" },
    ],
  }),
  instance("web-2", {
    action: "update",
    method: "restart",
    differences: [
      { key: "config.limits.memory", after: "1GiB" },
      { key: "profiles", before: "gpu" },
    ],
    notes: ["the profile gpu is used by nothing else"],
  }),
  instance("counter", { action: "create", method: "create", differences: [{ key: "image", after: newRootfs }] }),
  instance("old", { action: "delete", method: "delete" }),
  instance("quiet"),
]);

test("renderPlan shows what changes, how and why, and hides what does not", () => {
  expect(renderPlan(mixed, options)).toMatchInlineSnapshot(`
    "  + create   image     web           built, then imported
          root file system: web-rootfs (0c6w3pw) → web-rootfs (9zq1vvi)
      + create   volume    counter-data  in pool default
      ± replace  instance  web-1         swapped for its successor
          image: root file system derivation changed
          devices.port-8081.listen: tcp:127.0.0.1:8081 → tcp:127.0.0.1:9081
      ~ update   instance  web-2         restarted
          config.limits.memory: added 1GiB
          profiles: removed gpu
          ! the profile gpu is used by nothing else
      + create   instance  counter
      - delete   instance  old           stopped and deleted; its volumes stay

    3 to create, 1 to update, 1 to replace, 1 to delete, 1 unchanged
    "
  `);
});

test("renderPlan says how far each difference reaches, for how long nothing serves, and what somebody set by hand", () => {
  const hand = { key: "config.limits.cpu", before: "2", after: "8", note: "changed by hand", isDrift: true };
  const plan = planOf(
    [
      {
        kind: "profile",
        address: "local/default/profile:base",
        name: "base",
        server: "local",
        project: "default",
        action: "update",
        differences: [{ key: "config.security.nesting", after: "true" }],
        notes: ['It changes for "theirs" too, which is not part of this plan'],
      },
      instance("web-1", {
        action: "update",
        method: "restart",
        downtimeMs: 2300,
        differences: [
          {
            key: "profiles.base.config.security.nesting",
            after: "true",
            reach: "restart",
            why: "set when the container starts",
          },
          { key: "config.limits.memory", before: "1GiB", after: "2GiB", reach: "live", why: "control groups" },
          {
            key: "config.limits.processes",
            before: "9",
            after: "5",
            note: "overwrites a change by hand",
            isDrift: true,
            reach: "live",
          },
        ],
      }),
      instance("web-2", {
        action: "replace",
        method: "rebuild",
        downtimeMs: 700,
        differences: [
          { key: "image", before: oldRootfs, after: newRootfs, note: "derivation changed", reach: "rebuild" },
        ],
      }),
      instance("web-3", { action: "update", method: "live", downtimeMs: 0, differences: [] }),
      instance("web-4", {
        drift: [
          hand,
          { key: "config.limits.memory", after: "1GiB", note: "added by hand", isDrift: true },
          { key: "devices.tun", before: "unix-char, path=/dev/net/tun", note: "removed by hand", isDrift: true },
        ],
      }),
      instance("web-5"),
    ],
    {
      orphanProfiles: [
        { server: "local", project: "default", name: "old", usedBy: [] },
        { server: "local", project: "default", name: "older", usedBy: ["web-previous"] },
      ],
    },
  );
  expect(renderPlan(plan, options)).toMatchInlineSnapshot(`
    "  ~ update   profile   base
          config.security.nesting: added true
          ! It changes for "theirs" too, which is not part of this plan
      ~ update   instance  web-1  restarted: down for about 2 s
          profiles.base.config.security.nesting: added true (restart: set when the container starts)
          config.limits.memory: 1GiB → 2GiB (live)
          config.limits.processes: 9 → 5 (overwrites a change by hand; live)
      ± replace  instance  web-2  its root disk is made anew: down for less than 1 s
          image: derivation changed (rebuild)
      ~ update   instance  web-3  live: no downtime
      ≠ drift    instance  web-4
          ≠ config.limits.cpu: 2 → 8 (changed by hand)
          ≠ config.limits.memory: 1GiB (added by hand)
          ≠ devices.tun: unix-char, path=/dev/net/tun (removed by hand)

      Profiles that no instance names any more, left as it is: old (apply --prune deletes)
      The profile older is named by no instance any more, but still used by web-previous

      ≠ 3 settings changed by hand are kept (--fix-drift puts back what is described)

    3 to update, 1 to replace, 2 unchanged
    "
  `);
  expect(summarise(planOf([instance("web", { drift: [hand] })]))).toBe(
    "Nothing to do: everything is as described, or as somebody set it by hand",
  );
});

test("renderPlan with verbose shows unchanged parts and whole store paths", () => {
  expect(
    renderPlan(planOf([image({ previousRootfs: oldRootfs }), instance("quiet")]), { ...options, verbose: true }),
  ).toMatchInlineSnapshot(`
    "  + create  image     web    built, then imported
          root file system: /nix/store/0c6w3pwrlfwh2bmi8b1v3ybbkxpnwzm8-web-rootfs → /nix/store/9zq1vvi2hd4qj4mgp3ckjc7c3kq2m5xa-web-rootfs
      = none    instance  quiet

    1 to create, 1 unchanged
    "
  `);
});

test("renderPlan groups by server and project when there are several", () => {
  const changes = [
    instance("web-1", { action: "create", method: "create" }),
    instance("web-2", { action: "create", method: "create", server: "crown", project: "media" }),
  ];
  expect(renderPlan(planOf(changes), options)).toMatchInlineSnapshot(`
    "local
      + create  instance  web-1

    crown/media
      + create  instance  web-2

    2 to create
    "
  `);
});

test("renderPlan ends with the problems, each with its place and hint, and names orphans", () => {
  const plan = planOf([instance("web-1")], {
    problems: [
      {
        subject: "container api",
        message: 'The option "services.ngnix" does not exist',
        file: "containers/api.ts",
        line: 7,
        column: 3,
        hint: 'Did you mean "services.nginx"?',
      },
      { subject: "server crown", message: "No Incus socket found" },
    ],
    orphans: [
      { server: "local", project: "default", name: "old-1" },
      { server: "local", project: "default", name: "old-2" },
    ],
  });
  expect(renderPlan(plan, options)).toMatchInlineSnapshot(`
    "  No longer described, left as they are: old-1 and old-2 (apply --prune deletes)

    Cannot be planned
      ✗ container api: The option "services.ngnix" does not exist
        at containers/api.ts:7:3
        hint: Did you mean "services.nginx"?
      ✗ server crown: No Incus socket found

    Nothing to do for the rest, 2 problems
    "
  `);
});

test("renderPlan does not call orphans left alone when they are to be deleted", () => {
  const plan = planOf([], { orphans: [{ server: "local", project: "default", name: "old-1" }], prune: true });
  expect(renderPlan(plan, options)).toBe("Nothing to do: everything is as described\n");
});

test("renderPlan cuts long values to the width of the terminal", () => {
  const long = instance("web-1", {
    action: "update",
    method: "live",
    differences: [{ key: "description", before: "x".repeat(200), after: "y".repeat(200) }],
  });
  const lines = renderPlan(planOf([long]), { ...options, width: 80 }).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("summarise says that there is nothing to do", () => {
  expect(summarise(planOf([instance("web-1")]))).toBe("Nothing to do: everything is as described");
});

test("summarise counts every kind of action once", () => {
  expect(summarise(mixed)).toBe("3 to create, 1 to update, 1 to replace, 1 to delete, 1 unchanged");
});

test("an image that floe does not build is told by its fingerprint, a predecessor by its name", () => {
  const foreign = `image:0a1b2c3d4e5f${"0".repeat(52)}`;
  const change = instance("notes", {
    action: "replace",
    method: "swap",
    differences: [{ key: "image", before: foreign, after: newRootfs, note: "derivation changed", reach: "swap" }],
  });
  const plan = planOf([image({ previousRootfs: foreign }), change]);
  expect(renderPlan(plan, { ...options, isRollback: true })).toMatchInlineSnapshot(`
    "  + create   image     web    built, then imported
          root file system: 0a1b2c3d4e5f → web-rootfs (9zq1vvi)
      ± replace  instance  notes  swapped for its predecessor
          image: 0a1b2c3d4e5f → web-rootfs (9zq1vvi) (derivation changed; swap)

    1 to create, 1 to replace
    "
  `);
});
