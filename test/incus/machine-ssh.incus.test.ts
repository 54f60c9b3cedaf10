import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CancelledError, ConnectionError } from "../../src/errors.ts";
import { readIdentity } from "../../src/machine/identity.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { openMachine } from "../../src/machine/open.ts";
import { remoteCommand } from "../../src/machine/shell.ts";
import { type LoopbackSshd, loopbackSshd, skipSshd } from "../support/loopback-sshd.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";

const nasty = [
  ...["", " ", "a b", "'", '"', "\\", "$HOME", "`id`", "$(id)", "a\nb", "\n", "trailing\n", "!!", "!", "%s", "*", "~"],
  ...[
    "ü€🎉",
    "\t",
    "-n",
    "#",
    "\u0001\u007f",
    "\\n",
    "\\\\",
    "'\\''",
    "a'\\''b",
    "{a,b}",
    "^x",
    "\r\n",
    "&|;<>()",
    "--",
  ],
];

describe("a command's words in the login shell of the other side", () => {
  const shells = ["/bin/sh", "/bin/bash", "/usr/bin/zsh", "/usr/bin/fish", "/usr/bin/tcsh", "/usr/bin/busybox"];
  for (const shell of shells) {
    it.skipIf(!existsSync(shell))(shell, async () => {
      const command = remoteCommand(["printf", "%s\\0", ...nasty], "end");
      const stdout = await run(shell, [...(shell.endsWith("busybox") ? ["sh"] : []), "-c", command]);
      expect(stdout.split("\0").slice(0, -1)).toEqual(nasty);
    });
  }
});

describe.skipIf(skipSshd())("a machine over ssh", () => {
  let sshd: LoopbackSshd;
  let machine: Machine;
  beforeAll(async () => {
    sshd = await loopbackSshd();
    machine = openMachine("crown", { kind: "ssh", destination: "test-machine" }, { env: sshd.env });
  });
  afterAll(async () => {
    await machine.close();
    await sshd.remove();
  });

  it("hands words on as they are", async () => {
    const { stdout, exitCode } = await machine.run(["printf", "%s\\0", ...nasty]);
    expect(exitCode).toBe(0);
    expect(stdout.split("\0").slice(0, -1)).toEqual(nasty);
  });

  it("hands input and output on as they are", async () => {
    const bytes = randomBytes(3_000_000);
    const { stdout } = await machine.script("sha256sum", [], { input: bytes });
    const sum = await crypto.subtle.digest("SHA-256", bytes);
    expect(stdout.slice(0, 64)).toBe(Buffer.from(sum).toString("hex"));
  });

  it("tells a command's 255 from ssh's", async () => {
    const lines: string[] = [];
    const script = "echo out; echo err >&2; printf rest >&2; exit 255";
    const result = await machine.script(script, [], { onStderrLine: (line) => lines.push(line) });
    expect(result).toEqual({ exitCode: 255, stdout: "out\n", stderr: "err\nrest" });
    expect(lines).toEqual(["err", "rest"]);
  });

  it("is root without a question where it comes in as root", async () => {
    expect(await machine.prepareRoot()).toBe("none");
    expect((await machine.run(["id", "-u"], { root: true })).stdout).toBe("0\n");
  });

  it("says that a program is not there as a shell does", async () => {
    expect(await machine.run(["no-such-program"])).toMatchObject({ exitCode: 127 });
  });

  it("says who it is", async () => {
    expect(await readIdentity(machine)).toEqual({
      hostName: os.hostname(),
      machineId: readFileSync("/etc/machine-id", "utf8").trim(),
      bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    });
  });

  it("goes through one connection, except when a fresh one is asked for", async () => {
    const from = async (fresh: boolean) =>
      (await machine.script('echo "$SSH_CONNECTION"', [], { fresh })).stdout.split(" ")[1];
    const [first, ...others] = await Promise.all([from(false), from(false), from(false), from(true), from(true)]);
    expect(others.slice(0, 2)).toEqual([first, first]);
    expect(new Set([first, ...others.slice(2)]).size).toBe(3);
  });

  it("ends when it is cancelled or takes too long", async () => {
    const soon = AbortSignal.timeout(300);
    await expect(machine.run(["sleep", "60"], { signal: soon })).rejects.toThrow(CancelledError);
    await expect(machine.run(["sleep", "60"], { timeoutMs: 300 })).rejects.toMatchObject({
      code: "CONNECTION",
      details: { where: "test-machine", timedOut: true },
    });
  });

  it("says that the connection ended, and makes another one afterwards", async () => {
    const running = machine.script("sleep 60");
    running.catch(() => {});
    await machine.run(["true"]);
    await sshd.stop();
    await expect(running).rejects.toThrow(ConnectionError);
    await expect(machine.run(["true"])).rejects.toThrow(/takes no connections on port/);
    await sshd.start();
    expect((await machine.run(["echo", "back"])).stdout).toBe("back\n");
  });

  it("refuses a command that ssh cannot carry", async () => {
    await expect(machine.run(["echo", "x".repeat(200_000)])).rejects.toThrow(/too long/);
  });

  it("leaves no connection behind", async () => {
    const other = openMachine("other", { kind: "ssh", destination: "test-machine" }, { env: sshd.env });
    const { stdout } = await other.script('echo "$PPID"; ps -o ppid= -p "$PPID"');
    await other.close();
    const [, server = ""] = stdout.split("\n");
    await expect.poll(() => existsSync(`/proc/${server.trim()}`), { timeout: 4000 }).toBe(false);
  });
});

