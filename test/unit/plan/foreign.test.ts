/** Images that floe does not build, and what a plan says of servers that lack something. */
import { describe, expect, test } from "vitest";
import { newBody } from "../../../src/apply/bodies.ts";
import type { ForeignImage, Instance } from "../../../src/model/fleet.ts";
import type { Plan } from "../../../src/model/plan.ts";
import { foreignImage } from "../../../src/plan/foreign-images.ts";
import { label } from "../../../src/plan/labels.ts";
import type { ObservedInstance, ObservedServer } from "../../../src/plan/observed.ts";
import { makePlan } from "../../../src/plan/plan.ts";
import { applied, desired, fleet, instance, lines, observed, server } from "./world.ts";

const first = "a".repeat(64);
const second = "b".repeat(64);
const alias = { name: "debian", description: "by hand" };
const image = (fingerprint: string, aliases = [alias], type = "container") => ({
  fingerprint,
  properties: {},
  aliases,
  uploaded_at: "2026-01-01T00:00:00Z",
  type,
});
const here: ForeignImage = { alias: "debian" };
const there: ForeignImage = { alias: "debian/12", server: "https://images.example", protocol: "simplestreams" };

function planOf(foreign: ForeignImage, world: ObservedServer, spec: Partial<Instance> = {}): Plan {
  const one = fleet([instance(spec)]);
  const containers = Object.fromEntries(
    Object.entries(one.containers).map(([name, container]) => [name, { ...container, image: foreign }]),
  );
  const locate = (subject: string, keys: readonly string[]) => ({
    file: [subject, ...keys].join("/"),
    line: 1,
    column: 1,
  });
  return makePlan({
    fleet: { ...one, containers },
    evaluation: { hosts: {}, images: {}, shells: {} },
    observed: observed(world),
    locate,
  });
}

/** As floe made it from this image. */
function madeFrom(rootfs: string, fingerprint: string, more: Partial<ObservedInstance> = {}): ObservedInstance {
  const config = { [label.rootfs]: rootfs, [label.metadata]: rootfs, "volatile.base_image": fingerprint };
  return applied({}, { ...more, config: { ...config, ...more.config } });
}

describe("an image on the server", () => {
  test("is nothing to be made; the instance is", () => {
    const plan = planOf(here, server([], { images: [image(first)] }));
    expect(lines(plan)).toEqual(["none local/default/image:web", "create local/default/web by create"]);
    expect(plan.changes[0]).toMatchObject({ fingerprint: first, foreign: { alias: "debian", here: first } });
  });

  test("is another one when its alias has moved", () => {
    const world = (fingerprint: string) =>
      server([madeFrom(`image:${first}`, first)], { images: [image(first, []), image(fingerprint)] });
    expect(lines(planOf(here, server([madeFrom(`image:${first}`, first)], { images: [image(first)] })))).toEqual([
      "none local/default/image:web",
      "none local/default/web",
    ]);
    expect(lines(planOf(here, world(second)))).toContainEqual("replace local/default/web by swap");
  });

  test("stays the same where it is named by a fingerprint", () => {
    const world = server([madeFrom(`image:${first}`, first)], { images: [image(first, []), image(second)] });
    expect(lines(planOf({ fingerprint: first.slice(0, 12) }, world))).toContainEqual("none local/default/web");
  });

  test("that is not there, or for the other kind of instance, is a problem at its line", () => {
    const problems = (world: ObservedServer, spec: Partial<Instance> = {}) => planOf(here, world, spec).problems;
    expect(problems(server([], { images: [image(first, [{ ...alias, name: "debina" }])] }))).toMatchSnapshot();
    expect(problems(server([], { images: [image(first, [alias], "virtual-machine")] }))).toMatchSnapshot();
    const abilities = { drivers: ["lxc"] };
    const machine = { type: "virtual-machine" } as const;
    const images = [image(first, [alias], "virtual-machine")];
    expect(problems(server([], { images }, { abilities }), machine)).toMatchSnapshot();
    expect(problems(server([], { images }, { abilities: { drivers: ["lxc", "qemu"] } }), machine)).toEqual([]);
  });
});

test("an image that is gone is no problem for what runs from it, and one for a new instance", () => {
  const gone = { fingerprint: first };
  const running = planOf(gone, server([madeFrom(`image:${first}`, first)]));
  expect(running.problems).toEqual([]);
  expect(lines(running)).toEqual(["none local/default/web"]);
  expect(planOf(gone, server()).problems).toMatchObject([{ message: expect.stringContaining("There is no image") }]);
});

describe("an image of another server", () => {
  const name = "container:debian/12 of https://images.example";
  const copied = {
    ...image(first, []),
    properties: { "floe.fleet": "home", "floe.rootfs": name, "floe.metadata": name },
  };

  test("is copied, with an alias of floe's", () => {
    expect(lines(planOf(there, server()))).toEqual([
      "create local/default/image:web",
      "create local/default/web by create",
    ]);
    const aliased = { ...copied, aliases: [{ name: "web", description: "floe:home" }] };
    expect(lines(planOf(there, server([madeFrom(name, first)], { images: [aliased] })))).toEqual([
      "none local/default/image:web",
      "none local/default/web",
    ]);
  });

  test("is another one when another is named", () => {
    const plan = planOf({ ...there, alias: "debian/13" }, server([madeFrom(name, first)], { images: [copied] }));
    expect(lines(plan)).toContainEqual("replace local/default/web by swap");
  });
});

test("a virtual machine is made as one, from the image's fingerprint", () => {
  const wanted = {
    ...desired({ type: "virtual-machine" }),
    image: foreignImage(here, { type: "virtual-machine" }, first),
  };
  expect(newBody(wanted, first)).toMatchObject({
    type: "virtual-machine",
    source: { type: "image", fingerprint: first },
    config: { [label.rootfs]: `image:${first}` },
  });
});

describe("members of a cluster", () => {
  const images = [image(first)];
  const messages = (abilities: ObservedServer["abilities"], member: string) =>
    planOf(here, server([], { images }, abilities === undefined ? {} : { abilities }), { member }).problems.map(
      ({ message }) => message,
    );

  test("have to be there; groups are Incus' to know", () => {
    expect(messages({ drivers: [] }, "a")).toEqual(['The server "local" is no cluster, so it has no member "a"']);
    expect(messages({ drivers: [], members: ["b"] }, "a")).toEqual(['The cluster "local" has no member "a"']);
    expect(messages({ drivers: [], members: ["a"] }, "a")).toEqual([]);
    expect(messages({ drivers: [], members: ["b"] }, "@gpu")).toEqual([]);
  });
});

test("a root disk beside that of a profile is said, with the profile's name for it", () => {
  const profile = { name: "default", config: {}, devices: { disk: { type: "disk", path: "/", pool: "default" } } };
  const world = server([], { images: [image(first)], profiles: [profile] });
  expect(planOf(here, world, { root: { pool: "default", size: "1GiB" } }).problems).toMatchSnapshot();
});
