import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { complaint, containerFile, project, withSpec, writeIn } from "./project.ts";

const config = `import { dir, fleet } from "floe";

export default fleet({
  name: "lab",
  description: "my systems",
  inputs: {
    nixpkgs: "github:nixos/nixpkgs/nixos-26.05",
    "home-manager": { url: "github:nix-community/home-manager", follows: { nixpkgs: "nixpkgs" } },
    firn: dir("./firn"),
    data: { url: "github:me/data", flake: false },
  },
  user: { name: "me", home: "/home/me" },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
  shells: "./devshells.ts",
});
`;

const whole = {
  "floe.config.ts": config,
  "firn/flake.nix": "{ outputs = _: { }; }",
  "hosts/crown.ts": `import { host } from "floe";
import { motd } from "../modules/motd.ts";
export default host({ system: "x86_64-linux", target: "root@crown.lan", tags: ["server"], health: [{ tcp: "crown.lan:22", within: "30s" }] }, ({ pkgs }) => ({
  imports: [motd],
  environment: { systemPackages: [pkgs.htop] },
}));`,
  "containers/web.ts": `import { container } from "floe";
import { motd } from "../modules/motd.ts";
export const web = container({ system: "x86_64-linux", instances: { "web-1": { ports: { 8081: 80 } } } }, { imports: [motd] });`,
  "containers/_draft.ts": "this is no TypeScript",
  "containers/.hidden.ts": "neither is this",
  "containers/types.d.ts": "declare const x: number;",
  "containers/web.test.ts": "throw new Error('a test')",
  "containers/notes.md": "no code",
  "modules/motd.ts": `import { module } from "floe";
import { words } from "./sub/words.ts";
export const motd = module({ imports: [words], environment: { etc: { motd: { text: "hello" } } } });`,
  "modules/sub/words.ts": `import { module } from "floe";
export const words = module(({ lib }) => ({ services: { x: lib.mkDefault(true) } }));`,
  "devshells.ts": `import { shells } from "floe";
export default shells(({ pkgs }) => ({ default: { packages: [pkgs.htop] }, "node-20": { packages: [pkgs.nodejs] } }));`,
};