describe.skipIf(skipSshd())("a connection that stays", () => {
  let sshd: LoopbackSshd;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let opened: Machine[];
  beforeEach(async () => {
    sshd = await loopbackSshd();
    folder = await mkdtemp(path.join(os.tmpdir(), "floe-run-"));
    env = { ...sshd.env, XDG_RUNTIME_DIR: folder, FLOE_SSH_PERSIST: undefined };
    opened = [];
  });
  afterEach(async () => {
    for (const machine of opened) await machine.close({ disconnect: true });
    await sshd.remove();
    await rm(folder, { recursive: true });
  });

  const own = () => path.join(folder, `floe-ssh-${process.getuid?.()}`);
  /** As another floe has it. */
  function open(further: NodeJS.ProcessEnv = {}): Machine {
    const machine = openMachine("crown", { kind: "ssh", destination: "test-machine" }, { env: { ...env, ...further } });
    opened.push(machine);
    return machine;
  }
  async function leaveOne(): Promise<void> {
    const machine = open();
    await machine.run(["true"]);
    await machine.close();
  }
  /** Counts how often it ran. */
  const counting = () => `echo once >>${sshd.folder}/counted; echo done`;
  const counted = () => readFileSync(path.join(sshd.folder, "counted"), "utf8").split("\n").length - 1;
  /** The processes of sshd that serve connections. */
  async function sessions(): Promise<string[]> {
    const pids = await run("pgrep", ["-P", readFileSync(path.join(sshd.folder, "pid"), "utf8").trim()]);
    return pids.trim().split("\n");
  }

  it("is used by the next floe", async () => {
    await leaveOne();
    const machine = open();
    const runs = ["a", "b", "c"].map((word) => machine.run(["echo", word]));
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(["a\n", "b\n", "c\n"]);
    expect(sshd.accepted()).toBe(1);
    await machine.run(["true"], { fresh: true });
    expect(sshd.accepted()).toBe(2);
  });

  it("takes the first command's input and output through itself", async () => {
    const bytes = randomBytes(3_000_000);
    const { stdout, stderr } = await open().script("sha256sum; echo end >&2", [], { input: bytes });
    expect([stdout.length, stderr]).toEqual([68, "end\n"]);
    expect(readdirSync(own())).toHaveLength(1);
  });

  it("lets others through while its first command runs", async () => {
    const machine = open();
    let isOver = false;
    const first = machine.run(["sleep", "6"]).then(() => (isOver = true));
    await machine.run(["true"]);
    expect(isOver).toBe(false);
    await first;
    expect(sshd.accepted()).toBe(1);
  });

  it("is another one for other options, and for another state of ssh's configuration", async () => {
    await leaveOne();
    await open({ NIX_SSHOPTS: `${env["NIX_SSHOPTS"]} -4` }).run(["true"]);
    await sshd.configure("# edited");
    await open().run(["true"]);
    expect(sshd.accepted()).toBe(3);
  });

  it("is made anew when it ended meanwhile", async () => {
    await leaveOne();
    for (const pid of await sessions()) process.kill(Number(pid), "SIGKILL");
    expect((await open().script(counting())).stdout).toBe("done\n");
    expect(counted()).toBe(1);
    expect(sshd.accepted()).toBe(2);
  });

  it.each([true, false])("is given up when nothing answers on it; repeatable: %s", async (repeatable) => {
    await leaveOne();
    const stopped = await sessions();
    for (const pid of stopped) await run("pkill", ["-STOP", "-P", pid]).catch(() => undefined);
    for (const pid of stopped) process.kill(Number(pid), "SIGSTOP");
    const begin = Date.now();
    const machine = open();
    expect((await machine.script(counting(), [], { repeatable })).stdout).toBe("done\n");
    // Nothing else would end it for minutes.
    expect(Date.now() - begin).toBeLessThan(30_000);
    expect((await machine.script(counting())).stdout).toBe("done\n");
    expect(counted()).toBe(2);
    expect(sshd.accepted()).toBe(2);
    for (const pid of stopped) process.kill(Number(pid), "SIGKILL");
  });

  it("is given up when the process that keeps it hangs", async () => {
    await leaveOne();
    const master = (await run("pgrep", ["-f", `^ssh: ${own()}/.* \\[mux\\]`])).trim();
    process.kill(Number(master), "SIGSTOP");
    const begin = Date.now();
    expect((await open().script(counting())).stdout).toBe("done\n");
    expect(Date.now() - begin).toBeLessThan(7000);
    expect(counted()).toBe(1);
    process.kill(Number(master), "SIGKILL");
  });

  it("does not run a command twice that began on it", async () => {
    await leaveOne();
    const machine = open();
    const running = machine.script(`${counting()}; sleep 30`);
    running.catch(() => {});
    await expect.poll(() => existsSync(path.join(sshd.folder, "counted")), { timeout: 5000 }).toBe(true);
    for (const pid of await sessions()) process.kill(Number(pid), "SIGKILL");
    await expect(running).rejects.toThrow(ConnectionError);
    expect(counted()).toBe(1);
    expect((await machine.run(["echo", "again"])).stdout).toBe("again\n");
  });

  it("is not kept in a folder that others reach", async () => {
    const refusal = /^The folder of shared connections ".*" is not safe: /;
    mkdirSync(own());
    chmodSync(own(), 0o755);
    await expect(open().run(["true"])).rejects.toThrow(/others reach it \(mode 0755\)$/);
    await run("chown", ["nobody", own()]);
    chmodSync(own(), 0o700);
    await expect(open().run(["true"])).rejects.toThrow(/it belongs to user \d+, not to 0$/);
    await rm(own(), { recursive: true });
    mkdirSync(path.join(folder, "elsewhere"), { mode: 0o700 });
    symlinkSync("elsewhere", own());
    await expect(open().run(["true"])).rejects.toThrow(refusal);
    expect((await open({ FLOE_SSH_PERSIST: "0" }).run(["echo", "without"])).stdout).toBe("without\n");
    expect(sshd.accepted()).toBe(1);
  });

  it("is not kept where somebody else could put another folder", async () => {
    await run("chown", ["nobody", folder]);
    await open({ TMPDIR: path.join(sshd.folder) }).run(["true"]);
    expect(existsSync(own())).toBe(false);
    expect(readdirSync(path.join(sshd.folder, `floe-ssh-${process.getuid?.()}`))).toHaveLength(1);
  });

  it("ends with floe when that is asked for", async () => {
    const machine = open();
    await machine.run(["true"]);
    await machine.close({ disconnect: true });
    await expect.poll(() => readdirSync(own()), { timeout: 4000 }).toEqual([]);
  });
});

