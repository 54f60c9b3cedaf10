import { describe, expect, it } from "vitest";
import type { FleetInstance } from "../../src/serve/protocol.ts";
import { healthOf, readFleetView, shownInstances, withUsage, writeFleetView } from "../../web/lib/fleet-view.ts";

const instance = (name: string, more: Partial<FleetInstance> = {}): FleetInstance => ({
  name,
  container: name,
  server: "local",
  project: "default",
  state: "running",
  isInterrupted: false,
  addresses: [],
  ports: [],
  rootfs: null,
  since: null,
  image: null,
  isHealthy: true,
  isUpdateAvailable: false,
  hasPrevious: false,
  tags: [],
  links: [],
  ...more,
});

const fleet = [
  instance("web-10", { tags: ["web"], cpu: 0.5, addresses: ["10.0.0.7"] }),
  instance("web-2", { tags: ["web"], cpu: 0.1, isUpdateAvailable: true }),
  instance("db", { server: "crown", state: "stopped" }),
  instance("mail", { failures: ["tcp 25: refused"], cpu: 0.2 }),
];

const shown = (query: string): string[] => shownInstances(fleet, readFleetView(query)).map(({ name }) => name);

describe("shownInstances()", () => {
  it("sorts names as people count", () => {
    expect(shown("")).toEqual(["db", "mail", "web-2", "web-10"]);
    expect(shown("sort=-name")).toEqual(["web-10", "web-2", "mail", "db"]);
  });

  it("filters by words in names, addresses and tags; every one must fit", () => {
    expect(shown("q=web")).toEqual(["web-2", "web-10"]);
    expect(shown("q=@web 0.7")).toEqual(["web-10"]);
    expect(shown("q=nothing")).toEqual([]);
  });

  it("filters by state, tag and server", () => {
    expect(shown("state=update")).toEqual(["web-2"]);
    expect(shown("state=unhealthy")).toEqual(["mail"]);
    expect(shown("state=stopped")).toEqual(["db"]);
    expect(shown("tag=web&state=running")).toEqual(["web-2", "web-10"]);
    expect(shown("server=crown")).toEqual(["db"]);
  });

  it("puts what is not known last when it rises, and the worst state first", () => {
    expect(shown("sort=cpu")).toEqual(["web-2", "mail", "web-10", "db"]);
    expect(shown("sort=state")).toEqual(["mail", "db", "web-2", "web-10"]);
  });
});

describe("the view in the address", () => {
  it("is read as it was written, and is empty when nothing is asked for", () => {
    expect(writeFleetView(readFleetView(""))).toBe("");
    const query = "q=a+b&state=update&tag=x&server=y&sort=-cpu";
    expect(writeFleetView(readFleetView(query))).toBe(query);
  });

  it("passes over what does not exist", () => {
    expect(writeFleetView(readFleetView("state=evil&sort=__proto__"))).toBe("");
  });
});

describe("healthOf()", () => {
  it("knows only of what runs", () => {
    expect(healthOf(instance("a", { state: "stopped", failures: ["x"] }))).toBe("none");
    expect(healthOf(instance("a", { failures: ["x"] }))).toBe("unhealthy");
    expect(healthOf(instance("a", { isHealthy: false }))).toBe("unproved");
    expect(healthOf(instance("a", { isHealthy: null }))).toBe("none");
    expect(healthOf(instance("a"))).toBe("healthy");
  });
});

describe("withUsage()", () => {
  it("changes those that are named and leaves the others the objects they are", () => {
    const next = withUsage(fleet, { "local/default/mail": { cpu: 1, memory: 5 } });
    expect(next.find(({ name }) => name === "mail")).toMatchObject({ cpu: 1, memory: 5 });
    expect(next[0]).toBe(fleet[0]);
  });
});
