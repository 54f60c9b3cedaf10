/** `floe types` with the real nix: what is read, what a broken part does to the rest, and what the TypeScript compiler makes of the result. */
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { headerLine } from "../../src/model/header.ts";
import { findNix } from "../../src/nix/find.ts";
import { listOptions } from "../../src/types/dump.ts";
import { type GeneratedTypes, generateTypes } from "../../src/types/generate-types.ts";
import { fromPosix } from "../../src/types/posix-pattern.ts";
import { recallDump } from "../../src/types/recall-dump.ts";
import { nixpkgsUrl } from "../support/nixpkgs.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { firnDir, nix } from "./fixtures/firn/firn.ts";
import { nixCommand } from "./fixtures/mini.ts";
import { compile, typedProject } from "./types-project.ts";

interface Project extends TempProject {
  readonly types: (options?: {
    fresh?: boolean;
    machines?: readonly string[];
    declaring?: Record<string, string>;
  }) => Promise<GeneratedTypes>;
  readonly read: (file: string) => string;
}

/** A project whose machine `crown` is of firn and of the file `module.nix`. */
async function project(module: string, more: Readonly<Record<string, string>> = {}): Promise<Project> {
  const files = { "flake.nix": flake, "module.nix": module, ...more };
  const made = await tempProject(files);
  onTestFinished(() => made.remove());
  await cp(firnDir, path.join(made.root, "firn"), { recursive: true });
  const cacheDir = path.join(made.root, ".floe/cache");
  await mkdir(cacheDir, { recursive: true });
  const tool = await findNix({ cacheDir, env: { ...process.env, FLOE_NIX: nixCommand } });
  return {
    ...made,
    types: ({ fresh = false, machines = ["crown"], declaring = {} } = {}) =>
      generateTypes({
        nix: tool,
        root: made.root,
        cacheDir,
        subject: {
          machines: machines.map((name) => ({ kind: "host" as const, name, declaring: name })),
          declaring,
          flake: "",
        },
        emit: () => {},
        fresh,
      }),
    read: (file) => readFileSync(path.join(made.root, file), "utf8"),
  };
}

/** A file as floe writes it. */
const written = (nix: string) => `# ${headerLine("hosts/crown.ts")}\n${nix}`;

const flake = `{
  outputs = { self }: let
    firn = (import ./firn/flake.nix).outputs { self = { outPath = ./firn; }; };
    machine = modules: firn.lib.nixosSystem { system = "x86_64-linux"; inherit modules; };
  in {
    nixosConfigurations.crown = machine [ ./module.nix ];
    nixosConfigurations.other = machine [ { options.other.x = firn.lib.mkOption { type = firn.lib.types.str; }; } ];
    nixosConfigurations.broken = throw "no such machine";
  };
}`;

