/** `check` evaluates only what a change concerns, and says of each machine what a whole evaluation says. */
import { chmodSync, readFileSync } from "node:fs";
import { cp, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProject } from "../../src/config/find.ts";
import { allNames, evaluate, load, tryEvaluate, writeFlake } from "../../src/pipeline.ts";
import { run } from "../support/run.ts";
import { tempProject } from "../support/temp-project.ts";
import { nixCommand } from "./fixtures/mini.ts";

const work = { emit: () => {}, signal: new AbortController().signal };
const config = (more = "") =>
  `import { dir, fleet } from "floe";\nexport default fleet({ inputs: { nixpkgs: dir("./firn") }, hosts: dir("./hosts"), containers: dir("./containers")${more} });\n`;
const host = (body: string) =>
  `import { host, nix } from "floe";\nexport default host(({ inputs, lib, pkgs }) => (${body}));\n`;
const motd = (text: string) => `{ environment: { etc: { motd: { text: ${text} } } } }`;

/** A project on firn with a host "a" that changes, and other files; `asked` answers which parts nix evaluated since the last time. */
async function project(files: Readonly<Record<string, string>>) {
  const made = await tempProject({
    "floe.config.ts": config(),
    "hosts/a.ts": host(motd('"first"')),
    "containers/box.ts": `import { container } from "floe";\nexport default container({});\n`,
    ...files,
  });
  onTestFinished(() => made.remove());
  await cp(resolve(import.meta.dirname, "../../firn"), join(made.root, "firn"), { recursive: true });
  const log = join(made.root, ".floe/asked");
  const real = (await run("sh", ["-c", `command -v ${nixCommand}`])).trim();
  const nix = await made.write(".floe/nix", `#!/bin/sh\nprintf '%s\\n' "$*" >> ${log}\nexec ${real} "$@"\n`);
  chmodSync(nix, 0o755);
  const before = process.env["FLOE_NIX"];
  process.env["FLOE_NIX"] = nix;
  onTestFinished(() => {
    if (before === undefined) delete process.env["FLOE_NIX"];
    else process.env["FLOE_NIX"] = before;
  });
  const loaded = async () => {
    const fleet = await load(findProject(made.root), work);
    await writeFlake(fleet, work);
    return fleet;
  };
  return {
    ...made,
    async check() {
      const fleet = await loaded();
      await rm(log, { force: true });
      const evaluation = await tryEvaluate(fleet, allNames(fleet), work);
      const text = await readFile(log, "utf8").catch(() => "");
      const asked = [...text.matchAll(/(hosts|images)\."(\w+)" = attempt/g)].map(
        ([, group, name]) => `${group}/${name}`,
      );
      return { evaluation, asked: [...new Set(asked)].sort() };
    },
    async whole() {
      const fleet = await loaded();
      await rm(join(made.root, ".floe/cache/evaluation.json"), { force: true });
      return evaluate(fleet, allNames(fleet), work);
    },
  };
}

test("only the machine that changed is evaluated, and what others are is remembered", {
  timeout: 120_000,
}, async () => {
  const made = await project({ "hosts/b.ts": host(motd('"b"')) });
  const all = ["hosts/a", "hosts/b", "images/box"];
  const first = await made.check();
  expect(first.asked).toEqual(all);
  expect(first.evaluation).toEqual(await made.whole());
  await made.write("hosts/a.ts", host(motd('"second"')));
  const second = await made.check();
  expect(second.asked).toEqual(["hosts/a"]);
  expect(second.evaluation).toEqual(await made.whole());
  expect(second.evaluation.hosts["a"]).not.toEqual(first.evaluation.hosts["a"]);
  // A mistake concerns its machine alone, and is found.
  await made.write("hosts/a.ts", host("{ environment: { systemPackages: [pkgs.helo] } }"));
  const third = await made.check();
  expect(third.evaluation.hosts["a"]).toMatchObject({ ok: false, error: { file: "hosts/a.ts" } });
  expect(third.evaluation.hosts["b"]).toEqual(second.evaluation.hosts["b"]);
  // A file that all may read concerns all.
  await made.write("notes.txt", "new");
  await made.write("hosts/a.ts", host(motd('"third"')));
  expect((await made.check()).asked).toEqual(all);
});

/** Ways for host "b" to depend on what host "a" says. */
const nosy: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "the project's hash": { "hosts/b.ts": host(motd("nix`inputs.self.narHash`")) },
  "the project's folder": { "hosts/b.ts": host(motd("`${inputs.self}`")) },
  "another host's value": {
    "hosts/b.ts": host(motd("inputs.self.nixosConfigurations.a.config.environment.etc.motd.text")),
  },
  "another host's package": {
    "hosts/b.ts": host(
      motd('nix`builtins.toJSON (builtins.attrNames inputs.self) + "${inputs.self.floe.hosts.a.drvPath}"`'),
    ),
  },
  "the written file": { "hosts/b.ts": host(motd("nix`builtins.readFile ./a.nix`")) },
  "the TypeScript": { "hosts/b.ts": host(motd('nix`builtins.readFile ${nix.path("./a.ts")}`')) },
  "a hash of the TypeScript": { "hosts/b.ts": host(motd('nix`builtins.hashFile "sha256" ${nix.path("./a.ts")}`')) },
  "a folder with it": {
    "hosts/b.ts": host(
      motd('nix`builtins.readFile (builtins.path { path = ${nix.path("../hosts")}; name = "x"; } + "/a.ts")`'),
    ),
  },
  "a path from a Nix module": {
    "hosts/b.ts": host('{ imports: [nix.path("../modules/nosy.nix")] }'),
    "modules/nosy.nix": `{ ... }: let name = "a"; in { environment.etc.motd.text = builtins.readFile (../hosts + "/\${name}.ts"); }`,
  },
  "a module that asks for inputs": {
    "hosts/b.ts": host('{ imports: [nix.path("../modules/nosy.nix")] }'),
    "modules/nosy.nix": `{ inputs, ... }@args: { environment.etc.motd.text = let s = args.inputs.self; in s.outPath; }`,
  },
};

test.each(Object.entries(nosy))(
  "a host that reads another's is evaluated with it: %s",
  { timeout: 120_000 },
  async (_, files) => {
    const made = await project(files);
    const first = await made.check();
    expect(first.evaluation.hosts["b"]).toMatchObject({ ok: true });
    await made.write("hosts/a.ts", host(motd('"second"')));
    const second = await made.check();
    expect(second.asked).toContain("hosts/b");
    expect(second.evaluation).toEqual(await made.whole());
    expect(second.evaluation.hosts["b"]).not.toEqual(first.evaluation.hosts["b"]);
  },
);

test("what is built never comes from a part", { timeout: 120_000 }, async () => {
  const made = await project({});
  await made.check();
  await made.write("hosts/a.ts", host(motd('"second"')));
  await made.check();
  const before = readFileSync(join(made.root, ".floe/asked"), "utf8");
  const fleet = await load(findProject(made.root), work);
  await evaluate(fleet, allNames(fleet), work);
  const asked = readFileSync(join(made.root, ".floe/asked"), "utf8").slice(before.length);
  expect(asked).toContain('images."box" = attempt');
});
