import { expect, test } from "vitest";
import { type GraphSelection, graphOf } from "../../../src/graph/graph.ts";
import { toSvg } from "../../../src/graph/to-svg.ts";
import { toDot, toMermaid } from "../../../src/graph/to-text.ts";
import type { Fleet } from "../../../src/model/fleet.ts";

const instance = (name: string, more: object = {}) => ({
  name,
  container: "web",
  server: "local",
  project: "default",
  ports: [],
  volumes: {},
  ...more,
});

const fleet = {
  name: "home",
  description: 'My "fleet" <& more>',
  hosts: {
    crown: { name: "crown", system: "x86_64-linux" },
    inner: { name: "inner", system: "x86_64-linux", target: "incus:local/inner" },
  },
  containers: {
    web: {
      name: "web",
      system: "x86_64-linux",
      instances: {
        "web-1": instance("web-1", {
          ports: [{ listen: "tcp:127.0.0.1:8081", connect: "tcp:127.0.0.1:80" }],
          volumes: { "/var/lib/web": { pool: "default", name: "data" } },
          network: { address: "192.168.6.93/24" },
        }),
        "web-2": instance("web-2", { dependsOn: ["web-1"], volumes: { "/srv": { pool: "default", name: "data" } } }),
      },
    },
  },
  shells: { default: { name: "default" } },
} as unknown as Fleet;

const everything: GraphSelection = {
  hosts: new Set(["crown", "inner"]),
  images: new Set(["web"]),
  instances: new Set(["web-1", "web-2"]),
  shells: new Set(["default"]),
};

test("graphOf() has each thing once, and what belongs to it", () => {
  const { nodes, edges } = graphOf(fleet, everything);
  expect(nodes.map(({ id }) => id)).toEqual([
    "host:crown",
    "host:inner",
    "server:local",
    "container:web",
    "instance:web-1",
    "volume:local/default/data",
    "port:local/127.0.0.1:8081",
    "instance:web-2",
    "shell:default",
  ]);
  expect(edges.map(({ from, to, label }) => [from, to, label ?? ""].join(" ").trim())).toEqual([
    "server:local host:inner",
    "server:local instance:web-1",
    "container:web instance:web-1",
    "instance:web-1 volume:local/default/data /var/lib/web",
    "instance:web-1 port:local/127.0.0.1:8081 80",
    "server:local instance:web-2",
    "container:web instance:web-2",
    "instance:web-2 volume:local/default/data /srv",
    "instance:web-2 instance:web-1 needs",
  ]);
});

test("graphOf() leaves out what is not selected, and the edges to it", () => {
  const { nodes, edges } = graphOf(fleet, {
    ...everything,
    hosts: new Set(),
    instances: new Set(["web-2"]),
    shells: new Set(),
  });
  expect(nodes.map(({ id }) => id)).toEqual([
    "container:web",
    "server:local",
    "instance:web-2",
    "volume:local/default/data",
  ]);
  expect(edges.every(({ to }) => to !== "instance:web-1")).toBe(true);
});

test("toMermaid() escapes what Mermaid would read, and avoids its words as ids", () => {
  const text = toMermaid({
    title: 'a "b"',
    nodes: [
      { id: "shell:end", kind: "shell", name: "end" },
      { id: "port:local/[::]:80", kind: "port", name: 'local/"<x>"#;' },
    ],
    edges: [{ from: "shell:end", to: "port:local/[::]:80", label: "|a|" }],
  });
  expect(text).toMatchInlineSnapshot(`
    "---
    title: "a \\"b\\""
    ---
    flowchart LR
      n0["end<br>shell"]:::shell
      n1(["#34;#60;x#62;#34;#35;#59;<br>port"]):::port
      n0 -->|"|a|"| n1
      classDef shell fill:#fde8ec,stroke:#c2355a,color:#1b1f24
      classDef port fill:#e0f6f6,stroke:#13808a,color:#1b1f24
    "
  `);
});

test("toDot() quotes", () => {
  const text = toDot({
    title: 'a "b" \\',
    nodes: [{ id: "host:x", kind: "host", name: "x", detail: "root@x" }],
    edges: [],
  });
  expect(text).toContain('digraph "a \\"b\\" \\\\" {');
  expect(text).toContain('"host:x" [label="x\\nhost, root@x"');
});

test("toSvg() is the same each time, escapes, and draws every node and edge inside its view", () => {
  const graph = graphOf(fleet, everything);
  const svg = toSvg(graph);
  expect(svg).toBe(toSvg(graphOf(fleet, everything)));
  expect(svg).toContain("My &#34;fleet&#34; &#60;&#38; more&#62;");
  expect(svg.match(/class="node /g)).toHaveLength(graph.nodes.length);
  expect(svg.match(/class="edge"/g)).toHaveLength(graph.edges.length);
  const [, width = 0, height = 0] = (/viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []).map(Number);
  for (const [, x, y, w, h] of svg.matchAll(/<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)) {
    expect(Number(x)).toBeGreaterThanOrEqual(0);
    expect(Number(y)).toBeGreaterThanOrEqual(0);
    expect(Number(x) + Number(w)).toBeLessThanOrEqual(width);
    expect(Number(y) + Number(h)).toBeLessThanOrEqual(height);
  }
});

test("toSvg() draws an empty graph", () => {
  expect(toSvg({ title: "nothing", nodes: [], edges: [] })).not.toMatch(/NaN|Infinity/);
});
