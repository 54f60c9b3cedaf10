import { describe, expect, test } from "vitest";
import type { IncusImage } from "../../../src/incus/types.ts";
import type { Fleet } from "../../../src/model/fleet.ts";
import { imageUses } from "../../../src/plan/image-uses.ts";
import { fleet, instance } from "./world.ts";

const image = (fingerprint: string, more: Partial<IncusImage> = {}, properties = {}): IncusImage => ({
  fingerprint,
  properties: {
    "floe.fleet": "home",
    "floe.container": "web",
    "floe.rootfs": `/nix/store/${fingerprint}`,
    ...properties,
  },
  aliases: [],
  size: 1000,
  uploaded_at: `2026-01-0${fingerprint.slice(-1)}T00:00:00Z`,
  cached: false,
  type: "container",
  project: "default",
  ...more,
});
const from = (name: string, config: Record<string, string>, project = "default") => ({ name, project, config });
const world: Fleet = fleet([instance({ keep: 2 })]);
const kept = (
  images: readonly IncusImage[],
  instances: Parameters<typeof imageUses>[0]["instances"] = [],
  keep?: number,
) =>
  Object.fromEntries(
    imageUses({ fleet: world, server: "local", images, instances, ...(keep === undefined ? {} : { keep }) }).map(
      ({ fingerprint, keptFor }) => [fingerprint, keptFor],
    ),
  );

describe("which images are needed", () => {
  test("the newest of each container stay, as many as its instances keep, or as many as are asked for", () => {
    const three = [image("a1"), image("a2"), image("a3")];
    expect(kept(three)).toEqual({ a3: "one of the newest 2 of web", a2: "one of the newest 2 of web", a1: null });
    expect(kept(three, [], 1)).toEqual({ a3: "the newest of web", a2: null, a1: null });
  });

  test("what an instance of any project was made from, or can go back to", () => {
    const config = { "volatile.base_image": "a1" };
    const back = { "volatile.base_image": "x", "user.floe.previous-image": "a2" };
    expect(kept([image("a1"), image("a2")], [from("one", config, "other"), from("two", back)], 1)).toEqual({
      a1: "used by other/one",
      a2: "two can go back to it",
    });
  });

  test("an image that was sent again under another fingerprint is known by its store path", () => {
    const config = { "user.floe.fleet": "home", "user.floe.rootfs": "/nix/store/a1" };
    expect(kept([image("a1"), image("a2")], [from("web", config)], 1)["a1"]).toBe("web can go back to it");
  });

  test("an alias protects; floe's own one only while its container is described", () => {
    const own = [{ name: "gone", description: "floe:home" }];
    const hand = [{ name: "gone", description: "by hand" }];
    const gone = { "floe.container": "gone" };
    expect(
      kept([image("a1", { aliases: own }, gone), image("a2", { aliases: hand }, gone), image("a3", {}, gone)]),
    ).toEqual({ a1: null, a2: "the alias gone names it", a3: null });
    expect(
      kept([image("a1", { aliases: [{ name: "web", description: "floe:home" }] }), image("a2")], [], 1)["a1"],
    ).toBe("the alias web names it");
  });

  test("what is not this fleet's always stays", () => {
    expect(kept([image("a1", {}, { "floe.fleet": "other" }), image("a2", { properties: {} })])).toEqual({
      a1: "it is not this fleet's",
      a2: "it is not this fleet's",
    });
  });
});
