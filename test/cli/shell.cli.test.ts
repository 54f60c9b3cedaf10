import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bin, buildFloe, type Ended, floe, skipNix } from "./support/floe.ts";

const root = path.resolve(import.meta.dirname, "../..");
const work = mkdtempSync(path.join(tmpdir(), "floe-test-shell-"));
const project = path.join(work, "home");
const programs = path.join(work, "bin");
const env = { XDG_STATE_HOME: path.join(work, "state"), PATH: `${programs}:${process.env.PATH}` };

const shells = (hook: string): string => `import { shells } from "floe";
export default shells(({ pkgs }) => ({
  default: { packages: [pkgs.hello], shellHook: ${JSON.stringify(hook)}, WORDS: "it's \\"here\\"\\n$HOME" },
  other: { packages: [], WHO: "other" },
}));
`;

const write = (file: string, text: string): void => writeFileSync(path.join(project, file), text);
const inProject = (...args: string[]): Promise<Ended> => floe(args, { cwd: project, env });
const run = (...command: string[]): Promise<Ended> => inProject("shell", "--", ...command);

describe.skipIf(skipNix())("floe shell", () => {
  beforeAll(async () => {
    buildFloe();
    mkdirSync(project, { recursive: true });
    mkdirSync(programs);
    writeFileSync(path.join(programs, "floe"), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
    chmodSync(path.join(programs, "floe"), 0o755);
    const { exitCode, stderr } = await inProject("init", "--firn", "--yes");
    expect(stderr, stderr).not.toContain("error:");
    expect(exitCode).toBe(0);
    write("devshells.ts", shells("echo hook >&2"));
  }, 60_000);
  afterAll(() => rmSync(work, { recursive: true, maxRetries: 20, retryDelay: 200 }));

  test("a command has the packages and variables of the shell, and its own exit code", async () => {
    const { exitCode, stdout, stderr } = await run("sh", "-c", 'hello; printf %s "$WORDS"; exit 7');
    expect(exitCode).toBe(7);
    expect(stdout).toBe('Hello, world!\nit\'s "here"\n$HOME');
    expect(stderr.match(/^hook$/gm)).toHaveLength(1);
  });

  test("the user's TMPDIR and HOME stay, and the shell comes before the rest of the PATH", async () => {
    const { stdout } = await floe(["shell", "--", "sh", "-c", 'echo "$TMPDIR|$HOME|$FLOE_SHELL|$PATH"'], {
      cwd: project,
      env: { ...env, TMPDIR: "/var/tmp", HOME: work },
    });
    expect(stdout).toMatch(
      new RegExp(`^/var/tmp\\|${work}\\|default\\|/nix/store/[^:]*-hello-[^:]*/bin:.*${programs}:`),
    );
  });

  test("a word with anything in it reaches the command", async () => {
    const words = ["a b", "'", '"', "$HOME", "\\", "*", "--json", "ü", ""];
    const { stdout } = await run("sh", "-c", 'for each; do printf "<%s>" "$each"; done', "sh", ...words);
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(""));
  });

  test("an unchanged shell starts no nix; a changed one is made anew", async () => {
    const quiet = await floe(["shell", "--", "hello"], { cwd: project, env: { ...env, FLOE_NIX: "/nonexistent/nix" } });
    expect(quiet).toMatchObject({ exitCode: 0, stdout: "Hello, world!\n" });
    write("devshells.ts", shells("export CHANGED=yes"));
    const { stdout } = await run("sh", "-c", "echo $CHANGED");
    expect(stdout).toBe("yes\n");
  });

  test("a file that came with an old date is noticed", async () => {
    await sleep(50);
    write("devshells.ts", shells("export CHANGED=again"));
    execFileSync("touch", ["-d", "2001-01-01", path.join(project, "devshells.ts")]);
    expect((await run("sh", "-c", "echo $CHANGED")).stdout).toBe("again\n");
  });

  test("what ends floe ends the command, and its exit code is the command's", async () => {
    const script = "trap 'kill $!; exit 7' TERM; sleep 30 & echo ready; wait $!";
    const { exitCode, stderr } = await floe(["-C", project, "shell", "--", "sh", "-c", script], {
      cwd: "/",
      env,
      onStart: (child) => child.stdout?.once("data", () => child.kill("SIGTERM")),
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: "" });
  });

  test("the environment is a root of the garbage collector", () => {
    const profile = path.join(project, ".floe/shells/default/profile");
    const link = path.join(path.dirname(profile), readlinkSync(profile));
    const roots = execFileSync("nix-store", ["--query", "--roots", readlinkSync(link)], { encoding: "utf8" });
    expect(roots).toContain(link);
  });

  test("a shell that cannot be made is an error with its place; --now enters the one before", async () => {
    write("devshells.ts", shells("true").replace("pkgs.hello", "pkgs.helo"));
    const { exitCode, stderr } = await run("true");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("devshells.ts:3");
    const now = await inProject("shell", "--now", "--", "sh", "-c", "echo $CHANGED");
    expect(now).toMatchObject({ exitCode: 0, stdout: "again\n" });
  });

  test("--now brings it up to date meanwhile", async () => {
    write("devshells.ts", shells("export CHANGED=later"));
    expect((await inProject("shell", "--now", "--", "sh", "-c", "echo $CHANGED")).stdout).toBe("again\n");
    const stamp = path.join(project, ".floe/shells/default/env.bash");
    const before = statSync(stamp).mtimeMs;
    for (let left = 200; left > 0 && statSync(stamp).mtimeMs === before; left--) await sleep(100);
    expect((await inProject("shell", "--now", "--", "sh", "-c", "echo $CHANGED")).stdout).toBe("later\n");
  }, 40_000);

  test("names: another shell, an unknown one, and from any folder", async () => {
    expect((await inProject("shell", "other", "--", "sh", "-c", "echo $WHO")).stdout).toBe("other\n");
    const unknown = await inProject("shell", "othr", "--", "true");
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain("Did you mean other?");
    const elsewhere = (...args: string[]) => floe(["shell", ...args, "--", "sh", "-c", "echo $WHO"], { cwd: "/", env });
    expect((await elsewhere("other")).stdout).toBe("other\n");
    expect((await elsewhere("home/other")).stdout).toBe("other\n");
    const wrong = await elsewhere("hoem/other");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain("Did you mean home?");
  });

  test("a command without -- is refused with the way to write it", async () => {
    const { exitCode, stderr } = await inProject("shell", "other", "ls");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("floe shell other -- ls");
  });

  const terminal = (shell: string, command: string, input: string): string | undefined => {
    const found = spawnSync("sh", ["-c", `command -v ${shell}`], { encoding: "utf8" }).stdout.trim();
    if (found === "") {
      console.warn(`Skipped: no ${shell} here`);
      return undefined;
    }
    const home = path.join(work, `home-${shell}`);
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, ".bashrc"), "PATH=/usr/bin:/bin:$PATH; export RC=read\n");
    writeFileSync(path.join(home, ".zshrc"), "PATH=/usr/bin:/bin:$PATH; export RC=read\n");
    mkdirSync(path.join(home, ".config/fish"), { recursive: true });
    // With this folder there, fish does not begin to fill it in the background.
    mkdirSync(path.join(home, ".local/share/fish/generated_completions"), { recursive: true });
    writeFileSync(path.join(home, ".config/fish/config.fish"), "set -gx PATH /usr/bin /bin $PATH; set -gx RC read\n");
    const ended = spawnSync("script", ["-qec", command, "/dev/null"], {
      cwd: project,
      encoding: "utf8",
      timeout: 30_000,
      input,
      env: { ...process.env, ...env, SHELL: found, HOME: home, TERM: "dumb", XDG_CONFIG_HOME: undefined },
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of a terminal
    const text = ended.stdout.replace(/\u001b(\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[=>])|\r/g, "");
    return `${text}\nexit ${ended.status}`;
  };

  test.each(["bash", "zsh", "fish"])("in a terminal, the user's own %s with its start file", (shell) => {
    const said = terminal(shell, `${process.execPath} ${bin} shell`, 'echo "$FLOE_SHELL-$RC"\necho $PATH\nexit 5\n');
    if (said === undefined) return;
    expect(said).toContain("default-read");
    expect(said).toMatch(/^\/nix\/store\/[^ :]*-hello-/m);
    expect(said).toContain("exit 5");
    expect(said).toContain("(default) ");
  });

  test.each(["bash", "zsh", "fish"])("nd of shell-init in %s enters without Node, and makes what changed", (shell) => {
    const init =
      shell === "fish"
        ? `floe -C '${project}' shell-init fish | source`
        : `${shell === "zsh" ? "autoload -U compinit; compinit -u -D; " : ""}eval "$(floe -C '${project}' shell-init ${shell})"`;
    const found = spawnSync(shell, ["-c", "true"]);
    if (found.error !== undefined) return void console.warn(`Skipped: no ${shell} here`);
    const script = `${init}; cd /; nd other -- sh -c 'echo $WHO'; nd -- hello`;
    const without = path.join(work, "without-node");
    mkdirSync(without, { recursive: true });
    const say = (extra: string) =>
      spawnSync(shell, ["-c", script.replace("; cd /", `; cd /; ${extra}`)], {
        encoding: "utf8",
        env: { ...process.env, ...env },
      });
    const first = say("true");
    expect(`${first.stdout}${first.stderr}`).toContain("other\n");
    // From now on it is up to date: floe would fail.
    const broken = shell === "fish" ? "function floe; exit 9; end" : "floe() { exit 9; }";
    const again = say(`${broken}; chmod 000 ${path.join(programs, "floe")}`);
    chmodSync(path.join(programs, "floe"), 0o755);
    expect(again.stdout).toBe("other\nHello, world!\n");
  });

  test("direnv loads it", () => {
    if (spawnSync("direnv", ["version"]).error !== undefined) return void console.warn("Skipped: no direnv here");
    const home = path.join(work, "direnv");
    mkdirSync(home, { recursive: true });
    const line = execFileSync("floe", ["-C", project, "shell-init", "direnv"], {
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    write(".envrc", line);
    const options = { cwd: project, encoding: "utf8" as const, env: { ...process.env, ...env, HOME: home } };
    execFileSync("direnv", ["allow"], options);
    expect(execFileSync("direnv", ["exec", ".", "sh", "-c", "hello; echo $FLOE_SHELL"], options)).toContain(
      "Hello, world!\ndefault\n",
    );
    rmSync(path.join(project, ".envrc"));
  });
});

test("shell-init has no project: it says so", async () => {
  buildFloe();
  const { exitCode, stderr } = await floe(["shell-init", "bash"], { cwd: "/" });
  expect(exitCode).toBe(2);
  expect(stderr).toContain("floe.config.ts");
  expect(existsSync(root)).toBe(true);
});
