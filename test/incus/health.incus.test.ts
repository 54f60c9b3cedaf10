import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { waitHealthy } from "../../src/apply/health.ts";
import { probe, type Question } from "../../src/apply/probes.ts";
import { readSystem, withUnitsBefore } from "../../src/apply/units.ts";
import type { IncusInstancePost } from "../../src/incus/types.ts";
import type { HealthCheck } from "../../src/model/fleet.ts";
import { debianImage, skipDebian } from "../support/debian-image.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { outcomes, worldOf } from "./apply-support.ts";

const never = new AbortController().signal;

describe.skipIf(skipIncus())("health on the real Incus", () => {
  let incus: TestIncus;
  beforeAll(async () => {
    incus = await testIncus();
  });
  afterAll(() => incus.remove());

  async function start(name: string, fingerprint: string, more: Partial<IncusInstancePost> = {}): Promise<void> {
    const source = { type: "image" as const, fingerprint };
    const body = { name, type: "container" as const, profiles: ["default"], config: {}, devices: {}, source };
    await incus.client.createInstance(incus.project, { ...body, ...more, start: true });
  }
  const target = (name: string) => ({ client: incus.client, project: incus.project, name });
  const ask = (name: string, question: Question, timeoutMs = 5000) => probe(target(name), question, timeoutMs, never);

  describe("asked from the server's side", () => {
    let port: number;
    beforeAll(async () => {
      const image = await tinyImage({ page: "inside\n" });
      await incus.client.uploadImage(incus.project, image);
      port = await freePort();
      const proxy = { type: "proxy", listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" };
      await start("tiny", image.fingerprint, { devices: { web: proxy } });
    });

    test("the address is the container's own, and a forwarded port is followed to its inner end", async () => {
      const here = await fetch(`http://127.0.0.1:${port}/`);
      expect(await here.text()).toBe("inside\n");
      for (const url of [`http://127.0.0.1:${port}/`, `http://localhost:${port}/`, "http://127.0.0.1:80/"])
        expect(await ask("tiny", { kind: "http", url, body: "inside", from: "server" })).toBeUndefined();
      expect(await ask("tiny", { kind: "http", url: "http://127.0.0.1:80/" })).toMatch(/connection refused|answered/);
    });

    test("what is wrong is said: status, body, nobody there", async () => {
      const url = "http://127.0.0.1:80/";
      const http = (more: object) => ask("tiny", { kind: "http", url, from: "server", ...more } as Question);
      expect(await http({ url: `${url}none` })).toBe(`GET ${url}none inside answered 404 (wanted 200 to 299)`);
      expect(await http({ url: `${url}none`, status: 404 })).toBeUndefined();
      expect(await http({ body: "other" })).toBe(`GET ${url} inside answered 200 without "other" in its body`);
      expect(await http({ url: "http://127.0.0.1:81/" })).toMatch(/inside failed: .*refused/);
    });

    test("TCP with busybox's nc", async () => {
      const tcp = (inner: number) => ask("tiny", { kind: "tcp", address: "127.0.0.1", port: inner, from: "server" });
      expect(await tcp(80)).toBeUndefined();
      expect(await tcp(81)).toMatch(/^Connection to 127\.0\.0\.1:81 inside failed: .*refused/);
    });

    test("passes in a row: one failure begins the count anew", async () => {
      const { client, project } = incus;
      const script =
        "n=$(cat /tmp/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /tmp/n; [ $n -ne 3 ] || { echo third time >&2; exit 1; }";
      const check = {
        kind: "exec" as const,
        command: ["sh", "-c", script],
        withinMs: 20_000,
        intervalMs: 20,
        passes: 4,
      };
      await waitHealthy(target("tiny"), [check], never);
      expect((await client.exec(project, "tiny", ["cat", "/tmp/n"])).stdout).toBe("7\n");
      const hasty = { ...check, withinMs: 1500, passes: 1000 };
      await expect(waitHealthy(target("tiny"), [hasty], never)).rejects.toThrow(
        /Not healthy within 1\.5 s: It passed \d+ of 1000 times in a row/,
      );
    });

    test("there is no systemd in it, and it does not say that it is ready", async () => {
      expect(await ask("tiny", { kind: "systemd", allowDegraded: true })).toBe("There is no systemd in it");
      expect(await ask("tiny", { kind: "ready" })).toBe("It has not said that it is ready (running)");
    });
  });

  describe.skipIf(skipIncus() || skipDebian())("of a Debian with systemd", { timeout: 240_000 }, () => {
    const up: HealthCheck = { kind: "systemd", allowDegraded: false, withinMs: 60_000, intervalMs: 100 };
    const sh = async (script: string): Promise<string> => {
      const { exitCode, stdout, stderr } = await incus.client.exec(incus.project, "deb", ["sh", "-c", script]);
      expect(exitCode, stderr).toBe(0);
      return stdout;
    };
    const addFailing = (unit: string) =>
      sh(`printf '[Service]\\nType=oneshot\\nExecStart=/bin/false\\n' > /run/systemd/system/${unit}.service
        systemctl daemon-reload; systemctl start ${unit} || true`);
    beforeAll(async () => {
      const image = await debianImage();
      await incus.client.uploadImage(incus.project, image);
      await start("deb", image.fingerprint);
    }, 300_000);

    test("the wait ends when the system is up", async () => {
      await waitHealthy(target("deb"), [up], never);
      expect(await readSystem(target("deb"))).toEqual({ state: "running", failed: [] });
    });

    test("a failed unit counts, unless degraded is allowed or it failed before", async () => {
      await addFailing("old");
      expect(await ask("deb", up)).toBe("Failed unit: old.service");
      expect(await ask("deb", { ...up, allowDegraded: true })).toBeUndefined();
      const later = await withUnitsBefore({ ...target("deb"), health: [up] });
      expect(later.failedBefore).toEqual(["old.service"]);
      await waitHealthy(later, [up], never);
      await addFailing("new");
      const short = { ...up, withinMs: 400 };
      await expect(waitHealthy(later, [short], never)).rejects.toThrow(/Failed unit: new\.service/);
      await sh("systemctl reset-failed");
      expect(await ask("deb", up)).toBeUndefined();
    });

    test("bash asks where there is neither curl nor wget", async () => {
      const server = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8080", Listen => 5, ReuseAddr => 1) or die;
        while (my $c = $s->accept) { my $l = <$c>; my ($p) = $l =~ m{ (\\S+) }; while (my $h = <$c>) { last if $h =~ /^\\s*$/ } print $c "HTTP/1.0 " . ($p eq "/" ? "200 OK" : "404 No") . "\\r\\n\\r\\npath $p\\n"; close $c }`;
      await incus.client.putFile(incus.project, "deb", "/root/serve.pl", server);
      await sh("systemd-run --quiet --unit serve perl /root/serve.pl");
      const question: Question = { kind: "http", url: "http://127.0.0.1:8080/", body: "path /", from: "server" };
      const check = { ...question, withinMs: 5000, intervalMs: 50 };
      await waitHealthy(target("deb"), [check], never);
      expect(await ask("deb", { ...question, url: "http://127.0.0.1:8080/a?b=1" })).toMatch(/answered 404/);
      expect(await ask("deb", { ...question, url: "https://127.0.0.1:8080/" })).toMatch(
        /none of curl, wget, bash and python3 to ask with: use an "exec" check/,
      );
      expect(await ask("deb", { kind: "tcp", address: "127.0.0.1", port: 8080, from: "server" })).toBeUndefined();
      expect(await ask("deb", { kind: "tcp", address: "127.0.0.1", port: 8081, from: "server" })).toMatch(/refused/);
    });

    test("an update with a unit that fails newly is undone; one that failed before too is no reason", async () => {
      const world = worldOf(incus.client, incus.project);
      const health: HealthCheck[] = [{ ...up, allowDegraded: true, withinMs: 8_000 }];
      const apply = (page: string, failing: readonly string[]) =>
        world.apply(
          { unit: { page, instances: { unit: { health } } } },
          { build: async () => ({ unit: { ok: true, ...(await debianImage({ failing })) } }) },
        );
      expect((await apply("1", ["old"])).report.exitCode).toBe(0);
      expect((await apply("2", ["old"])).report.exitCode).toBe(0);
      const { report } = await apply("3", ["new", "old"]);
      expect(outcomes(report).at(-1)).toMatch(/swap instance unit: undone: .* Failed unit: new\.service/);
      expect((await apply("4", [])).report.exitCode).toBe(0);
      world.removeRoot();
    });

    test("the guest says that it is ready", async () => {
      expect(await ask("deb", { kind: "ready" })).toMatch(/has not said/);
      const say = `use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => "/dev/incus/sock") or die;
        my $b = "{\\"state\\": \\"Ready\\"}"; print $s "PATCH /1.0 HTTP/1.0\\r\\nHost: x\\r\\nContent-Type: application/json\\r\\nContent-Length: " . length($b) . "\\r\\n\\r\\n$b"; print <$s>`;
      await incus.client.putFile(incus.project, "deb", "/root/ready.pl", say);
      const told = waitHealthy(target("deb"), [{ kind: "ready", withinMs: 20_000, intervalMs: 50 }], never);
      // Incus answers with 500 while it looks which process asks, and that one is gone: then it is said again.
      await vi.waitFor(async () => expect(await sh("perl /root/ready.pl")).toContain("200 OK"), { timeout: 15_000 });
      await told;
    });
  });

  test("an apply is undone when the check of systemd does not pass", async () => {
    const world = worldOf(incus.client, incus.project);
    const health: HealthCheck[] = [{ kind: "systemd", allowDegraded: true, withinMs: 500, intervalMs: 50 }];
    const spec = { page: "x", instances: { plain: { health } } };
    const { report } = await world.apply({ plain: spec });
    expect(outcomes(report)[1]).toMatch(/"plain" is not healthy: Not healthy within 500 ms: There is no systemd in it/);
    world.removeRoot();
  });
});
