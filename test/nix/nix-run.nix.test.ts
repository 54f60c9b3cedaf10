import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { CancelledError, ExecError, MissingError } from "../../src/errors.ts";
import { runInteractive } from "../../src/exec/interactive.ts";
import { run, runOk } from "../../src/exec/run.ts";

const sh = (script: string, ...args: string[]): [string, ...string[]] => ["sh", "-c", script, "sh", ...args];

function tempFile(): string {
  const path = mkdtempSync(join(tmpdir(), "floe-run-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, "file");
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (condition()) return;
    await sleep(25);
  }
  throw new Error("It did not come true within 5 s");
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("run()", () => {
  test("gives output, exit code and lines, and throws nothing for a failure", async () => {
    const lines: string[] = [];
    const result = await run(sh("echo a; printf 'b\\nc' ; echo oops >&2; exit 3"), {
      onStdoutLine: (line) => lines.push(line),
    });
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: "a\nb\nc", stderr: "oops\n", truncated: false });
    expect(lines).toEqual(["a", "b", "c"]);
  });

  test("passes arguments as they are, stdin and environment, and no stdin when none is given", async () => {
    const result = await run(sh('printf "%s|%s|" "$1" "$A"; printenv HOME; cat', "a b'\"$x\n"), {
      stdin: { text: "héllo" },
      env: { A: "1", HOME: undefined },
    });
    expect(result.stdout).toBe(`a b'"$x\n|1|héllo`);
    expect((await run(["cat"])).stdout).toBe("");
  });

  test("says who ended it when a signal did", async () => {
    expect(await run(sh("kill -KILL $$"))).toMatchObject({ exitCode: null, signal: "SIGKILL" });
  });

  test("ends the whole group when it is cancelled, also what ignores the polite signal", async () => {
    const file = tempFile();
    const abort = new AbortController();
    const script = `sleep 60 & echo $! > ${file}; (trap '' TERM; echo $$ >> ${file}; exec sh -c 'trap "" TERM; while :; do sleep 1; done') & wait`;
    const started = performance.now();
    const running = run(sh(script), { signal: abort.signal, graceMs: 300 });
    const pids = () => readFileSync(file, "utf8").trim().split("\n").map(Number);
    await until(() => {
      try {
        return pids().length === 2;
      } catch {
        return false;
      }
    });
    abort.abort();
    await expect(running).rejects.toBeInstanceOf(CancelledError);
    expect(performance.now() - started).toBeLessThan(5_000);
    await until(() => pids().every((pid) => !isAlive(pid)));
  });

  test("takes its programs with it when floe itself exits", async () => {
    const file = tempFile();
    const code = `
      import { run } from ${JSON.stringify(join(import.meta.dirname, "../../src/exec/run.ts"))};
      void run(["sh", "-c", "sleep 60 & echo $$ $! > ${file}; wait"]);
      setInterval(() => { if (require("node:fs").existsSync(${JSON.stringify(file)})) process.exit(3); }, 20);`;
    writeFileSync(`${file}.ts`, code);
    const jiti = join(import.meta.dirname, "../../node_modules/jiti/lib/jiti-cli.mjs");
    expect(await run([process.execPath, jiti, `${file}.ts`])).toMatchObject({ exitCode: 3 });
    const pids = readFileSync(file, "utf8").trim().split(" ").map(Number);
    expect(pids).toHaveLength(2);
    await until(() => pids.every((pid) => !isAlive(pid)));
  });

  test("starts nothing when it is cancelled already", async () => {
    await expect(run(["false"], { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError);
  });

  test("ends a program that takes too long", async () => {
    await expect(run(["sleep", "60"], { timeoutMs: 100 })).rejects.toThrow(
      '"sleep" took longer than 100 ms and was ended',
    );
  });

  test("ends the program when a line callback throws, and throws that", async () => {
    const onStdoutLine = () => {
      throw new Error("mine");
    };
    await expect(run(sh("echo a; sleep 60"), { onStdoutLine })).rejects.toThrow("mine");
  });

  test("says how to get a program that is missing, and which folder is missing", async () => {
    await expect(run(["floe-no-such-program"])).rejects.toBeInstanceOf(MissingError);
    await expect(run(["/no/such/nix"])).rejects.toMatchObject({ hint: "On Debian or Ubuntu: apt-get install nix-bin" });
    await expect(run(["true"], { cwd: "/no/such/folder" })).rejects.toThrow(
      'in "/no/such/folder": there is no such folder',
    );
  });

  test("does not break on a program that does not read its input", async () => {
    expect(await run(["true"], { stdin: { text: "x".repeat(1_000_000) } })).toMatchObject({ exitCode: 0 });
  });

  test("keeps the end of long output", async () => {
    const result = await run(sh("seq 1 100000"), { keepStdout: 1000 });
    expect(result.truncated).toBe(true);
    expect(result.stdout).toHaveLength(1000);
    expect(result.stdout.endsWith("99999\n100000\n")).toBe(true);
  });
});

describe("runOk()", () => {
  test("throws the exit code and the end of stderr", async () => {
    const failure = await runOk(sh("seq 1 50 >&2; exit 9")).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ExecError);
    expect(failure).toMatchObject({
      details: { exitCode: 9, stderr: Array.from({ length: 20 }, (_, n) => n + 31).join("\n") },
    });
  });
});

describe("runInteractive()", () => {
  test("returns the exit code", async () => {
    expect(await runInteractive(sh("exit 4"))).toBe(4);
    expect(await runInteractive(sh("kill -TERM $$"))).toBe(143);
  });
});
