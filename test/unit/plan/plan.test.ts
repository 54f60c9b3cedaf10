import { describe, expect, test } from "vitest";
import type { Evaluation } from "../../../src/model/evaluation.ts";
import type { Instance } from "../../../src/model/fleet.ts";
import { label } from "../../../src/plan/labels.ts";
import type { Observed, ObservedInstance } from "../../../src/plan/observed.ts";
import { isStale, makePlan, type PlanInput } from "../../../src/plan/plan.ts";
import { parseListen } from "../../../src/plan/ports.ts";
import { type Listener, parseSocketTable } from "../../../src/util/listeners.ts";
import { applied, defaultProfile, fleet, image, instance, lines, observed, server } from "./world.ts";

const derivation = (outPath: string) => ({ drvPath: `${outPath}.drv`, outPath });
const evaluated = {
  ok: true as const,
  value: { rootfs: derivation(image.rootfs), metadata: derivation(image.metadata) },
};
const evaluation = (...containers: string[]): Evaluation => ({
  hosts: {},
  shells: {},
  images: Object.fromEntries(containers.map((name) => [name, evaluated])),
});

function plan(instances: readonly Instance[], world: Observed, more: Partial<PlanInput> = {}): string[] {
  return lines(makePlan({ fleet: fleet(instances), evaluation: evaluation("web", "db"), observed: world, ...more }));
}
const stored = {
  fingerprint: "f00d",
  uploaded_at: "2026-11-01T00:00:00Z",
  properties: {
    "floe.fleet": "home",
    "floe.container": "web",
    "floe.rootfs": image.rootfs,
    "floe.metadata": image.metadata,
  },
  aliases: [{ name: "web", description: "floe:home" }],
};

