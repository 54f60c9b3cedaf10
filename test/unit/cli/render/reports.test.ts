import { expect, test } from "vitest";
import type { CheckReport } from "../../../../src/check/check-project.ts";
import { renderCheck } from "../../../../src/cli/render/check.ts";
import { renderFindings } from "../../../../src/cli/render/doctor.ts";
import { renderHistory } from "../../../../src/cli/render/history.ts";
import { renderList } from "../../../../src/cli/render/list.ts";
import { plain } from "../../../../src/cli/render/style.ts";
import type { FleetList, ListedInstance } from "../../../../src/list/fleet-list.ts";

const options = { colors: plain, verbose: false };
const now = Date.parse("2026-11-22T12:00:00Z");

function listed(name: string, rest: Partial<ListedInstance> = {}): ListedInstance {
  return {
    name,
    container: "web",
    server: "local",
    project: "default",
    state: "running",
    addresses: [],
    ports: [],
    rootfs: null,
    image: null,
    since: null,
    isHealthy: null,
    isInterrupted: false,
    isUpdateAvailable: null,
    hasPrevious: false,
    ...rest,
  };
}

const fleetList: FleetList = {
  fleet: "home",
  hosts: [{ name: "crown", system: "x86_64-linux", target: null, tags: ["server"] }],
  containers: [{ name: "web", system: "x86_64-linux", tags: [], instances: ["web-1", "web-2"] }],
  instances: [
    listed("web-1", {
      addresses: ["10.0.3.7"],
      ports: [{ listen: "tcp:127.0.0.1:8081", connect: "tcp:127.0.0.1:80" }],
      since: "2026-11-22T09:00:00Z",
      isHealthy: true,
      isUpdateAvailable: true,
      hasPrevious: true,
    }),
    listed("web-2", { state: "absent", ports: [{ listen: "udp:0.0.0.0:53", connect: "udp:127.0.0.1:53" }] }),
    listed("dns", { state: "unknown", server: "crown" }),
  ],
  problems: [{ subject: "server crown", message: "No Incus socket found", hint: "Start it" }],
};

test("renderList shows every kind in aligned columns and names the server that does not answer", () => {
  expect(renderList(fleetList, { ...options, now })).toMatchInlineSnapshot(`
    "Hosts
      name   system        target             tags
      crown  x86_64-linux  this machine only  @server

    Containers
      name  system        instances
      web   x86_64-linux  2 instances

    Instances
      name            state         container  address   ports                since    health
      web-1 on local  running       web        10.0.3.7  127.0.0.1:8081 → 80  3 h ago  healthy  update available, can roll back
      web-2 on local  not made yet  web                  0.0.0.0:53 → 53/udp
      dns on crown    unknown       web

      ✗ server crown: No Incus socket found
        hint: Start it
    "
  `);
});

test("renderList says what a killed apply left, and of what has no checks that it has none", () => {
  const instances = [
    listed("web-1", { state: "interrupted", isInterrupted: true }),
    listed("web-2", { isInterrupted: true, isHealthy: false }),
    listed("web-3"),
  ];
  expect(
    renderList({ ...fleetList, hosts: [], containers: [], problems: [], instances }, { ...options, now }),
  ).toMatchInlineSnapshot(`
      "Instances
        name   state    container  health
        web-1  down     web                    interrupted: run floe apply
        web-2  running  web        not proved  interrupted: run floe apply
        web-3  running  web        no checks
      "
    `);
});

test("renderList fits the instances into the terminal: what finds no room goes below its row", () => {
  const more = {
    since: "2026-11-22T09:00:00Z",
    image: { fingerprint: "a".repeat(64), importedAt: "2026-11-20T09:00:00Z" },
  };
  const instances = fleetList.instances.map((instance) => ({ ...instance, ...(instance.isHealthy ? more : {}) }));
  const list = { ...fleetList, hosts: [], containers: [], problems: [], instances };
  const at = (width: number): string => renderList(list, { ...options, now, width });
  expect(at(80)).toMatchInlineSnapshot(`
    "Instances
      name            state         address   ports                health
      web-1 on local  running       10.0.3.7  127.0.0.1:8081 → 80  healthy
        container web, update available, can roll back
      web-2 on local  not made yet            0.0.0.0:53 → 53/udp
        container web
      dns on crown    unknown
        container web
    "
  `);
  expect(at(40)).toMatchInlineSnapshot(`
    "Instances
      name            state         health
      web-1 on local  running       healthy
        container web, address 10.0.3.7
        ports 127.0.0.1:8081 → 80
        update available, can roll back
      web-2 on local  not made yet
        container web
        ports 0.0.0.0:53 → 53/udp
      dns on crown    unknown
        container web
    "
  `);
  for (const width of [40, 60, 80, 100, 120])
    expect(
      Math.max(
        ...at(width)
          .split("\n")
          .map((line) => [...line].length),
      ),
    ).toBeLessThanOrEqual(width);
});

test("renderList says when there is nothing", () => {
  expect(
    renderList({ fleet: "home", hosts: [], containers: [], instances: [], problems: [] }, { ...options, now }),
  ).toBe("Nothing here\n");
});

const files = { missing: [], changed: [], stale: [], same: ["flake.nix"], foreign: [] };

test("renderCheck says that everything is well", () => {
  const report: CheckReport = {
    ok: true,
    types: { ran: true, compiler: "typescript 7.0.2", problems: [] },
    files,
    evaluated: { good: 4, bad: 0 },
    problems: [],
    notes: [],
    ms: 12,
  };
  expect(renderCheck(report, options)).toMatchInlineSnapshot(`
    "✓ types        typescript 7.0.2
    ✓ flake files  1 file up to date
    ✓ evaluation   4 hosts, images and shells

    Everything is well
    "
  `);
});

