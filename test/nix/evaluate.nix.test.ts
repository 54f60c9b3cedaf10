import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { CancelledError, MissingError, NixError } from "../../src/errors.ts";
import { evaluateFleet, type FleetNames } from "../../src/nix/evaluate.ts";
import { findNix } from "../../src/nix/find.ts";
import { checkNetwork } from "../../src/nix/network.ts";
import { flake, type MiniProject, miniProject, nixCommand, unique } from "./fixtures/mini.ts";
import { nixStoreDelete } from "./fixtures/store.ts";

const names = (hosts: string[], containers: string[] = [], shells: string[] = []): FleetNames => ({
  hosts,
  containers,
  shells,
});

function evaluate(project: MiniProject, wanted: FleetNames, more: { signal?: AbortSignal } = {}) {
  return evaluateFleet({ ...project, names: wanted, ...more });
}

/** A nix that writes down every call. */
function countingNix(project: MiniProject): { command: string; calls: () => string[] } {
  const command = join(project.root, ".floe/counting-nix");
  const log = join(project.root, ".floe/calls");
  mkdirSync(join(project.root, ".floe"), { recursive: true });
  writeFileSync(command, `#!/bin/sh\necho "$*" | tr '\\n' ' ' >> ${log}\necho >> ${log}\nexec ${nixCommand} "$@"\n`);
  chmodSync(command, 0o755);
  return { command, calls: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []) };
}

const whole = () =>
  flake(`{
    hosts.crown = part (sh "crown" ": > $out");
    hosts.unwanted = throw "never asked for";
    images.web = { rootfs = part (sh "web-rootfs" ": > $out"); metadata = part (sh "web-metadata" ": > $out"); };
    shells.default = part (sh "shell" ": > $out");
  }`);

