import { expect, test } from "vitest";
import { superfluousImages } from "../../../src/apply/prune.ts";

const image = (
  fingerprint: string,
  day: number,
  more: { container?: string; fleet?: string; alias?: [string, string] } = {},
) => ({
  fingerprint,
  uploaded_at: `2026-11-${String(day).padStart(2, "0")}T00:00:00Z`,
  properties: {
    "floe.fleet": more.fleet ?? "home",
    "floe.container": more.container ?? "web",
    "floe.rootfs": `/nix/store/${fingerprint}`,
  },
  aliases: more.alias === undefined ? [] : [{ name: more.alias[0], description: more.alias[1] }],
});
const images = [
  image("a", 1),
  image("b", 2),
  image("c", 3),
  image("d", 4),
  image("e", 5, { alias: ["web", "floe:home"] }),
];
const names = (...args: Parameters<typeof superfluousImages>): string =>
  superfluousImages(...args)
    .map(({ fingerprint }) => fingerprint)
    .join("");
const rule = { fleet: "home", container: "web", keep: 2 };

test.each<[string, string, Parameters<typeof superfluousImages>]>([
  ["the newest stay", "cba", [images, [], rule]],
  [
    "one that an instance of any project was made from stays",
    "ca",
    [images, [{ config: { "volatile.base_image": "b" } }], rule],
  ],
  [
    "those that a rebuild goes back to, or is in the middle of, stay",
    "",
    [
      images,
      [
        { config: { "user.floe.previous-image": "a" } },
        { config: { "user.floe.rebuilding": '{"from":"b","to":"c"}' } },
      ],
      rule,
    ],
  ],
  [
    "one that an instance of the fleet names as its source stays",
    "ba",
    [images, [{ config: { "user.floe.fleet": "home", "user.floe.rootfs": "/nix/store/c" } }], rule],
  ],
  [
    "another fleet's and another container's are not looked at",
    "",
    [[image("x", 1, { fleet: "work" }), image("y", 1, { container: "db" })], [], { ...rule, keep: 0 }],
  ],
  ["one that somebody named stays", "", [[image("x", 1, { alias: ["keep-me", ""] })], [], { ...rule, keep: 0 }]],
  [
    "the container's own alias does not keep it",
    "x",
    [[image("x", 1, { alias: ["web", "floe:home"] })], [], { ...rule, keep: 0 }],
  ],
])("%s", (_what, expected, args) => expect(names(...args)).toBe(expected));
