import { describe, expect, test } from "vitest";
import type { Evaluation } from "../../../src/model/evaluation.ts";
import type { Fleet, Instance, Profile } from "../../../src/model/fleet.ts";
import { encodeApplied } from "../../../src/plan/applied.ts";
import { label } from "../../../src/plan/labels.ts";
import type { ObservedInstance, ObservedProfile } from "../../../src/plan/observed.ts";
import { bodyOfProfile, profileLabels } from "../../../src/plan/own-profile.ts";
import { makePlan, type PlanInput } from "../../../src/plan/plan.ts";
import { planProfiles } from "../../../src/plan/profiles.ts";
import { applied, defaultProfile, desired, fleet, image, instance, lines, observed, server } from "./world.ts";

const source = { file: "profiles.ts", line: 1, column: 1 };
const derivation = (outPath: string) => ({ drvPath: `${outPath}.drv`, outPath });
const evaluation: Evaluation = {
  hosts: {},
  shells: {},
  images: {
    web: { ok: true, value: { rootfs: derivation(image.rootfs), metadata: derivation(image.metadata) } },
  },
};
const stored = {
  fingerprint: "f00d",
  uploaded_at: "",
  properties: {
    "floe.fleet": "home",
    "floe.container": "web",
    "floe.rootfs": image.rootfs,
    "floe.metadata": image.metadata,
  },
  aliases: [{ name: "web", description: "floe:home" }],
};

function profile(config: Record<string, string>, more: Partial<Profile> = {}): Profile {
  return { name: "base", source, description: "", config, devices: {}, ...more };
}

/** The profile as floe leaves it, then changed by `more`. */
function synced(spec: Profile, more: Record<string, string> = {}): ObservedProfile {
  const { config, devices, description } = bodyOfProfile(spec);
  return { name: spec.name, devices, description, config: { ...config, ...profileLabels("home", spec), ...more } };
}

const uses = { profiles: ["default", "base"] };

/** An instance as floe left it with this profile. */
function proved(spec: Profile, more: Partial<Instance> = {}): ObservedInstance {
  const there = applied({ ...uses, ...more });
  const wanted = desired({ ...uses, ...more }, "keep", { base: spec });
  return { ...there, config: { ...there.config, [label.applied]: encodeApplied(wanted) } };
}

interface World {
  readonly declared?: Profile;
  readonly there?: readonly ObservedProfile[];
  readonly instances?: readonly ObservedInstance[];
  readonly spec?: Partial<Instance>;
}

function plan({ declared, there = [], instances = [], spec = {} }: World, more: Partial<PlanInput> = {}): string[] {
  const described: Fleet = {
    ...fleet([instance({ ...uses, ...spec })]),
    ...(declared === undefined ? {} : { profiles: { [declared.name]: declared } }),
  };
  const world = observed(server(instances, { images: [stored], profiles: [defaultProfile, ...there] }));
  return lines(makePlan({ fleet: described, evaluation, observed: world, ...more })).filter(
    (line) => !line.includes("image:"),
  );
}

const two = profile({ "limits.cpu": "2" });
const four = profile({ "limits.cpu": "4" });