describe("what is read", () => {
  test("the options of firn, with their defaults, files and packages", async () => {
    const made = await project("{ }");
    const result = await made.types();
    expect(result).toMatchObject({ machines: [{ name: "crown", holes: [] }], fromCache: false });
    expect(result.optionCount).toBeGreaterThan(80);
    const nixos = made.read(".floe/types/nixos.d.ts");
    expect(nixos).toMatch(/allowedTCPPorts\?: V<readonly V<number>\[\]> \| undefined;/);
    expect(nixos).toMatch(/Declared in `firn\/nixos\/modules\//);
    expect(made.read(".floe/types/packages.d.ts")).toContain("  hello: Pkg;");
    const dump = recallDump(path.join(made.root, ".floe/cache"));
    expect(dump && [...listOptions(dump.options)].map((found) => found.path.join("."))).toContain(
      "networking.hostName",
    );
  });

  test("modules of the project's own, with every type there is", async () => {
    const made = await project(`{ lib, ... }: let
      inherit (lib) types mkOption;
      option = type: mkOption { inherit type; };
      json = types.nullOr (types.oneOf [ types.bool types.str (types.listOf json) (types.attrsOf json) ]) // { description = "JSON value"; };
      tree = types.submodule { options.children = option (types.attrsOf tree); };
    in {
      options.own = {
        port = option types.port;
        between = mkOption { type = types.ints.between 1 5; default = 3; description = "How many."; };
        json = option json;
        tree = option tree;
        lines = option types.lines;
        mode = option (types.enum [ "on" "off" ]);
        coerced = option (types.coercedTo types.int toString types.str);
        fn = option (types.functionTo types.int);
        name = option (types.strMatching "[a-z]+");
        shown = mkOption { type = types.package; defaultText = "pkgs.hello"; default = throw "never asked for"; };
        open = option (types.attrsOf (types.submodule { freeformType = types.attrsOf types.str; options.x = option types.int; }));
        elsewhere = mkOption { visible = "shallow"; type = types.submodule { options.x = abort "never asked for"; }; };
      };
    }`);
    expect(await made.types()).toMatchObject({ machines: [{ holes: [] }] });
    const text = made.read(".floe/types/nixos.d.ts");
    const own = text.slice(text.indexOf("export interface Own {"));
    expect(own.slice(0, own.indexOf("\n}\n"))).toMatchInlineSnapshot(`
      "export interface Own {
        /**
         * How many.
         *
         * A number: 1 to 5. Default: \`3\`. Declared in \`module.nix:9\`.
         */
        between?: V<number> | undefined;
        /** Declared in \`module.nix:14\`. */
        coerced?: V<string | number> | undefined;
        /** Declared in \`module.nix:19\`. */
        elsewhere?: NixAny;
        /** Declared in \`module.nix:15\`. */
        fn?: V<((argument: Expr) => V<number>)> | undefined;
        /** Declared in \`module.nix:10\`. */
        json?: V<Own_Json> | undefined;
        /** Declared in \`module.nix:12\`. */
        lines?: V<string> | undefined;
        /** Declared in \`module.nix:13\`. */
        mode?: V<"on" | "off"> | undefined;
        /** Matches \`[a-z]+\`. Declared in \`module.nix:16\`. */
        name?: V<string> | undefined;
        /** Declared in \`module.nix:18\`. */
        open?: V<{ readonly [name: string]: Sub<Own_Open> | undefined }> | undefined;
        /** A number: 0 to 65535. Declared in \`module.nix:8\`. */
        port?: V<number> | undefined;
        /** Default: \`pkgs.hello\`. Declared in \`module.nix:17\`. */
        shown?: V<NixPackage> | undefined;
        /** Declared in \`module.nix:11\`. */
        tree?: Sub<Own_Tree> | undefined;"
    `);
    expect(text).toContain(
      "export type Own_Json = null | boolean | string | readonly V<Own_Json>[] | { readonly [name: string]: V<Own_Json> | undefined };",
    );
    expect(text).toMatch(
      /interface Own_Tree \{[^}]*children\?: V<\{ readonly \[name: string\]: Sub<Own_Tree> \| undefined \}>/,
    );
  });

  test("all machines together", async () => {
    const made = await project(`{ lib, ... }: { options.own.x = lib.mkOption { type = lib.types.int; }; }`);
    expect(await made.types({ machines: ["crown", "other"] })).toMatchObject({
      machines: [{ name: "crown" }, { name: "other" }],
    });
    const text = made.read(".floe/types/nixos.d.ts");
    expect(text).toContain("other?: V<Other> | undefined;");
    expect(text).toContain("own?: V<Own> | undefined;");
  });
});

describe("what cannot be read", () => {
  test("is a hole, and the rest is there", async () => {
    const made = await project(`{ lib, ... }: let option = type: lib.mkOption { inherit type; }; in {
      options.bad = {
        thrown = option (throw "a thrown type");
        aborted = option (abort "an aborted type");
        missing = option lib.types.nonsense;
        deep = option (lib.types.submodule { options.x = option (abort "deep"); options.y = option lib.types.int; });
        description = lib.mkOption { type = lib.types.int; description = throw "no words"; };
      };
      options.good.after = option lib.types.bool;
    }`);
    const result = await made.types();
    expect(result.machines[0]?.holes.map((hole) => hole.path.join(".")).sort()).toEqual([
      "bad.aborted",
      "bad.deep.x",
      "bad.missing",
      "bad.thrown",
    ]);
    expect(result.machines[0]?.holes.find((hole) => hole.path.join(".") === "bad.missing")?.message).toContain(
      "attribute 'nonsense' missing",
    );
    const text = made.read(".floe/types/nixos.d.ts");
    expect(text).toMatch(/aborted\?: NixAny;/);
    expect(text).toMatch(/y\?: V<number> \| undefined;/);
    expect(text).toMatch(/description\?: V<number> \| undefined;/);
    expect(text).toMatch(/after\?: V<boolean> \| undefined;/);
  });

  test("a machine that sets an option which does not exist still has its options", async () => {
    const made = await project("{ networking.hostNam = null; }");
    expect(await made.types()).toMatchObject({ machines: [{ name: "crown", holes: [] }] });
    expect(made.read(".floe/types/nixos.d.ts")).toContain("  hostName?: ");
  });

  test("a machine that can no longer be read keeps the types it had", async () => {
    const made = await project(`{ lib, ... }: { options.own.x = lib.mkOption { type = lib.types.int; }; }`);
    await made.types({ machines: ["crown", "other"] });
    await made.write("module.nix", "throw 1");
    const result = await made.types({ machines: ["crown", "other"] });
    expect(result.machines).toMatchObject([{ name: "crown", optionCount: 0 }, { name: "other" }]);
    expect(made.read(".floe/types/nixos.d.ts")).toContain("own?: V<Own> | undefined;");
    await made.write("module.nix", "{ }");
    expect(await made.types({ machines: ["crown", "other"] })).toMatchObject({ fromCache: false });
    expect(made.read(".floe/types/nixos.d.ts")).not.toContain("own?: V<Own> | undefined;");
  });

  test("a machine is told, and the others are read", async () => {
    const made = await project("{ }");
    const result = await made.types({ machines: ["broken", "crown"] });
    expect(result.machines).toMatchObject([
      { name: "broken", error: expect.stringContaining("no such machine") },
      { name: "crown", holes: [] },
    ]);
    expect(result.optionCount).toBeGreaterThan(80);
  });

  test("no machine at all is an error, and the files stay as they were", async () => {
    const made = await project("{ }");
    await expect(made.types({ machines: ["broken"] })).rejects.toMatchObject({
      code: "NIX",
      message: expect.stringContaining("no such machine"),
    });
    expect(existsSync(path.join(made.root, ".floe/types"))).toBe(false);
  });
});

describe("what is kept", () => {
  test("nothing runs again until something that declares options changes", async () => {
    const made = await project("{ }", { "nix/hosts/crown.nix": written("{ a = 1; }"), "hosts/crown.ts": "1" });
    const declaring = { "nix/hosts/crown.nix": "the same" };
    expect((await made.types({ declaring })).fromCache).toBe(false);
    expect((await made.types({ declaring })).fromCache).toBe(true);
    await made.write("hosts/crown.ts", "2");
    await made.write("nix/hosts/crown.nix", written("{ a = 2; }"));
    expect((await made.types({ declaring })).fromCache).toBe(true);
    expect((await made.types({ declaring, fresh: true })).fromCache).toBe(false);
    expect((await made.types({ declaring: { "nix/hosts/crown.nix": "another" } })).fromCache).toBe(false);
    await made.write("module.nix", "{ imports = [ ]; }");
    expect((await made.types({ declaring: { "nix/hosts/crown.nix": "another" } })).fromCache).toBe(false);
  });

  test("a file that was deleted is written again", async () => {
    const made = await project("{ }");
    const { files } = await made.types();
    await cp(path.join(made.root, "module.nix"), path.join(made.root, files[0] as string));
    const { rmSync } = await import("node:fs");
    rmSync(path.join(made.root, files[1] as string));
    await made.types();
    expect(made.read(files[1] as string)).toContain("interface Nixos");
  });
});

test("a pattern is read as nix reads it", async () => {
  const patterns = [
    "[[:alnum:]]([[:alnum:]_-]{0,61}[[:alnum:]])?",
    "[^/{}]+",
    "[0-9a-f]+\\$[0-9a-f]{4}",
    "none|(auto,)?(lz4|zstd)(,[[:digit:]]{1,2})?",
    "[A-Za-z0-9+-_]+",
    "(http|https)://.+",
    "[]a]+",
    ".{1,4}",
  ];
  const texts = [
    "a",
    "a-b",
    "-a",
    "a/b",
    "ff$12ab",
    "auto,zstd,12",
    "none",
    "http://x",
    "]a]",
    "abcde",
    "a\nb",
    "",
    "{",
    "A_9",
  ];
  const expression = `map (p: map (t: builtins.match p t != null) (builtins.fromJSON ${JSON.stringify(JSON.stringify(texts))})) (builtins.fromJSON ${JSON.stringify(JSON.stringify(patterns)).replaceAll("${", "\\${")})`;
  const answers = JSON.parse(await nix("eval", "--json", "--expr", expression)) as boolean[][];
  expect(patterns.map((pattern) => texts.map((text) => fromPosix(pattern)?.test(text)))).toEqual(answers);
});

const nixpkgs = nixpkgsUrl();
if (nixpkgs === undefined)
  process.stderr.write("skipped: the types of a real nixpkgs; set FLOE_NIXPKGS to a checkout\n");

test.skipIf(nixpkgs === undefined)(
  "the options of a real nixpkgs, without a hole, make declarations that compile",
  async () => {
    const made = await project("{ }", {
      "flake.nix": `{ inputs.nixpkgs.url = "${nixpkgs}"; outputs = { self, nixpkgs }: { nixosConfigurations.crown = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ]; }; }; }`,
    });
    const result = await made.types();
    expect(result).toMatchObject({ machines: [{ holes: [] }] });
    expect(result.optionCount).toBeGreaterThan(9_000);
    expect(result.packageCount).toBeGreaterThan(10_000);
    expect(existsSync(path.join(made.root, "flake.lock"))).toBe(true);
    await typedProject(made);
    await made.write(
      "hosts/crown.ts",
      `import { host } from "floe";
export default host(({ config, lib, pkgs }) => ({
  networking: { hostName: "crown", firewall: { allowedTCPPorts: [22] } },
  services: { nginx: { enable: true, virtualHosts: { "a.org": { locations: { "/": { root: "/srv" } } } } }, openssh: { enable: lib.mkForce(true) } },
  systemd: { services: { hello: { script: \`\${pkgs.hello}/bin/hello \${config.networking.hostName}\`, serviceConfig: { Restart: "always" } } } },
  environment: { systemPackages: [pkgs.htop, pkgs.python3.withPackages((ps) => [ps.requests])] },
}));
`,
    );
    expect(await compile(made.root, "--skipLibCheck", "false")).toEqual([]);
    await made.write(
      "hosts/crown.ts",
      `import { host } from "floe";\nexport default host(({ pkgs }) => ({ services: { nginx: { enabel: true } }, environment: { systemPackages: [pkgs.htopp] } }));\n`,
    );
    expect(await compile(made.root)).toMatchObject([
      { line: 2, text: expect.stringContaining("enabel") },
      { line: 2, text: expect.stringContaining("Did you mean 'htop'?") },
    ]);
  },
);