test("renderCheck gathers all problems", () => {
  const types = [
    {
      subject: "types",
      message: "Type 'number' is not assignable to type 'string' (TS2322)",
      file: "hosts/crown.ts",
      line: 4,
      column: 7,
    },
  ];
  const report: CheckReport = {
    ok: false,
    types: { ran: true, compiler: "typescript 7.0.2", problems: types },
    files: { ...files, changed: ["nix/hosts/crown.nix"] },
    evaluated: { good: 3, bad: 1 },
    problems: [
      ...types,
      { subject: "host crown", message: "The option `services.ngnix' does not exist", file: "hosts/crown.ts" },
    ],
    notes: [
      {
        subject: "host crown",
        message: "It reads inputs.self.rev, and so is new with every commit",
        file: "hosts/crown.ts",
        line: 3,
        column: 9,
      },
    ],
    ms: 12,
  };
  expect(renderCheck(report, options)).toMatchInlineSnapshot(`
    "✗ types        1 error, says typescript 7.0.2
    ✗ flake files  1 file not up to date
    ✗ evaluation   1 of 4 do not evaluate

      ✗ types: Type 'number' is not assignable to type 'string' (TS2322)
        at hosts/crown.ts:4:7

      ✗ host crown: The option \`services.ngnix' does not exist
        at hosts/crown.ts

      ! host crown: It reads inputs.self.rev, and so is new with every commit
        at hosts/crown.ts:3:9

    2 problems
    "
  `);
});

test("renderCheck shows many problems by their lines only, and the first forty", () => {
  const problems = Array.from({ length: 45 }, (_, index) => ({
    subject: "host crown",
    message: `option${index}: there is no such option`,
    file: "hosts/crown.ts",
    line: 2,
    column: 3,
  }));
  const report: CheckReport = {
    ok: false,
    types: { ran: true, compiler: "typescript 7.0.2", problems: [] },
    files,
    evaluated: { good: 3, bad: 1, homes: 1 },
    problems,
    notes: [],
    ms: 12,
  };
  const readSource = () => "one\n  two\nthree\n";
  const text = renderCheck(report, { ...options, readSource });
  expect(text.split("\n\n").slice(1, 3).join("\n\n")).toBe(`  ✗ host crown: option0: there is no such option
    at hosts/crown.ts:2:3
    > 2 |   two
        |   ^

  ✗ host crown: option1: there is no such option
    at hosts/crown.ts:2:3
    > 2 |   two
        |   ^`);
  expect(text).toMatch(/option39: [\s\S]*\n\n {2}… 5 more; --verbose shows them\n\n45 problems\n$/);
  expect(renderCheck(report, { ...options, readSource, verbose: true })).toContain("option44");
  const few = renderCheck({ ...report, problems: problems.slice(0, 2) }, { ...options, readSource });
  expect(few).toContain("      1 | one\n    > 2 |   two\n");
  const good = { ...report, evaluated: { good: 4, bad: 0, homes: 1 }, problems: [] };
  expect(renderCheck(good, options)).toContain("4 hosts, images, homes and shells\n");
});

test("renderCheck says what it could not look at", () => {
  const report: CheckReport = {
    ok: false,
    types: { ran: false, hint: "npm install --save-dev typescript" },
    files: null,
    evaluated: null,
    problems: [{ subject: "project", message: "Wrong" }],
    notes: [],
    ms: 12,
  };
  expect(renderCheck(report, options)).toMatchInlineSnapshot(`
    "· types        not checked: no TypeScript here (npm install --save-dev typescript)
    · flake files  not compared: the project does not load
    · evaluation   not evaluated: the project does not load

      ✗ project: Wrong

    1 problem
    "
  `);
});

test("renderFindings groups by area and shows how to mend", () => {
  const text = renderFindings(
    [
      { area: "nix", name: "version", status: "ok", message: "nix 2.34.8", mend: "not shown when all is well" },
      { area: "nix", name: "network", status: "info", message: "Without a network" },
      { area: "incus", name: "local", status: "fail", message: "No Incus socket found", mend: "Start it" },
      { area: "disk", name: "store", status: "warn", message: "Only 3.0 GB free", mend: "nix-collect-garbage" },
    ],
    plain,
  );
  expect(text).toMatchInlineSnapshot(`
    "nix
      ✓ nix 2.34.8
      · Without a network
    incus
      ✗ No Incus socket found
          Start it
    disk
      ! Only 3.0 GB free
          nix-collect-garbage

    1 thing to mend, 1 warning
    "
  `);
});

test("renderHistory shows what came of each run", () => {
  const text = renderHistory(
    [
      { id: "c", verb: "apply", fleet: "home", startedAt: "2026-11-22T11:30:00Z", changes: [], openSteps: [] },
      {
        id: "b",
        verb: "apply",
        fleet: "home",
        startedAt: "2026-11-22T08:00:00Z",
        endedAt: "2026-11-22T08:00:09.5Z",
        exitCode: 4,
        changes: [
          { subject: "local/default/web-1", outcome: "done" },
          {
            subject: "local/default/web-2",
            outcome: "undone",
            error: "not healthy within 30 s\nLast lines of its log:\n  boot",
          },
        ],
        openSteps: [],
      },
    ],
    { colors: plain, now },
  );
  expect(text).toMatchInlineSnapshot(`
    "2026-11-22 11:30  30 min ago  apply  interrupted
    2026-11-22 08:00  4 h ago     apply  exit 4 in 9.5 s  web-1
        ✗ web-2 failed and undone: not healthy within 30 s
          Last lines of its log:
            boot
    "
  `);
});

test("renderHistory says when nothing was applied", () => {
  expect(renderHistory([], { colors: plain, now })).toBe("Nothing was applied yet\n");
});