describe("evaluateFleet()", () => {
  test("answers with every derivation that was asked for, and no other", async () => {
    const project = await miniProject({ "flake.nix": whole() });
    const evaluation = await evaluate(project, names(["crown"], ["web"], ["default"]));
    const derivation = (name: string) => ({
      drvPath: expect.stringMatching(new RegExp(`^/nix/store/[0-9a-z]{32}-${name}\\.drv$`)),
      outPath: expect.stringMatching(new RegExp(`^/nix/store/[0-9a-z]{32}-${name}$`)),
    });
    expect(evaluation).toEqual({
      hosts: { crown: { ok: true, value: derivation("crown") } },
      images: { web: { ok: true, value: { rootfs: derivation("web-rootfs"), metadata: derivation("web-metadata") } } },
      shells: { default: { ok: true, value: derivation("shell") } },
    });
    expect(project.events).toEqual([
      { type: "phase.start", phase: "evaluate", count: 3 },
      { type: "phase.end", phase: "evaluate", ok: true },
    ]);
  });

  test("asks nix once, and not at all when nothing changed", async () => {
    const project = await miniProject({ "flake.nix": whole() });
    const { command, calls } = countingNix(project);
    const evals = () => calls().filter((call) => call.includes(" eval ")).length;
    const counted = async (): Promise<MiniProject> => ({
      ...project,
      nix: await findNix({ cacheDir: project.cacheDir, env: { ...process.env, FLOE_NIX: command } }),
    });
    const first = await evaluate(await counted(), names(["crown"], ["web"]));
    expect(evals()).toBe(1);
    const afterFirst = calls().length;
    expect(await evaluate(await counted(), names(["crown"], ["web"]))).toEqual(first);
    expect(calls()).toHaveLength(afterFirst);
    await project.write("new.nix", "1");
    await evaluate(await counted(), names(["crown"], ["web"]));
    expect(evals()).toBe(2);
    rmSync(join(project.root, "new.nix"));
    expect(await evaluate(await counted(), names(["crown"], ["web"]))).toEqual(first);
    await evaluate(await counted(), names(["crown"]));
    expect(evals()).toBe(3);
  });

  test("evaluates again when the store lost a derivation", async () => {
    const project = await miniProject({ "flake.nix": flake(`{ hosts.a = part (sh "gone-${unique()}" ": > $out"); }`) });
    const first = await evaluate(project, names(["a"]));
    const { drvPath } = (first.hosts["a"] as { value: { drvPath: string } }).value;
    await nixStoreDelete(drvPath);
    expect(existsSync(drvPath)).toBe(false);
    expect(await evaluate(project, names(["a"]))).toEqual(first);
    expect(existsSync(drvPath)).toBe(true);
  });

  test("keeps one host's failure its own, whether Nix can catch it or not", async () => {
    const project = await miniProject({
      "flake.nix": flake(`{
        hosts.good = part (sh "good" ": > $out");
        hosts.thrown = import ./nix/hosts/thrown.nix;
        hosts.missing = import ./nix/hosts/missing.nix;
        hosts.syntax = import ./nix/hosts/syntax.nix;
      }`),
      "hosts/thrown.ts": "// TypeScript",
      "nix/hosts/thrown.nix":
        "throw \"The option `foo' does not exist. Definition values:\\n- In `hosts/thrown.ts': 1\"",
      "nix/hosts/missing.nix": "let\n  a = { };\nin a.nothing\n",
      "nix/hosts/syntax.nix": "{ a = 1;\n  b = ; }\n",
    });
    const onlyThrown = await evaluate(project, names(["good", "thrown"]));
    expect(onlyThrown.hosts["good"]).toMatchObject({ ok: true });
    expect(onlyThrown.hosts["thrown"]).toEqual({
      ok: false,
      error: {
        message: "The option `foo' does not exist. Definition values:\n- In `hosts/thrown.ts': 1",
        file: "hosts/thrown.ts",
        log: expect.stringContaining("nix/hosts/thrown.nix"),
        cause: {
          meaning: { kind: "unknown-option", option: ["foo"], definitions: [{ file: "hosts/thrown.ts", value: "1" }] },
          options: [],
          steps: expect.any(Array),
        },
      },
    });
    const all = await evaluate(project, names(["good", "thrown", "missing", "syntax", "undeclared"]));
    expect({ good: all.hosts["good"], thrown: all.hosts["thrown"] }).toEqual(onlyThrown.hosts);
    expect(all.hosts["missing"]).toMatchObject({
      ok: false,
      error: { message: "attribute 'nothing' missing", file: "nix/hosts/missing.nix", line: 3 },
    });
    expect(all.hosts["syntax"]).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/^syntax error, unexpected/), file: "nix/hosts/syntax.nix", line: 2 },
    });
    expect(all.hosts["undeclared"]).toMatchObject({
      ok: false,
      error: { message: "The flake has no floe.hosts.undeclared" },
    });
    for (const result of Object.values(all.hosts)) {
      if (!result.ok)
        expect(`${result.error.message}\n${result.error.log}`).not.toMatch(/\/nix\/store\/\w+-source\/nix|\.floe\/src/);
    }
    expect(JSON.stringify(all)).not.toContain("\\u001b");
  });

  test("places an error in the project's own files, not in an input that lies in its folder", async () => {
    const project = await miniProject({
      "flake.nix": flake(`{ hosts.a = import ./hosts/a.nix; hosts.b = part (sh "b" ""); }`),
      "hosts/a.nix": "\n(import ../firn/lib.nix).check 1\n",
      "firn/flake.nix": "{ outputs = _: { }; }",
      "firn/lib.nix": "{ check = x: x.y; }",
    });
    const { hosts } = await evaluate(project, names(["a", "b"]));
    expect(hosts["a"]).toMatchObject({ ok: false, error: { file: "hosts/a.nix", line: 2 } });
  });

  test("throws one error when the flake itself does not evaluate", async () => {
    const project = await miniProject({ "flake.nix": "{\n  outputs = { self }: { floe = ; };\n}\n" });
    const failure = await evaluate(project, names(["a", "b"])).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NixError);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^Cannot evaluate the flake: flake.nix:2: syntax error/),
      at: { file: "flake.nix", line: 2 },
      details: { phase: "eval" },
    });
    expect(project.events.at(-1)).toEqual({ type: "phase.end", phase: "evaluate", ok: false });
  });

  test("throws one error when every part fails for the same reason", async () => {
    const project = await miniProject({
      "flake.nix": flake(
        "let common = import ./modules/common.nix; in { hosts.a = common; hosts.b = common; images.c = common; }",
      ),
      "modules/common.nix": "{\n  a = [ 1;\n}\n",
    });
    await expect(evaluate(project, names(["a", "b"], ["c"]))).rejects.toMatchObject({
      at: { file: "modules/common.nix", line: 2 },
    });
  });

  test("works in a folder whose name has spaces and other characters", async () => {
    const project = await miniProject({
      "sub dir/ä#?%20/flake.nix": `{ outputs = _: { floe.hosts.a = { drvPath = "/d"; outPath = "/o"; }; }; }`,
    });
    const evaluation = await evaluate({ ...project, root: join(project.root, "sub dir/ä#?%20") }, names(["a"]));
    expect(evaluation.hosts["a"]).toEqual({ ok: true, value: { drvPath: "/d", outPath: "/o" } });
  });

  test("hands on warnings and traces, once", async () => {
    const project = await miniProject({
      "flake.nix": flake(`{ hosts.a = builtins.trace "hello" (part (sh "a" "")); hosts.b = 1; }`),
    });
    await evaluate(project, names(["a", "b"]));
    expect(project.events.filter((event) => event.type === "message" && event.text === "hello")).toHaveLength(1);
  });

  test("locks new inputs in the project, then leaves the lock alone", async () => {
    const input = await miniProject({ "flake.nix": `{ outputs = _: { value = "one"; }; }` });
    rmSync(join(input.root, "base"), { recursive: true });
    const text = (floe: string) =>
      flake(floe, `inputs.other.url = "path:${input.root}";`).replace("{ self, ... }", "{ self, other, ... }");
    const project = await miniProject({ "flake.nix": text('{ hosts.a = part (sh other.value ""); }') });
    const first = await evaluate(project, names(["a"]));
    const lock = readFileSync(join(project.root, "flake.lock"), "utf8");
    expect(Object.keys(JSON.parse(lock).nodes)).toEqual(["other", "root"]);
    expect(first.hosts["a"]).toMatchObject({ value: { outPath: expect.stringMatching(/-one$/) } });
    const { command, calls } = countingNix(project);
    const nix = await findNix({ cacheDir: project.cacheDir, env: { ...process.env, FLOE_NIX: command } });
    expect(await evaluate({ ...project, nix }, names(["a"]))).toEqual(first);
    await project.write("b.nix", "1");
    await evaluate({ ...project, nix }, names(["a"]));
    expect(calls().filter((call) => / (eval|flake) /.test(call))).toHaveLength(1);
    expect(readFileSync(join(project.root, "flake.lock"), "utf8")).toBe(lock);
  });

  test("says which input cannot be locked", async () => {
    const project = await miniProject({ "flake.nix": flake("{ }", `inputs.other.url = "path:/no/such/input";`) });
    await expect(evaluate(project, names(["a"]))).rejects.toMatchObject({
      message: expect.stringMatching(/^Cannot lock the input "other": .*\/no\/such\/input/),
      details: { phase: "lock" },
    });
    expect(existsSync(join(project.root, "flake.lock"))).toBe(false);
  });

  test("says what git says of a repository of this machine, and does not blame the network", async () => {
    const project = await miniProject({
      "flake.nix": flake("{ }", `inputs.other.url = "git+file:///no/such/repository";`),
    });
    await expect(evaluate(project, names(["a"]))).rejects.toMatchObject({
      message: expect.stringMatching(/^Cannot lock the input "other": git says: .*\/no\/such\/repository/),
      hint: "Check `inputs` in flake.nix",
    });
  });

  test("says at once that there is no network when an input must be fetched", async () => {
    const project = await miniProject({
      "flake.nix": flake("{ }", `inputs.other.url = "https://floe.invalid/x.tar.gz";`),
    });
    process.env["FLOE_OFFLINE"] = "1";
    onTestFinished(() => void delete process.env["FLOE_OFFLINE"]);
    const started = performance.now();
    await expect(evaluate(project, names(["a"]))).rejects.toMatchObject({
      message: expect.stringContaining('Cannot lock the input "other"'),
      hint: expect.stringMatching(/^There is no network \(FLOE_OFFLINE is set\)/),
    });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test("stops when it is cancelled", async () => {
    const project = await miniProject({
      "flake.nix": flake("{ hosts.a = builtins.foldl' (a: b: a + b) 0 (builtins.genList (n: n) 900000000); }"),
    });
    const abort = new AbortController();
    const started = performance.now();
    setTimeout(() => abort.abort(), 300);
    await expect(evaluate(project, names(["a"]), { signal: abort.signal })).rejects.toBeInstanceOf(CancelledError);
    expect(performance.now() - started).toBeLessThan(6_500);
  });

  test("lets two at once share one evaluation", async () => {
    const project = await miniProject({ "flake.nix": whole() });
    const { command, calls } = countingNix(project);
    const nix = await findNix({ cacheDir: project.cacheDir, env: { ...process.env, FLOE_NIX: command } });
    const both = await Promise.all([1, 2].map(() => evaluate({ ...project, nix }, names(["crown"]))));
    expect(both[0]).toEqual(both[1]);
    expect(calls().filter((call) => call.includes(" eval "))).toHaveLength(1);
  });

  test("takes over from a floe that was killed", async () => {
    const project = await miniProject({ "flake.nix": whole() });
    await project.write(".floe/cache/evaluate.lock", "4194999 12345");
    await project.write(".floe/cache/evaluation.json", "[{");
    await project.write(".floe/cache/stage.json", "{");
    expect((await evaluate(project, names(["crown"]))).hosts["crown"]).toMatchObject({ ok: true });
    expect(existsSync(join(project.cacheDir, "evaluate.lock"))).toBe(false);
  });
});