describe("loadFleet()", () => {
  test("gives the model of a whole project", async () => {
    const root = project(whole);
    const { hosts, containers, shells, modules, ...fleet } = await loadFleet(root);
    expect(fleet).toEqual({
      homes: {},
      outputs: {},
      name: "lab",
      description: "my systems",
      root,
      configFile: "floe.config.ts",
      inputs: {
        nixpkgs: { kind: "url", url: "github:nixos/nixpkgs/nixos-26.05", follows: {}, flake: true },
        "home-manager": {
          kind: "url",
          url: "github:nix-community/home-manager",
          follows: { nixpkgs: "nixpkgs" },
          flake: true,
        },
        firn: { kind: "path", path: "./firn" },
        data: { kind: "url", url: "github:me/data", follows: {}, flake: false },
      },
      servers: { local: { name: "local", kind: "unix" } },
    });
    expect(Object.keys(hosts)).toEqual(["crown"]);
    expect(hosts["crown"]).toMatchObject({
      name: "crown",
      source: { file: "hosts/crown.ts", line: 3 },
      system: "x86_64-linux",
      target: "root@crown.lan",
      tags: ["server"],
      health: [{ kind: "tcp", address: "crown.lan", port: 22, withinMs: 30_000, intervalMs: 250 }],
      module: { file: "nix/hosts/crown.nix" },
    });
    expect(Object.keys(containers)).toEqual(["web"]);
    expect(containers["web"]).toMatchObject({
      module: { file: "nix/containers/web.nix" },
      source: { file: "containers/web.ts", line: 3 },
    });
    expect(JSON.stringify(containers["web"]?.module.expr)).toContain("/virtualisation/lxc-container.nix");
    expect(Object.entries(modules).map(([key, module]) => [key, module.file, module.source.file])).toEqual([
      ["modules/motd.ts", "nix/modules/motd.nix", "modules/motd.ts"],
      ["modules/sub/words.ts", "nix/modules/sub/words.nix", "modules/sub/words.ts"],
    ]);
    expect(Object.keys(shells)).toEqual(["default", "node-20"]);
    expect(shells["node-20"]).toMatchObject({ name: "node-20", source: { file: "devshells.ts", line: 2 } });
  });

  test("keeps compiled files in .floe/cache/jiti-guarded", async () => {
    const root = project(whole);
    await loadFleet(root);
    expect(readdirSync(join(root, ".floe/cache/jiti-guarded")).length).toBeGreaterThan(4);
    expect(existsSync(join(root, "node_modules"))).toBe(false);
  });

  test("reads what has changed since this process read it", async () => {
    const root = withSpec("{ instances: { a: {} } }");
    expect(Object.keys((await loadFleet(root)).containers["web"]?.instances ?? {})).toEqual(["a"]);
    writeIn(root, "containers/web.ts", containerFile("{ instances: { b: {} } }"));
    expect(Object.keys((await loadFleet(root)).containers["web"]?.instances ?? {})).toEqual(["b"]);
  });

  test("takes hosts, containers and shells that are given as values", async () => {
    const root = project({
      "floe.config.ts": `import { container, fleet, host, shells } from "floe";
export default fleet({
  inputs: { nixpkgs: "nixpkgs" },
  hosts: { crown: host({}, {}) },
  containers: { web: container({}, {}) },
  shells: shells(() => ({ default: {} })),
});`,
    });
    const fleet = await loadFleet(root);
    expect([Object.keys(fleet.hosts), Object.keys(fleet.containers), Object.keys(fleet.shells)]).toEqual([
      ["crown"],
      ["web"],
      ["default"],
    ]);
    expect(fleet.name).toBe("home");
  });

  test("gives the user's files the face it is told to give", async () => {
    const root = project({ "floe.config.ts": `import { made } from "floe";\nexport default made;` });
    const { fleet } = await import("../../../src/authoring/index.ts");
    const made = fleet({ name: "from-the-face", inputs: {} });
    expect((await loadFleet(root, { face: { made } })).name).toBe("from-the-face");
  });

  test("an empty fleet needs no nixpkgs", async () => {
    const root = project({ "floe.config.ts": `import { fleet } from "floe";\nexport default fleet({ inputs: {} });` });
    expect((await loadFleet(root)).containers).toEqual({});
  });
});