describe("makePlan()", () => {
  test("an empty server", () => {
    const volumes = { "/data": { pool: "default", name: "data", existing: false } };
    expect(
      plan([instance({ name: "web-1", volumes }), instance({ name: "web-2", volumes })], observed()),
    ).toMatchInlineSnapshot(`
      [
        "create local/default/volume:default/data",
        "create local/default/image:web",
        "create local/default/web-1 by create",
        "create local/default/web-2 by create",
      ]
    `);
  });

  test("a server where all is done", () => {
    const world = observed(server([applied()], { images: [stored] }));
    expect(plan([instance()], world)).toEqual(["none local/default/image:web", "none local/default/web"]);
  });

  test("an alias that points elsewhere, or is gone, is a change of its own", () => {
    const world = observed(server([applied()], { images: [{ ...stored, aliases: [] }] }));
    expect(plan([instance()], world)[0]).toBe("update local/default/image:web");
  });

  test("an image known only by an instance that was made from it", () => {
    const world = observed(server([applied()], { images: [{ ...stored, properties: {} }] }));
    expect(plan([instance()], world)[0]).toBe("none local/default/image:web");
  });

  test("one daemon under two names is a problem, and nothing on it a leftover", () => {
    const twin = { ...server([applied()]), identity: "ab12" };
    const world = { servers: { local: twin, crown: twin } };
    const described = {
      ...fleet([instance()]),
      servers: { local: { name: "local", kind: "unix" }, crown: { name: "crown", kind: "unix" } },
    } as const;
    const made = makePlan({ fleet: described, evaluation: evaluation("web"), observed: world, prune: true });
    expect(made.orphans).toEqual([]);
    expect(made.changes.filter(({ action }) => action === "delete")).toEqual([]);
    expect(made.problems).toMatchObject([
      { subject: "servers local and crown", message: "They are one and the same Incus" },
    ]);
    const other = makePlan({
      fleet: described,
      evaluation: evaluation("web"),
      observed: { servers: { local: twin, crown: { ...twin, identity: "cd34" } } },
    });
    expect(other.orphans).toHaveLength(1);
  });

  test("what is no longer described is an orphan, deleted only on request", () => {
    const world = observed(
      server([
        applied({ name: "old" }),
        { ...applied({ name: "other" }), config: { [label.fleet]: "work", [label.instance]: "other" } },
      ]),
    );
    expect(plan([], world)).toEqual(["orphan local/default/old"]);
    expect(plan([], world, { prune: true })).toMatchInlineSnapshot(`
      [
        "delete local/default/old by delete",
        "  ! It is no longer described; its volumes stay",
        "orphan local/default/old",
      ]
    `);
    expect(
      plan([instance()], world, { selection: ["local/default/web"] }).filter((line) => line.startsWith("orphan")),
    ).toEqual([]);
  });

  test("a selection plans these and nothing else", () => {
    expect(
      plan([instance({ name: "web-1" }), instance({ name: "web-2" })], observed(), {
        selection: ["local/default/web-2"],
      }),
    ).toEqual(["create local/default/image:web", "create local/default/web-2 by create"]);
  });

  test("one that does not evaluate does not stop the other", () => {
    const broken: Evaluation = {
      ...evaluation("db"),
      images: {
        ...evaluation("db").images,
        web: { ok: false, error: { message: "undefined variable", file: "containers/web.ts", line: 3, log: "" } },
      },
    };
    expect(
      plan([instance(), instance({ name: "db", container: "db" })], observed(), { evaluation: broken }),
    ).toMatchInlineSnapshot(`
      [
        "create local/default/image:db",
        "create local/default/db by create",
        "problem: container web: undefined variable",
      ]
    `);
  });

  test("a server that does not answer stops only its own", () => {
    const two = {
      ...fleet([instance(), instance({ name: "db", container: "db", server: "far" })]),
      servers: {
        local: { name: "local", kind: "unix" as const },
        far: { name: "far", kind: "https" as const, url: "https://far" },
      },
    };
    const world: Observed = {
      servers: { local: server(), far: { ok: false, message: "Cannot reach far", hint: "Is it on?" } },
    };
    expect(
      lines(makePlan({ fleet: two, evaluation: evaluation("web", "db"), observed: world })),
    ).toMatchInlineSnapshot(`
      [
        "create local/default/image:web",
        "create local/default/web by create",
        "problem: server far: Cannot reach far
        Is it on?",
      ]
    `);
  });

  const foreign = (name: string, config: Record<string, string> = {}): ObservedInstance => ({
    ...applied(),
    name,
    config,
  });
  const running = (name: string, listen: string): ObservedInstance => ({
    ...foreign(name),
    expandedDevices: { p: { type: "proxy", listen, connect: "tcp:127.0.0.1:80" } },
  });
  const listens = (address: string, port: number, holder?: string): Listener => ({
    protocol: "tcp",
    address,
    port,
    ...(holder === undefined ? {} : { holder }),
  });
  const port = (listen: string) => ({ ports: [{ listen, connect: "tcp:127.0.0.1:80" }] });

  test.each<[string, Partial<Instance>, Observed]>([
    ["an instance of the name that floe did not make", {}, observed(server([foreign("web")]))],
    ["one of another fleet", {}, observed(server([foreign("web", { [label.fleet]: "work" })]))],
    ["one in the way of a swap", {}, observed(server([foreign("web-previous")]))],
    [
      "its own under another name, which would share its data with a new one",
      {},
      observed(
        server([
          foreign("hugo", { [label.fleet]: "home", [label.instance]: "web", [label.role]: "current" }),
          foreign("web-previous", { [label.fleet]: "home", [label.instance]: "web", [label.role]: "previous" }),
        ]),
      ),
    ],
    [
      "an image alias of another fleet",
      {},
      observed(
        server([], { images: [{ ...stored, properties: {}, aliases: [{ name: "web", description: "floe:work" }] }] }),
      ),
    ],
    [
      "an image alias of somebody else",
      {},
      observed(
        server([], { images: [{ ...stored, properties: {}, aliases: [{ name: "web", description: "mine" }] }] }),
      ),
    ],
    [
      "a volume of somebody else",
      { volumes: { "/data": { pool: "default", name: "data", existing: false } } },
      observed(server([], { volumes: { default: [{ name: "data", config: {} }] } })),
    ],
    [
      "a volume that is said to exist",
      { volumes: { "/data": { pool: "default", name: "data", existing: true } } },
      observed(server([], { volumes: { default: [] } })),
    ],
    ["a profile that is not there", { profiles: ["default", "gpu"] }, observed()],
    ["a pool that is not there", { volumes: { "/data": { pool: "fast", name: "data", existing: false } } }, observed()],
    ["a bridge that is not there", { network: { bridge: "br7" } }, observed()],
    ["a bridge taken for a network", { network: { network: "br0" } }, observed()],
    [
      "no root disk",
      { profiles: ["bare"] },
      observed(server([], { profiles: [defaultProfile, { name: "bare", config: {}, devices: {} }] })),
    ],
    ["a project that is not there", { project: "lab" }, observed()],
    [
      "a port that a running instance has",
      port("tcp:127.0.0.1:81"),
      observed(server([running("other", "tcp:0.0.0.0:81")])),
    ],
    [
      "a port that a program has",
      port("tcp:127.0.0.1:81"),
      observed(server([], {}, { listeners: [listens("0.0.0.0", 81, "nginx (process 812)")] })),
    ],
    [
      "a port that somebody has",
      port("tcp:0.0.0.0:81"),
      observed(server([], {}, { listeners: [listens("127.0.0.1", 81)] })),
    ],
    ["a frozen instance", { config: { "limits.cpu": "1" } }, observed(server([applied({}, { status: "frozen" })]))],
  ])("says before anything is touched: %s", (_what, spec, world) => {
    expect(plan([instance(spec)], world)).toMatchSnapshot();
  });

  test.each<[string, Partial<Instance>, Observed]>([
    [
      "its own port",
      port("tcp:127.0.0.1:81"),
      observed(
        server(
          [applied(port("tcp:127.0.0.1:81"))],
          { images: [stored] },
          { listeners: [listens("127.0.0.1", 81, "incusd")] },
        ),
      ),
    ],
    [
      "a port of a stopped instance",
      port("tcp:127.0.0.1:81"),
      observed(server([{ ...running("other", "tcp:127.0.0.1:81"), status: "stopped" }])),
    ],
    [
      "the same port of another address",
      port("tcp:127.0.0.1:81"),
      observed(server([running("other", "tcp:127.0.0.2:81")])),
    ],
    [
      "the same port of another protocol",
      port("udp:127.0.0.1:81"),
      observed(server([running("other", "tcp:127.0.0.1:81")])),
    ],
    [
      "a volume of the fleet",
      { volumes: { "/data": { pool: "default", name: "data", existing: false } } },
      observed(server([], { volumes: { default: [{ name: "data", config: { [label.fleet]: "home" } }] } })),
    ],
    ["a frozen instance that stays as it is", {}, observed(server([applied({}, { status: "frozen" })]))],
  ])("does not mind %s", (_what, spec, world) => {
    expect(plan([instance(spec)], world).filter((line) => line.startsWith("problem"))).toEqual([]);
  });

  test("two of the fleet with one port, and with each other's names", () => {
    const two = [
      instance({ name: "web-1", ...port("tcp:127.0.0.1:81") }),
      instance({ name: "web-2", ...port("tcp:127.0.0.1:81") }),
    ];
    expect(plan(two, observed()).filter((line) => line.startsWith("problem"))).toMatchInlineSnapshot(`
      [
        "problem: instance web-1: Port 127.0.0.1:81 is held by instance "web-2" of this fleet too
        Give one of the two another port",
        "problem: instance web-2: Port 127.0.0.1:81 is held by instance "web-1" of this fleet too
        Give one of the two another port",
      ]
    `);
    expect(
      plan([instance({ name: "web" }), instance({ name: "web-next" })], observed()).filter((line) =>
        line.startsWith("problem"),
      ),
    ).toMatchInlineSnapshot(`
      [
        "problem: instance web-next: Its name is the one that "web" gets while it is swapped
        Choose another name",
      ]
    `);
  });
});