describe("checkNetwork()", () => {
  const judge = async (substituters: string, env: NodeJS.ProcessEnv = {}) => {
    const project = await miniProject({});
    const before = process.env["NIX_CONFIG"];
    process.env["NIX_CONFIG"] = `${before ?? ""}\nsubstituters = ${substituters}`;
    try {
      return await checkNetwork(project.nix, env);
    } finally {
      if (before === undefined) delete process.env["NIX_CONFIG"];
      else process.env["NIX_CONFIG"] = before;
    }
  };

  test("keeps the caches that need no network when the others cannot be reached, and does not wait", async () => {
    const started = performance.now();
    const network = await judge("https://cache.floe.invalid file:///var/cache/nix");
    expect(network).toEqual({
      online: false,
      reason: expect.stringMatching(/route|cache\.floe\.invalid cannot be resolved/),
      substituters: ["file:///var/cache/nix"],
    });
    expect(performance.now() - started).toBeLessThan(2_500);
  });

  test("leaves caches on this machine alone, and does as it is told", async () => {
    expect(await judge("http://127.0.0.1:5000")).toEqual({ online: true });
    expect(await judge("file:///var/cache/nix")).toEqual({ online: true });
    expect(await judge("https://cache.floe.invalid", { FLOE_OFFLINE: "0" })).toEqual({ online: true });
    expect(await judge("http://127.0.0.1:5000", { FLOE_OFFLINE: "1" })).toEqual({
      online: false,
      reason: "FLOE_OFFLINE is set",
      substituters: [],
    });
  });
});

describe("findNix()", () => {
  test("asks for the version once, and again when the program changed", async () => {
    const project = await miniProject({});
    const { command, calls } = countingNix(project);
    const env = { ...process.env, FLOE_NIX: command };
    const first = await findNix({ cacheDir: project.cacheDir, env });
    expect(await findNix({ cacheDir: project.cacheDir, env })).toEqual(first);
    expect(calls()).toEqual(["--version"]);
    writeFileSync(command, "#!/bin/sh\necho 'nix (Nix) 2.7.0'\n");
    await expect(findNix({ cacheDir: project.cacheDir, env })).rejects.toThrow(
      /^Cannot use nix 2\.7\.0 .*: floe needs 2\.8 or newer$/,
    );
  });

  test("says what to install when there is none", async () => {
    const failure = await findNix({ cacheDir: "/nonexistent", env: { PATH: "/nonexistent" } }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(MissingError);
    expect((failure as MissingError).hint).toMatch(/nix/);
    await expect(findNix({ cacheDir: "/nonexistent", env: { FLOE_NIX: "/no/nix" } })).rejects.toThrow(
      'there is no program "/no/nix"',
    );
  });
});
