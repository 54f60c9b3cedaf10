import { expect, test } from "vitest";
import type { Comparison, PartChange } from "../../../src/ci/comparison.ts";
import { instanceChanges } from "../../../src/ci/setting-changes.ts";
import { commentMarker, markdown, renderComparison } from "../../../src/cli/render/ci.ts";
import { colorsFor } from "../../../src/cli/render/style.ts";
import type { Fleet, Instance } from "../../../src/model/fleet.ts";

const commit = "abcdef0123456789abcdef0123456789abcdef01";
const comparison = (parts: Partial<Comparison>): Comparison => ({
  base: { ref: "main", commit },
  parts: [],
  instances: [],
  inputs: [],
  ...parts,
});

function fleetWith(instance: object): Fleet {
  const web = { name: "web", container: "web", server: "local", project: "default", ...instance } as Instance;
  return { containers: { web: { instances: { web } } } } as unknown as Fleet;
}

test("settings of an instance by their path; keys with dots keep them; what may be a secret is not shown", () => {
  const before = fleetWith({
    config: { "limits.cpu": "1", "user.token": "x" },
    ports: [{ listen: "tcp:0.0.0.0:80", connect: "tcp:127.0.0.1:80" }],
    environment: { A: "1" },
    profiles: ["default"],
    devices: {},
  });
  const after = fleetWith({
    config: { "limits.cpu": "2", "user.token": "y" },
    ports: [{ listen: "tcp:0.0.0.0:81", connect: "tcp:127.0.0.1:80" }],
    environment: { A: "2" },
    cloudInit: { userData: "#cloud-config\npassword: hunter2\n" },
    profiles: ["default", "gpu"],
    devices: {},
  });
  expect(instanceChanges(before, after)).toEqual([
    {
      name: "web",
      container: "web",
      state: "changed",
      settings: [
        { setting: "cloudInit.userData", after: "(hidden)" },
        { setting: "config.limits.cpu", before: "1", after: "2" },
        { setting: "config.user.token", before: "(hidden)", after: "(hidden)" },
        { setting: "environment.A", before: "(hidden)", after: "(hidden)" },
        { setting: "ports[0].listen", before: "tcp:0.0.0.0:80", after: "tcp:0.0.0.0:81" },
        { setting: "profiles", before: '["default"]', after: '["default","gpu"]' },
      ],
    },
  ]);
  expect(instanceChanges(before, before)).toEqual([]);
  expect(instanceChanges(undefined, after)).toMatchObject([{ name: "web", state: "new", settings: [] }]);
});

const changed: PartChange = {
  kind: "host",
  name: "crown",
  state: "changed",
  packages: [
    { name: "openssl", kind: "upgraded", before: ["3.0.1"], after: ["3.0.2"], sizeDelta: 0, important: true },
    { name: "unit-a.service", kind: "changed", before: [""], after: [""], sizeDelta: 0, important: false },
  ],
  packagesFrom: "derivations",
  units: ["a.service"],
  origins: ["1", "2", "3", "4", "5", "6", "7", "8"].map((name) => `source-${name}`),
};

test("the comparison in words", () => {
  const colors = colorsFor({}, {}, true);
  const options = { colors, verbose: false, showTrace: false, width: 80, readSource: () => undefined };
  const broken: PartChange = { kind: "container", name: "web", state: "broken", error: "no such option\nmore" };
  const text = renderComparison(comparison({ parts: [changed, broken], inputs: ["nixpkgs 1 → 2"] }), options);
  expect(text).toMatchInlineSnapshot(`
    "input nixpkgs 1 → 2
    ~ host crown  changed, 1 up, 1 file, 1 unit
        ↑ openssl  3.0.1 → 3.0.2
        units: a.service
        because of source-1, source-2, source-3, source-4, source-5, source-6 and 2 more
    ✗ container web  does not evaluate
        no such option

    2 of 2 hosts, images, homes and shells differ from main (abcdef0)
    "
  `);
});

test("Markdown says the same, and no value of it can become markup or mention anybody", () => {
  const text = markdown(
    comparison({
      parts: [changed],
      instances: [
        {
          name: "web",
          container: "web",
          state: "changed",
          settings: [{ setting: "description", before: "a|b", after: "<img src=x> @everybody `x`\n| new row" }],
        },
      ],
    }),
    "my fleet -->",
  );
  expect(text).toMatchInlineSnapshot(`
    "<!-- floe: my-fleet- -->
    ### 1 of 1 host, image, home or shell and 1 instance differ from main (abcdef0)

    | | | | |
    | --- | --- | --- | --- |
    | host | **crown** | changed | 1 up, 1 file, 1 unit |
    | instance | **web** | changed | 1 setting |

    <details><summary>host crown</summary>

    | package | before | after |
    | --- | --- | --- |
    | openssl | 3.0.1 | 3.0.2 |

    Units: a.service

    Because of: source-1, source-2, source-3, source-4, source-5, source-6 and 2 more

    </details>

    <details><summary>instance web</summary>

    | setting | before | after |
    | --- | --- | --- |
    | description | a\\|b | &lt;img src=x> @​everybody \\\`x\\\` \\| new row |

    </details>"
  `);
  expect(commentMarker(text)).toBe("<!-- floe: my-fleet- -->");
  expect(commentMarker("Looks good")).toBeUndefined();
});

test("a text that GitHub would refuse is cut between its parts", () => {
  const parts = Array.from({ length: 400 }, (_, index) => ({ ...changed, name: `host-${index}-${"x".repeat(100)}` }));
  const text = markdown(comparison({ parts }), "f");
  expect(text.length).toBeLessThan(65_536);
  expect(text).toMatch(/… and more: floe diff shows all of it$/);
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
});

test("nothing differs", () => {
  expect(markdown(comparison({}), "f")).toBe("<!-- floe: f -->\n### Nothing differs from main (abcdef0)");
  expect(markdown(comparison({ base: { ref: commit, commit } }), "f")).toContain("from the base (abcdef0)");
});