describe("a file that cannot be loaded", () => {
  const cases: readonly (readonly [what: string, files: Record<string, string>])[] = [
    [
      "a syntax error",
      {
        "containers/web.ts":
          'import { container } from "floe";\n\nexport default container({\n  instances: { a: { autostart: , } },\n}, {});\n',
      },
    ],
    [
      "a syntax error in an imported module, told once",
      {
        "containers/web.ts": 'import { m } from "../modules/m.ts";\nexport default m;\n',
        "containers/zoo.ts": 'import { m } from "../modules/m.ts";\nexport default m;\n',
        "modules/m.ts": "export const m = {\n  a: 1;\n};\n",
      },
    ],
    [
      "a throw",
      {
        "containers/web.ts":
          'import { container } from "floe";\n\nconst port: number = Number.parseInt("x");\nif (Number.isNaN(port)) throw new RangeError("no port");\nexport default container({}, {});\n',
      },
    ],
    [
      "a throw in a function of another file",
      {
        "containers/web.ts": 'import { pick } from "../lib/pick.ts";\nexport default pick({});\n',
        "lib/pick.ts":
          "interface Named { name?: { first: string } }\n\nexport function pick(value: Named): string {\n  return value.name!.first;\n}\n",
      },
    ],
    ["a throw of something that is no error", { "containers/web.ts": 'throw "down";\n' }],
    [
      "a name that floe does not export",
      { "containers/web.ts": 'import { contianer } from "floe";\n\nexport default contianer({}, {});\n' },
    ],
    [
      "a relative import that is not there",
      {
        "containers/web.ts": 'import { a } from "../modules/webb.ts";\nexport default a;\n',
        "modules/web.ts": "export const a = 1;\n",
      },
    ],
    [
      "a package that is not there",
      { "containers/web.ts": 'import { a } from "left-pad-of-mine";\nexport default a;\n' },
    ],
    ["no export", { "containers/web.ts": "const a = 1;\n" }],
    [
      "a default export of another kind",
      { "containers/web.ts": 'import { host } from "floe";\nexport default host({}, {});\n' },
    ],
    ["a default export that is no definition", { "containers/web.ts": "export default 5;\n" }],
    [
      "two exported containers",
      {
        "containers/web.ts":
          'import { container } from "floe";\nexport const a = container({}, {});\nexport const b = container({}, {});\n',
      },
    ],
    [
      "a file name that cannot be a name",
      { "containers/web_1.ts": 'import { container } from "floe";\nexport default container({}, {});\n' },
    ],
    [
      "a body that throws",
      {
        "containers/web.ts":
          'import { container } from "floe";\n\nexport default container({}, ({ pkgs }) => {\n  const list: string[] = [];\n  return { a: list[0]!.length, pkgs };\n});\n',
      },
    ],
  ];

  test.each(cases)("%s", async (_, files) => {
    expect(await complaint(withSpec("{}", files))).toMatchSnapshot();
  });

  test("a problem in one file does not hide those in others, and details list them all", async () => {
    const root = withSpec("{ instnaces: {} }", {
      "containers/broken.ts": "export default {;\n",
      "containers/zoo.ts": containerFile('{ instances: { lion: {\n  autostart: 1,\n  server: "crwn",\n} } }'),
    });
    expect(await complaint(root)).toMatchInlineSnapshot(`
      "The project has 4 problems:
        containers/broken.ts:1:17: Cannot read "containers/broken.ts": unexpected token
        containers/web.ts:3:28: Unknown key "instnaces" of container "web"; did you mean "instances"?
        containers/zoo.ts:4:3: Key "autostart" of instance "lion" must be true or false, not 1
        containers/zoo.ts:5:3: Unknown server "crwn" of instance "lion"; did you mean "crown"?"
    `);
    await expect(loadFleet(root)).rejects.toMatchObject({
      code: "CONFIG",
      exitCode: 2,
      details: {
        problems: [
          { file: "containers/broken.ts", line: 1, path: "" },
          { file: "containers/web.ts", line: 3, path: "containers.web.instnaces" },
          { file: "containers/zoo.ts", line: 4, path: "containers.zoo.instances.lion.autostart" },
          { file: "containers/zoo.ts", line: 5, path: "containers.zoo.instances.lion.server" },
        ],
      },
    });
  });
});