describe("isStale()", () => {
  const made = (spec: Partial<Instance>, ...instances: ObservedInstance[]) =>
    makePlan({ fleet: fleet([instance(spec)]), evaluation: evaluation("web"), observed: observed(server(instances)) });
  const before = made({}, applied());
  test.each<[string, ReturnType<typeof made>, boolean]>([
    ["the same world", made({}, applied()), false],
    [
      "what Incus writes by itself",
      made({}, applied({}, { config: { "volatile.last_state.power": "RUNNING" } })),
      false,
    ],
    ["an instance of somebody else", made({}, applied(), applied({ name: "other" })), true],
    ["a key set by hand", made({}, applied({}, { config: { "limits.cpu": "1" } })), true],
    ["stopped by hand", made({}, applied({}, { status: "stopped" })), true],
    ["another description", made({ description: "x" }, applied()), true],
    ["another base image", made({}, applied({}, { config: { "volatile.base_image": "beef" } })), true],
  ])("%s", (_what, after, stale) => expect(isStale(before, after)).toBe(stale));
});

test.each([
  ["tcp:127.0.0.1:80", ["tcp 127.0.0.1 80"]],
  ["udp:[::]:53", ["udp :: 53"]],
  ["tcp:0.0.0.0:80-82,90", ["tcp 0.0.0.0 80", "tcp 0.0.0.0 81", "tcp 0.0.0.0 82", "tcp 0.0.0.0 90"]],
  ["unix:/run/x.sock", []],
])("parseListen() of %s", (listen, endpoints) =>
  expect(parseListen(listen).map(({ protocol, address, port }) => `${protocol} ${address} ${port}`)).toEqual(endpoints),
);

test("parseSocketTable() reads what listens from the kernel's tables", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7001 1",
    "   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7002 1",
    "   2: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 7003 1",
    "   3: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7004 1",
    "   4: 00000000000000000000000000000000:0051 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7005 1",
    "   5: 0000000000000000FFFF00000200000A:0052 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7006 1",
  ].join("\n");
  expect(parseSocketTable(table, "tcp").map(({ address, port, inode }) => `${address} ${port} ${inode}`)).toEqual([
    "127.0.0.1 8081 7001",
    "0.0.0.0 22 7002",
    "::1 80 7004",
    ":: 81 7005",
    "10.0.0.2 82 7006",
  ]);
});