describe("the fleet's own profiles", () => {
  test("one that is missing is made, and the instance that names it can be planned", () =>
    expect(plan({ declared: two })).toEqual([
      "create local/default/profile:base",
      "create local/default/web by create",
    ]));

  test("as declared: nothing to do", () =>
    expect(plan({ declared: two, there: [synced(two)], instances: [proved(two)] })).toEqual([
      "none local/default/profile:base",
      "none local/default/web",
    ]));

  test("one of that name that somebody else made is a problem, and its instances are not planned", () =>
    expect(
      plan({ declared: two, there: [{ name: "base", config: {}, devices: {} }], instances: [proved(two)] }),
    ).toEqual([
      'problem: profile base: Profile "base" exists on the server "local" and was not made by floe\n  Give yours another name; or refer to it without declaring it; or hand it over to floe: incus profile set base user.floe.fleet=home',
    ]));

  test.each<[string, Profile, Profile]>([
    ["a limit: live", two, four],
    ["nesting: a restart", profile({}), profile({ "security.nesting": "true" })],
    ["a seed: a new root", profile({}), profile({ "cloud-init.user-data": "x" })],
    ["the description: no instance", two, profile({ "limits.cpu": "2" }, { description: "base" })],
    [
      "a nic's parent: a restart, by key",
      profile({}, { devices: { eth0: { type: "nic", nictype: "bridged", parent: "br0" } } }),
      profile({}, { devices: { eth0: { type: "nic", nictype: "bridged", parent: "incusbr0" } } }),
    ],
    [
      "a proxy that comes: live",
      profile({}),
      profile({}, { devices: { p: { type: "proxy", listen: "a", connect: "b" } } }),
    ],
  ])("another content reaches the instance: %s", (_what, before, after) => {
    expect(plan({ declared: after, there: [synced(before)], instances: [proved(before)] })).toMatchSnapshot();
  });

  test("what the instance itself, or a later profile, sets is not reached", () => {
    const spec = { config: { "limits.cpu": "1" } };
    expect(plan({ declared: four, there: [synced(two)], instances: [proved(two, spec)], spec })).toEqual([
      "update local/default/profile:base",
      "  config.limits.cpu: 2 -> 4",
      "update local/default/web by relabel",
    ]);
  });

  test("an instance that was not proved with the content that is there already", () => {
    const before = profile({});
    const after = profile({ "security.nesting": "true" });
    expect(plan({ declared: after, there: [synced(after)], instances: [proved(before)] })).toEqual([
      "none local/default/profile:base",
      "update local/default/web by restart",
      "  profiles.base.config.security.nesting: (none) -> true (in the profile already, not proved here)",
    ]);
  });

  test("drift in a profile is kept, or put back", () => {
    const world = { declared: two, there: [synced(two, { "limits.cpu": "8" })], instances: [proved(two)] };
    expect(plan(world)).toMatchInlineSnapshot(`
      [
        "none local/default/profile:base",
        "  kept config.limits.cpu: 2 -> 8 (changed by hand)",
        "none local/default/web",
      ]
    `);
    expect(plan(world, { drift: "fix" })).toMatchInlineSnapshot(`
      [
        "update local/default/profile:base",
        "  config.limits.cpu: 8 -> 2 (changed by hand)",
        "update local/default/web by live",
        "  profiles.base.config.limits.cpu: 8 -> 2",
      ]
    `);
  });

  test("one whose change was interrupted goes back first, and is changed again", () => {
    const before = { config: { "limits.cpu": "2" }, devices: {} };
    const pending = JSON.stringify({ restart: false, before, applied: profileLabels("home", two)[label.applied] });
    const there = synced(four, { [label.pending]: pending });
    expect(plan({ declared: four, there: [there], instances: [proved(two)] })).toMatchInlineSnapshot(`
      [
        "update local/default/profile:base",
        "  status: (none) -> (none) (an apply was interrupted here: its old content is put back first)",
        "  config.limits.cpu: 2 -> 4",
        "update local/default/web by live",
        "  profiles.base.config.limits.cpu: 2 -> 4",
      ]
    `);
  });

  test("what Incus, or an instance, would refuse is a problem before anything is touched", () => {
    const nic = { type: "nic", nictype: "bridged", parent: "no-br" };
    const declared = profile({}, { devices: { eth1: nic, data: { type: "disk", pool: "no-pool", path: "/x" } } });
    expect(plan({ declared, there: [synced(two)], instances: [proved(two)] })).toEqual([
      'problem: profile base: There is no network interface "no-br" on the server "local"\n  There are: br0, incusbr0',
      'problem: profile base: There is no storage pool "no-pool" on the server "local"\n  There are: default',
    ]);
    const schema = { instance: { "limits.cpu": {}, "security.nesting": { type: "bool" } }, devices: {} };
    const strict = (config: Record<string, string>): string[] =>
      planProfiles(
        { ...fleet([]), profiles: { base: profile(config) } },
        [desired(uses, "keep", { base: profile(config) })],
        observed(server([], {}, { schema })),
        "keep",
      ).problems.map(({ subject, message }) => `${subject}: ${message}`);
    expect(strict({ "limits.cpus": "2" })).toEqual([
      'profile base: Unknown config key "limits.cpus"; did you mean "limits.cpu"?',
    ]);
    expect(strict({ "security.nesting": "perhaps" })).toEqual([
      'profile base: The config key "security.nesting" must be true or false, not "perhaps"',
    ]);
  });

  test("others who use it are told", () => {
    const stranger = { ...applied({ name: "theirs", ...uses }), config: {} };
    expect(plan({ declared: four, there: [synced(two)], instances: [proved(two), stranger] })).toContain(
      '  ! It changes for "theirs" too, which is not part of this plan',
    );
  });

  test("one that nothing names is an orphan; --prune deletes it when nothing uses it", () => {
    const spec = { profiles: ["default"] };
    const world = { there: [synced(two)], instances: [applied(spec)], spec };
    expect(plan(world)).toEqual(["none local/default/web", "orphan profile local/default/base used by nothing"]);
    expect(plan(world, { prune: true })[1]).toBe("delete local/default/profile:base");
    const there = applied({ ...spec, ...uses }, { name: "web-previous", status: "stopped" });
    const kept = { ...there, config: { ...there.config, [label.role]: "previous" } };
    expect(plan({ ...world, instances: [applied(spec), kept] }, { prune: true })).toEqual([
      "none local/default/web",
      "orphan profile local/default/base used by web-previous",
    ]);
  });
});