describe("a floe.config.ts that is wrong", () => {
  const cases: readonly (readonly [what: string, spec: string])[] = [
    ["no inputs", "{ }"],
    ["an unknown key", "{ inputs: {}, contaners: {} }"],
    ["a name with a space", '{ inputs: {}, name: "my systems" }'],
    ["containers that are text", '{ inputs: {}, containers: "./containers" }'],
    ["a folder that is not there", '{ inputs: {}, containers: dir("./contianers") }'],
    ["a folder outside of the project", '{ inputs: {}, containers: dir("../containers") }'],
    ["a shells file that is not there", '{ inputs: {}, shells: "./shells.ts" }'],
    ["a container that is none", "{ inputs: {}, containers: { web: 5 } }"],
    ["an input that is a number", "{ inputs: { nixpkgs: 5 } }"],
    ["an input folder without a flake", '{ inputs: { nixpkgs: dir("./nothing") } }'],
    ["an input folder outside of the project", '{ inputs: { nixpkgs: "../firn" } }'],
    ["an input named self", '{ inputs: { self: "x" } }'],
    ["a url with a space", '{ inputs: { a: { url: "github:a b" } } }'],
    ["a misspelt key of an input", '{ inputs: { a: { url: "x", follow: {} } } }'],
    [
      "follows an input that is not there",
      '{ inputs: { nixpkgs: "x", a: { url: "x", follows: { nixpkgs: "nixpgks" } } } }',
    ],
    ["follows a folder", '{ inputs: { nixpkgs: dir("./firn"), a: { url: "x", follows: { nixpkgs: "nixpkgs" } } } }'],
    ["a server with both url and socket", '{ inputs: {}, incus: { a: { url: "https://a:8443", socket: "/s" } } }'],
    ["a server without TLS", '{ inputs: {}, incus: { a: { url: "http://a:8443" } } }'],
    ["a relative socket", '{ inputs: {}, incus: { a: { socket: "s" } } }'],
    ["a user without a name", "{ inputs: {}, user: {} }"],
    ["containers without nixpkgs", "{ inputs: {}, containers: { web: container({}, {}) } }"],
    [
      "a host and a container of one name",
      '{ inputs: { nixpkgs: "x" },\n  hosts: { web: host({}, {}) },\n  containers: { web: container({}, {}) } }',
    ],
    [
      "a container that is named as the metadata of another",
      '{ inputs: { nixpkgs: "x" }, containers: {\n  web: container({}, {}),\n  "web-metadata": container({}, {}),\n} }',
    ],
    ["a host name that is no label", '{ inputs: { nixpkgs: "x" }, hosts: { "-x": host({}, {}) } }'],
    [
      "a host's target on an unknown server",
      '{ inputs: { nixpkgs: "x" }, hosts: { a: host({ target: "incus:locla/a" }, {}) } }',
    ],
    ["a host's target with a space", '{ inputs: { nixpkgs: "x" }, hosts: { a: host({ target: "root @crown" }, {}) } }'],
    ["a shell whose name cannot be one", '{ inputs: { nixpkgs: "x" }, shells: shells(() => ({ "a b": {} })) }'],
  ];

  test.each(cases)("%s", async (_, spec) => {
    const root = project({
      "floe.config.ts": `import { container, dir, fleet, host, shells } from "floe";\n\nexport default fleet(${spec});\n`,
      "firn/flake.nix": "{ outputs = _: { }; }",
    });
    expect(await complaint(root)).toMatchSnapshot();
  });

  test("a syntax error", async () => {
    expect(await complaint(project({ "floe.config.ts": "export default fleet({;\n" }))).toMatchInlineSnapshot(`
      "floe.config.ts:1:23
      Cannot read "floe.config.ts": unexpected token
      > 1 | export default fleet({;
          |                       ^"
    `);
  });

  test("no fleet", async () => {
    expect(await complaint(project({ "floe.config.ts": "export default {};\n" }))).toMatchInlineSnapshot(`
      "floe.config.ts:1:1
      "floe.config.ts" must export a fleet by default, not an object"
    `);
  });

  test("a folder that is no project", async () => {
    const root = project({ "a/b": "" });
    await expect(loadFleet(root)).rejects.toThrow(`Cannot find a floe.config.ts in "${root}"`);
  });

  test("a folder whose name cannot be the fleet's", async () => {
    const root = join(
      project({ "my fleet/floe.config.ts": `import { fleet } from "floe";\nexport default fleet({ inputs: {} });\n` }),
      "my fleet",
    );
    expect(await complaint(root)).toMatchInlineSnapshot(`
      "floe.config.ts:2:1
      The fleet needs a name: that of its folder, "my fleet", cannot be one
      hint: Add \`name: "my-fleet"\` to floe.config.ts
        1 | import { fleet } from "floe";
      > 2 | export default fleet({ inputs: {} });
          | ^"
    `);
  });
});

describe("modules written in TypeScript", () => {
  const importing = (imports: string) =>
    `import { container } from "floe";\nimport * as m from "../modules/m.ts";\nimport * as n from "../m.ts";\nexport default container({}, { imports: [${imports}] });\n`;

  test("two that would be one file are refused", async () => {
    const root = withSpec("{}", {
      "containers/web.ts": importing("m.one, n.one"),
      "modules/m.ts": 'import { module } from "floe";\nexport const one = module({});\n',
      "m.ts": 'import { module } from "floe";\nexport const one = module({});\n',
    });
    expect(await complaint(root)).toMatchInlineSnapshot(`
      "m.ts:2:1
      "modules/m.ts" and "m.ts" would both be written as "nix/modules/m.nix"
      hint: Rename one of them
        1 | import { module } from "floe";
      > 2 | export const one = module({});
          | ^"
    `);
  });
});
