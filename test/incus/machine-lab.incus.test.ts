/** Real machines: elevation, copies in every way, and connections that are cut. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CancelledError, ConnectionError, NixError } from "../../src/errors.ts";
import { connect } from "../../src/incus/connect.ts";
import { findMissing } from "../../src/machine/copy-size.ts";
import { readIdentity } from "../../src/machine/identity.ts";
import type { AskPassword, Machine } from "../../src/machine/machine.ts";
import { type OpenOptions, openMachine } from "../../src/machine/open.ts";
import { parseTarget } from "../../src/machine/target.ts";
import { skipIncus, type TestIncus, testIncus, testSocket } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { nixCommand } from "../support/nix.ts";
import { run } from "../support/run.ts";
import { type SshLab, sshLab } from "../support/ssh-machine.ts";

/** Takes long, and most of it is seen through the built command too, in host-faults and host-switch: FLOE_FAULTS=all runs it. */
const isQuick = process.env.FLOE_FAULTS !== "all";

const MB = 1_000_000;

describe.skipIf(isQuick || skipIncus() || skipMachines())("real machines", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown" | "atlas" | "inner" | "keep" | "guest">;
  const folder = mkdtempSync(path.join(os.tmpdir(), "floe-machine-"));
  const opened: Machine[] = [];
  const made: string[] = [];
  beforeAll(async () => {
    incus = await testIncus();
    lab = await sshLab(incus, {
      crown: {},
      atlas: { elevation: "sudo-password" },
      inner: { jump: "crown", elevation: "sudo" },
      keep: { elevation: "doas", trusted: true },
      guest: { elevation: "none" },
    });
  }, 300_000);
  afterEach(async () => {
    for (const machine of opened.splice(0)) await machine.close();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    if (made.length > 0) await run("nix-store", ["--delete", ...made]);
    await lab?.remove();
    await incus?.remove();
  });

  const open = (target: string, options: OpenOptions = {}): Machine => {
    const nix = { command: nixCommand };
    const name = target.split("/").at(-1) ?? target;
    const machine = openMachine(name, parseTarget(target, incus), { env: lab.env, nix, ...options });
    opened.push(machine);
    return machine;
  };
  const inIncus = (name: string) =>
    open(`incus:local/${name}`, {
      connectIncus: () => connect({ name: "local", kind: "unix", socket: testSocket() as string }),
    });
  const asking = (...answers: readonly string[]) => {
    const left = [...answers];
    const prompts: string[] = [];
    const askPassword: AskPassword = async ({ prompt }) => {
      prompts.push(prompt);
      return left.shift();
    };
    return { askPassword, prompts };
  };
  /** Store paths of random bytes, which are nowhere else. */
  const makePaths = async (count: number, bytes: number): Promise<string[]> => {
    const files = Array.from({ length: count }, (_, index) => {
      const file = path.join(folder, `blob-${index}`);
      writeFileSync(file, randomBytes(bytes));
      return file;
    });
    const paths = (await run("nix-store", ["--add", ...files])).trim().split("\n");
    made.push(...paths);
    return paths;
  };
  const passwordOf = () => lab.machines.atlas.password as string;

  describe("root's rights", () => {
    test("root needs none", async () => {
      expect(await open("crown").prepareRoot()).toBe("none");
    });
    test("sudo without a password, behind a jump host", async () => {
      const inner = open("inner");
      expect(await inner.prepareRoot()).toBe("sudo");
      expect((await inner.run(["id", "-un"])).stdout).toBe("deploy\n");
      expect(await inner.run(["sh", "-c", "id -un; cat; exit 255"], { root: true, input: "in\n" })).toEqual({
        exitCode: 255,
        stdout: "root\nin\n",
        stderr: "",
      });
    });
    test("doas without a password", async () => {
      const keep = open("keep");
      expect(await keep.prepareRoot()).toBe("doas");
      expect((await keep.run(["id", "-un"], { root: true })).stdout).toBe("root\n");
    });
    test("sudo with a password, which is asked once and seen by nobody", async () => {
      const { askPassword, prompts } = asking(passwordOf());
      const atlas = open("atlas", { askPassword });
      expect(await Promise.all([atlas.prepareRoot(), atlas.prepareRoot()])).toEqual(["sudo", "sudo"]);
      const everything =
        "id -un; cat; for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; tr '\\0' ' ' <$p/environ; done 2>/dev/null; journalctl";
      const { stdout } = await atlas.script(everything, [], { root: true, input: "input" });
      expect(stdout).toMatch(/^root\ninput/);
      expect(stdout).toContain("sudo");
      expect(stdout).not.toContain(passwordOf());
      expect(prompts).toEqual(["Password of admin on atlas, for sudo"]);
    });
    test("the password does not become input where sudo does not want it after all", async () => {
      const atlas = open("atlas", asking(passwordOf()));
      await atlas.prepareRoot();
      const file = "/etc/sudoers.d/free";
      await lab.machines.atlas.sh(`echo 'admin ALL=(ALL:ALL) NOPASSWD: ALL' >${file}; chmod 440 ${file}`);
      try {
        expect((await atlas.run(["cat"], { root: true, input: "mine\n" })).stdout).toBe("mine\n");
      } finally {
        await lab.machines.atlas.sh(`rm ${file}`);
      }
    });
    test("a wrong password is asked for again, and refused after the third", async () => {
      const twice = asking("wrong", passwordOf());
      expect(await open("atlas", twice).prepareRoot()).toBe("sudo");
      expect(twice.prompts[1]).toBe("That was not right. Password of admin on atlas, for sudo");
      await expect(open("atlas", asking("a", "b", "c", "d")).prepareRoot()).rejects.toThrow(
        'Cannot become root on atlas: sudo refused the password of "admin" 3 times',
      );
    });
    test("nobody to ask, no way, and another way than there is", async () => {
      await expect(open("atlas").prepareRoot()).rejects.toThrow(
        'Cannot become root on atlas: sudo asks for the password of "admin", and this is no terminal',
      );
      const guest = open("guest", asking("any", "any", "any"));
      await expect(guest.prepareRoot()).rejects.toThrow(/^Cannot become root on guest/);
      await expect(open("atlas", { elevation: "doas" }).prepareRoot()).rejects.toMatchObject({
        message:
          'Cannot become root on atlas as "admin": doas asks for a password, which it takes only from a terminal',
        hint: 'Write "permit nopass admin" into doas.conf there, or reach the machine as root',
      });
      await expect(open("atlas", { elevation: "run0" }).prepareRoot()).rejects.toThrow("there is no run0");
    });
  });

  describe("an Incus instance", () => {
    test("is reached without its network", async () => {
      await lab.machines.crown.cutNetwork();
      try {
        const crown = inIncus("crown");
        expect(crown.where).toBe('the instance "crown" on "local"');
        expect(await crown.prepareRoot()).toBe("none");
        const lines: string[] = [];
        const options = { input: "in", fresh: true, onStdoutLine: (line: string) => lines.push(line) };
        expect(
          await crown.script('printf "%s\\n" "$@"; cat; echo err >&2; exit 7', ["a b", "", "ü\n"], options),
        ).toEqual({
          exitCode: 7,
          stdout: "a b\n\nü\n\nin",
          stderr: "err\n",
        });
        expect(lines).toEqual(["a b", "", "ü", "", "in"]);
        expect(await crown.run(["no-such-program"])).toMatchObject({ exitCode: 127 });
        await expect(crown.run(["sleep", "60"], { timeoutMs: 500 })).rejects.toMatchObject({
          details: { timedOut: true },
        });
        await expect(crown.run(["sleep", "60"], { signal: AbortSignal.timeout(300) })).rejects.toThrow(CancelledError);
      } finally {
        await lab.machines.crown.restoreNetwork();
      }
    });
    test("that is stopped, or not there, is said so", async () => {
      await incus.client.setInstanceState(incus.project, "guest", "stop", { force: true });
      await expect(inIncus("guest").run(["true"])).rejects.toMatchObject({
        code: "CONNECTION",
        message: 'Cannot reach the instance "guest" on "local": it is stopped',
      });
      await incus.client.setInstanceState(incus.project, "guest", "start");
      await lab.machines.guest.untilReady();
      await expect(inIncus("nobody").run(["true"])).rejects.toThrow(/there is no such instance in the project/);
    });
  });

  test("who it is, over each way", async () => {
    const crown = await readIdentity(open("crown"));
    expect(crown).toEqual(await readIdentity(inIncus("crown")));
    expect(crown.hostName).toBe("crown");
    await lab.machines.guest.reboot();
    const guest = await readIdentity(open("guest"));
    await lab.machines.guest.reboot();
    const later = await readIdentity(open("guest"));
    expect(later).toEqual({ ...guest, bootId: later.bootId });
    expect(later.bootId).not.toBe(guest.bootId);
  });

  describe("copies", () => {
    const ways: readonly [string, () => Machine][] = [
      ["to root", () => open("crown")],
      ["to a user who is trusted", () => open("keep")],
      ["to root by sudo with a password", () => open("atlas", asking(passwordOf()))],
      ["to root by sudo, behind a jump host", () => open("inner")],
      ["through Incus", () => inIncus("guest")],
    ];
    test.each(ways)("%s", async (_way, openIt) => {
      const machine = openIt();
      const paths = await makePaths(3, 7 * MB);
      const seen: { done: number; total: number }[] = [];
      await machine.copyClosures(paths, { onProgress: (progress) => seen.push({ ...progress }) });
      expect(await findMissing(machine, paths, undefined)).toEqual([]);
      // How much there is is found out beside the copy: one that is over before has nothing to tell.
      expect(seen.at(-1)?.done).toBe(seen.at(-1)?.total);
      expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).toSorted((a, b) => a - b));
      seen.length = 0;
      await machine.copyClosures(paths, { onProgress: (progress) => seen.push({ ...progress }) });
      expect(seen).toEqual([]);
    });

    test("a derivation with what it is built from", async () => {
      const file = path.join(folder, "one.nix");
      const source = path.join(folder, "source");
      writeFileSync(source, randomBytes(1000));
      writeFileSync(
        file,
        `derivation { name = "one"; system = "x86_64-linux"; builder = "/bin/sh"; src = ${source}; }`,
      );
      const drv = (await run("nix-instantiate", [file])).trim();
      const inner = open("inner");
      await inner.copyClosures([drv], { derivations: true });
      const closure = (await run("nix-store", ["--query", "--requisites", drv])).trim().split("\n");
      expect(closure.length).toBe(2);
      expect(await findMissing(inner, closure, undefined)).toEqual([]);
    });

    test("what the machine gets from its own cache is not sent", async () => {
      const paths = await makePaths(3, 3 * MB);
      const cache = `file:///srv/cache`;
      const { sh, addClosure } = lab.machines.crown;
      for (const one of paths) await addClosure(one);
      await sh(`nix copy --to ${cache} ${paths.join(" ")} && nix-store --delete ${paths.join(" ")}
        cp /etc/nix/nix.conf /etc/nix/old; printf 'substituters = ${cache}\nrequire-sigs = false\n' >>/etc/nix/nix.conf`);
      try {
        const seen: number[] = [];
        const crown = open("crown");
        await crown.copyClosures(paths, { substitute: true, onProgress: ({ done }) => seen.push(done) });
        expect(await findMissing(crown, paths, undefined)).toEqual([]);
        expect(seen).toEqual([]);
      } finally {
        await sh("mv /etc/nix/old /etc/nix/nix.conf");
      }
    });

    test("what is not here", async () => {
      const missing = "/nix/store/00000000000000000000000000000000-none";
      await expect(open("crown").copyClosures([missing], {})).rejects.toThrow(NixError);
    });

    test("a disk that is full is said so", async () => {
      const paths = await makePaths(2, 8 * MB);
      await lab.machines.keep.fillDisk(4 * MB);
      try {
        await expect(open("keep").copyClosures(paths, {})).rejects.toMatchObject({
          code: "NIX",
          message: "Cannot copy to keep: its disk is full",
        });
      } finally {
        await lab.machines.keep.freeDisk();
      }
    });

    test.each([
      ["crown", () => open("crown")],
      ["atlas", () => open("atlas", asking(passwordOf()))],
      // When the cut comes is up to both machines: a copy that was over before says nothing.
    ] as const)(
      "a connection to %s that is cut: said so, and the next one goes on",
      { retry: 2 },
      async (name, openIt) => {
        const machine = openIt();
        await machine.prepareRoot();
        const paths = await makePaths(16, 14 * MB);
        // There and not from here: the copy would be over before a command arrives.
        const dropping = lab.machines[name].sh(`there() { ls -d /nix/store/*-blob-*[0-9] 2>/dev/null | wc -l; }
        enough=$(($(there) + 5)); until [ "$(there)" -ge $enough ]; do sleep 0.02; done; pkill -KILL -f '^sshd: .*@'`);
        const copying = machine.copyClosures(paths, { onProgress: () => {} });
        await expect(copying).rejects.toThrow(/^The connection to \w+ ended after \d+ MB( of 224 MB)? were copied$/);
        await expect(copying).rejects.toThrow(ConnectionError);
        await dropping;
        const left = await findMissing(machine, paths, undefined);
        expect(left.length).toBeGreaterThan(0);
        expect(left.length).toBeLessThan(16);
        await machine.copyClosures(paths, {});
        expect(await findMissing(machine, paths, undefined)).toEqual([]);
      },
    );

    test("a network that is gone is noticed in seconds", async () => {
      const machine = open("keep");
      await machine.run(["true"]);
      const running = machine.script("sleep 100");
      running.catch(() => {});
      await lab.machines.keep.cutNetwork();
      try {
        const began = Date.now();
        await expect(running).rejects.toThrow(ConnectionError);
        expect(Date.now() - began).toBeLessThan(30_000);
      } finally {
        await lab.machines.keep.restoreNetwork();
      }
      expect((await machine.run(["echo", "back"])).stdout).toBe("back\n");
    });

    test.each([
      ["ssh", () => open("crown")],
      ["the bridge", () => open("inner")],
      ["Incus", () => inIncus("guest")],
    ] as const)("is cancelled: %s", async (_way, openIt) => {
      const paths = await makePaths(4, 20 * MB);
      const cancel = new AbortController();
      const machine = openIt();
      const onProgress = ({ done }: { done: number }) => done > 0 && cancel.abort();
      await expect(machine.copyClosures(paths, { signal: cancel.signal, onProgress })).rejects.toThrow(CancelledError);
      expect((await machine.run(["echo", "well"])).stdout).toBe("well\n");
      await expect
        .poll(async () => (await machine.script("pgrep -f '[n]ix-daemon --stdio' || true")).stdout, { timeout: 10_000 })
        .toBe("");
    });
  });
});