describe.skipIf(skipSshd())("why a machine cannot be reached", () => {
  let sshd: LoopbackSshd;
  let known: string;
  beforeAll(async () => {
    sshd = await loopbackSshd();
    known = readFileSync(sshd.knownHosts, "utf8");
  });
  afterAll(() => sshd.remove());
  afterEach(async () => {
    writeFileSync(sshd.knownHosts, known);
    await sshd.configure();
  });

  async function failure(destination: string, options = ""): Promise<ConnectionError> {
    const env = { ...sshd.env, NIX_SSHOPTS: `${sshd.env["NIX_SSHOPTS"]} ${options}` };
    const machine = openMachine("crown", { kind: "ssh", destination }, { env });
    try {
      await machine.run(["true"]);
    } catch (error) {
      expect(error).toBeInstanceOf(ConnectionError);
      return error as ConnectionError;
    } finally {
      await machine.close();
    }
    throw new Error("It was reached");
  }
  const changed = () =>
    writeFileSync(sshd.knownHosts, known.replace(/ssh-.*/, readFileSync(`${sshd.folder}/id.pub`, "utf8")));
  const behind = (jump = "test-machine") =>
    sshd.configure(`Host inner\n  HostName 127.0.0.2\n  Port ${sshd.port}\n  ProxyJump ${jump}\n`);

  it("an unknown host key", async () => {
    writeFileSync(sshd.knownHosts, "");
    const { message, hint, details } = await failure("test-machine");
    expect(message).toMatch(/^Cannot reach test-machine: the host key of test-machine is not known \(SHA256:\S+\)$/);
    expect(hint).toContain("ssh test-machine true");
    expect(details).toEqual({ where: "test-machine", reason: "key-unknown" });
  });
  it("an unknown host key of a jump host", async () => {
    writeFileSync(sshd.knownHosts, "");
    await behind();
    const { message, details } = await failure("inner");
    expect(message).toMatch(/^Cannot reach inner: the host key of the jump host "test-machine" is not known \(SHA256:/);
    expect(details).toMatchObject({ hop: "test-machine" });
  });
  it("an unknown host key behind a jump host", async () => {
    await behind();
    expect((await failure("inner")).message).toMatch(
      /^Cannot reach inner: the host key of inner is not known \(SHA256:/,
    );
  });
  it("another host key", async () => {
    changed();
    const { message, hint } = await failure("test-machine");
    expect(message).toMatch(/the host key of test-machine is another one than before \(SHA256:\S+\)$/);
    expect(hint).toContain(`ssh-keygen -f "${sshd.knownHosts}" -R "[127.0.0.1]:${sshd.port}"`);
  });
  it("another host key of a jump host", async () => {
    changed();
    await behind();
    expect(await failure("inner")).toMatchObject({
      message: expect.stringContaining('the host key of the jump host "test-machine" is another one'),
      hint: expect.stringContaining("ssh test-machine true"),
    });
  });
  it("a user who is refused", async () => {
    expect((await failure("nobody@test-machine")).message).toBe(
      'Cannot reach nobody@test-machine: nobody@test-machine refuses the user "nobody" (it takes: publickey)',
    );
  });
  it("a user who is refused by a jump host", async () => {
    await behind("nobody@test-machine");
    expect((await failure("inner")).message).toBe(
      'Cannot reach inner: the jump host "nobody@test-machine" refuses the user "nobody" (it takes: publickey)',
    );
  });
  it("a name that nobody knows", async () => {
    expect((await failure("root@no-such.invalid")).message).toBe(
      'Cannot reach root@no-such.invalid: no address is known for "no-such.invalid"',
    );
  });
  it("a jump host whose name nobody knows", async () => {
    await behind("no-such.invalid");
    expect((await failure("inner")).message).toBe(
      'Cannot reach inner: no address is known for the jump host "no-such.invalid"',
    );
  });
  it("no sshd", async () => {
    const port = await freePort();
    await sshd.configure(`Host closed\n  HostName 127.0.0.1\n  Port ${port}\n`);
    expect((await failure("closed")).message).toBe(`Cannot reach closed: closed takes no connections on port ${port}`);
  });
  it("no sshd on the jump host", async () => {
    const port = await freePort();
    await behind(`127.0.0.3:${port}`);
    expect((await failure("inner")).message).toBe(
      `Cannot reach inner: the jump host "[127.0.0.3]:${port}" takes no connections on port ${port}`,
    );
  });
  it("a jump host that does not get further", async () => {
    await sshd.configure("Host inner\n  HostName 127.0.0.1\n  Port 1\n  ProxyJump test-machine\n");
    expect((await failure("inner")).message).toBe(
      'Cannot reach inner: the jump host "test-machine" cannot reach it: Connection refused',
    );
  });
  it("something that takes the connection and says nothing", async () => {
    await sshd.configure("Host *\n  ProxyCommand sleep 60\n  ConnectTimeout 1\n");
    expect((await failure("test-machine")).message).toBe("Cannot reach test-machine: it does not answer");
  }, 30_000);
  it("a jump host that does not answer", async () => {
    const silent = createServer().listen(0, "127.0.0.3");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    await behind(`127.0.0.3:${port}`);
    const one = await failure("inner", "-o ConnectTimeout=1");
    await sshd.configure(`Host gate\n  HostName 127.0.0.3\n  Port ${port}\n
Host crown\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  ProxyJump gate\nHost inner\n  HostName 127.0.0.2\n  ProxyJump crown\n`);
    const nested = await failure("inner", "-o ConnectTimeout=1");
    await behind(`test-machine,127.0.0.3:${port}`);
    const second = await failure("inner", "-o ConnectTimeout=1");
    silent.close();
    expect(one).toMatchObject({
      message: `Cannot reach inner: the jump host "[127.0.0.3]:${port}" does not answer`,
      details: { where: "inner", reason: "timeout", hop: `[127.0.0.3]:${port}` },
    });
    expect(nested.message).toBe('Cannot reach inner: the jump host "gate" does not answer');
    expect(second.message).toBe(`Cannot reach inner: the jump host "[127.0.0.3]:${port}" does not answer`);
  }, 60_000);
  it("a configuration that ssh does not take", async () => {
    await sshd.configure("Nonsense yes\n");
    expect((await failure("test-machine")).message).toContain("ssh does not take its configuration: ");
  });
  it("a login shell that runs nothing", async () => {
    const own = await loopbackSshd({ server: "ForceCommand echo This account is closed; exit 1" });
    const machine = openMachine("crown", { kind: "ssh", destination: "test-machine" }, { env: own.env });
    await expect(machine.run(["true"])).rejects.toThrow("Cannot run commands on test-machine: This account is closed");
    await machine.close();
    await own.remove();
  });
});
