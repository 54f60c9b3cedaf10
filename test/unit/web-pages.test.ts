import { describe, expect, it } from "vitest";
import type { Job } from "../../src/serve/protocol.ts";
import { withJob } from "../../web/lib/jobs.ts";
import { matchPath } from "../../web/lib/match-path.ts";
import { freshPlanJob } from "../../web/lib/plan-view.ts";
import { readSvg } from "../../web/lib/svg.ts";
import { percent, uptime } from "../../web/lib/words.ts";

const job = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  kind: "plan",
  title: "plan",
  user: "me",
  state: "done",
  startedAt: 1000,
  endedAt: 2000,
  subjects: [],
  ...more,
});

describe("matchPath()", () => {
  it("decodes parameters, each within its own part of the path", () => {
    expect(matchPath("/instances/:name", "/instances/crown%2Fdefault%2Fweb/")).toEqual({ name: "crown/default/web" });
    expect(matchPath("/", "/")).toEqual({});
    expect(matchPath("/plan", "/plan/7")).toBeUndefined();
    expect(matchPath("/plan/:id", "/plan/%E0%A4%A")).toBeUndefined();
  });
});

describe("withJob()", () => {
  it("puts a new one in front and replaces a known one where it is", () => {
    const jobs = withJob([job("a")], job("b", { startedAt: 3000, state: "running" }));
    expect(jobs.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(withJob(jobs, job("a", { title: "new" }))[1]?.title).toBe("new");
  });

  it("does not make one run again that has ended", () => {
    const [only] = withJob([job("a")], job("a", { state: "running" }));
    expect(only?.state).toBe("done");
  });
});

describe("freshPlanJob()", () => {
  const made = job("p", { planId: "7" });
  it("is the latest plan", () => expect(freshPlanJob([made], "plan", 3000)?.id).toBe("p"));
  it("is one that is being made", () =>
    expect(freshPlanJob([job("p", { state: "running" })], "plan", 3000)?.id).toBe("p"));
  it("is none after ten minutes", () => expect(freshPlanJob([made], "plan", 2000 + 600_001)).toBeUndefined());
  it("is none once something was changed", () => {
    const apply = job("a", { kind: "apply", startedAt: 2500, endedAt: 2600 });
    expect(freshPlanJob([apply, made], "plan", 3000)).toBeUndefined();
  });
  it("is none when the server found out more since", () => {
    expect(freshPlanJob([made], "plan", 9000, 2100)?.id).toBe("p");
    expect(freshPlanJob([made], "plan", 9000, 8000)).toBeUndefined();
  });
  it("is none of the other kind", () => expect(freshPlanJob([made], "plan-hosts", 3000)).toBeUndefined());
});

describe("readSvg()", () => {
  const node = (name: string, attributes: Record<string, string> = {}, children: unknown[] = []): never =>
    ({
      nodeType: 1,
      nodeName: name,
      textContent: "",
      attributes: Object.entries(attributes).map(([key, value]) => ({ name: key, value })),
      childNodes: children,
    }) as never;
  const text = (content: string): unknown => ({ nodeType: 3, nodeName: "#text", textContent: content, childNodes: [] });

  it("keeps what a graph is made of", () => {
    expect(readSvg(node("svg", { viewBox: "0 0 1 1" }, [node("text", { x: "1" }, [text("web <b>")])]))).toEqual({
      name: "svg",
      attributes: { viewBox: "0 0 1 1" },
      children: [{ name: "text", attributes: { x: "1" }, children: ["web <b>"] }],
    });
  });

  it("drops scripts, links, styles, handlers and foreign addresses", () => {
    const evil = node("svg", { onload: "alert(1)", style: "x", "marker-end": "url(//evil)" }, [
      node("script", {}, [text("alert(1)")]),
      node("a", { href: "javascript:alert(1)" }),
      node("foreignObject"),
      node("style"),
      node("path", { d: "M0 0", "marker-end": "url(#head)" }),
    ]);
    expect(readSvg(evil)).toEqual({
      name: "svg",
      attributes: {},
      children: [{ name: "path", attributes: { d: "M0 0", "marker-end": "url(#head)" }, children: [] }],
    });
    expect(readSvg(node("script"))).toBeUndefined();
  });
});

describe("words", () => {
  it("says how long something runs", () =>
    expect([5_000, 300_000, 7_200_000, 3 * 86_400_000].map(uptime)).toEqual(["5 s", "5 min", "2 h", "3 days"]));
  it("says shares of a processor", () =>
    expect([0, 0.004, 0.12, 2.3].map(percent)).toEqual(["0 %", "0.4 %", "12 %", "230 %"]));
});
