/** What the TypeScript compiler says of hosts once `floe types` has run: mistakes at their own place, and nothing where all is well. */
import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findNix } from "../../src/nix/find.ts";
import { generateTypes } from "../../src/types/generate-types.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { firnDir } from "./fixtures/firn/firn.ts";
import { nixCommand } from "./fixtures/mini.ts";
import { compile, type Mistake, typedProject } from "./types-project.ts";

const flake = `{
  outputs = { self }: let firn = (import ./firn/flake.nix).outputs { self = { outPath = ./firn; }; }; in {
    nixosConfigurations.crown = firn.lib.nixosSystem { system = "x86_64-linux"; modules = [ ./module.nix ]; };
  };
}`;
const module = `{ lib, ... }: let inherit (lib) types mkOption; option = type: mkOption { inherit type; }; in {
  options.own = {
    mode = option (types.enum [ "on" "off" ]);
    count = option (types.nullOr types.int);
    root = option types.path;
    package = option types.package;
    sites = option (types.attrsOf (types.submodule { options = { root = option types.path; aliases = option (types.listOf types.str); keys = option (types.listOf (types.submodule { options.bits = option types.int; })); }; }));
    settings = option (types.attrsOf types.anything);
  };
}`;

let project: TempProject;
beforeAll(async () => {
  project = await tempProject({ "flake.nix": flake, "module.nix": module });
  await cp(firnDir, path.join(project.root, "firn"), { recursive: true });
  await typedProject(project);
  const cacheDir = path.join(project.root, ".floe/cache");
  await mkdir(cacheDir, { recursive: true });
  const nix = await findNix({ cacheDir, env: { ...process.env, FLOE_NIX: nixCommand } });
  const subject = { machines: [{ kind: "host" as const, name: "crown", declaring: "" }], declaring: {}, flake: "" };
  await generateTypes({ nix, root: project.root, cacheDir, subject, emit: () => {} });
});
afterAll(() => project.remove());

/** The compiler's words about one file; `MARK` in it is taken out, and its places are where the mistakes must be. */
async function check(source: string): Promise<{ readonly found: Mistake[]; readonly marks: string[] }> {
  const marks: string[] = [];
  const lines = source.split("\n").map((line, row) => {
    let text = line;
    for (let at = text.indexOf("§"); at !== -1; at = text.indexOf("§")) {
      marks.push(`${row + 1}:${at + 1}`);
      text = text.replace("§", "");
    }
    return text;
  });
  await project.write("hosts/crown.ts", lines.join("\n"));
  return { found: await compile(project.root), marks };
}

const place = ({ line, column }: Mistake) => `${line}:${column}`;

describe("mistakes, each at its own place", () => {
  test.each<[string, string, RegExp]>([
    [
      "an unknown option",
      `host(({ pkgs }) => ({ networking: { §hostNam: "x" }, environment: { systemPackages: [pkgs.hello] } }))`,
      /There is no option \\"hostNam\\" here/,
    ],
    [
      "an unknown group",
      `host(({ pkgs }) => ({ §netwrking: { hostName: "x" }, environment: { systemPackages: [pkgs.hello] } }))`,
      /no option \\"netwrking\\"/,
    ],
    ["an unknown option in an attribute set", `host({ networking: { §hostNam: "x" } })`, /'hostNam' does not exist/],
    [
      "a wrong enum value",
      `host(({ pkgs }) => ({ own: { §mode: "onn", package: pkgs.hello } }))`,
      /Type '"onn"' is not assignable to type 'V<"off" \| "on">/,
    ],
    [
      "an unknown nested option",
      `host(() => ({ own: { sites: { a: { aliases: ["x"], §rot: "/x" } } } }))`,
      /no option \\"rot\\"/,
    ],
    [
      "a wrong type",
      `host(() => ({ own: { mode: "on", §count: "3" } }))`,
      /Type 'string' is not assignable to type 'V<number \| null>/,
    ],
    [
      "a wrong element",
      `host(() => ({ networking: { firewall: { allowedTCPPorts: [22, §"x"] } } }))`,
      /Type 'string' is not assignable to type 'V<number>'/,
    ],
    [
      "a wrong value in a list of submodules",
      `host(() => ({ own: { sites: { a: { keys: [{ §bits: "x" }] } } } }))`,
      /Type 'string' is not assignable to type 'V<number>/,
    ],
    [
      "a wrong package name",
      `host(({ pkgs }) => ({ environment: { systemPackages: [pkgs.§helo] } }))`,
      /Did you mean 'hello'\?/,
    ],
    [
      "a string for a package",
      `host(() => ({ environment: { systemPackages: [§"hello"] } }))`,
      /not assignable to type 'V<NixPackage>'/,
    ],
    [
      "a package for a string",
      `host(({ pkgs }) => ({ networking: { hostName: §pkgs.hello } }))`,
      /Type 'Pkg' is not assignable to type 'V<string>/,
    ],
    [
      "an unknown option of config",
      `host(({ config }) => ({ networking: { hostName: config.networking.§hostNam } }))`,
      /Did you mean 'hostName'\?/,
    ],
    [
      "a reference of another type",
      `host(({ config }) => ({ own: { count: §config.networking.hostName } }))`,
      /Type 'Typed<string>' is not assignable/,
    ],
    [
      "a reference as a condition",
      `host(({ config }) => ({ networking: { hostName: §config.own.count ? "a" : "b" } }))`,
      /always return true/,
    ],
    [
      "a comparison with a reference",
      `host(({ config }) => ({ networking: { hostName: §config.networking.hostName === "a" ? "a" : "b" } }))`,
      /no overlap/,
    ],
    [
      "in mkForce",
      `host(({ lib }) => ({ own: { mode: lib.mkForce(§"of") } }))`,
      /not assignable to parameter of type 'V<"off" \| "on">'/,
    ],
    [
      "in mkIf around a group",
      `host(({ config, lib }) => ({ own: lib.mkIf(config.own.mode.x, { §mod: "on" }) }))`.replace(
        "config.own.mode.x",
        "true",
      ),
      /'mod' does not exist/,
    ],
    [
      "in mkMerge around a module",
      `host(({ lib }) => lib.mkMerge([{ networking: { hostName: "a" } }, { own: { §mod: "on" } }]))`,
      /'mod' does not exist/,
    ],
    [
      "in a module",
      `module("web", ({ lib }) => ({ own: { sites: { a: { §root: 3, aliases: [] } } } }))`,
      /Type 'number' is not assignable to type 'V<NixPath>/,
    ],
    ["in a module of attributes", `module({ networking: { §hostNam: "x" } })`, /'hostNam' does not exist/],
    [
      "in the config of a module with options",
      `module("my", { options: { on: opt.bool() }, config: ({ cfg, lib }) => lib.mkIf(cfg.on, { networking: { §hostNam: "x" } }) })`,
      /'hostNam' does not exist/,
    ],
    [
      "in the config of a module with options, without mkIf",
      `module({ options: { my: { on: opt.bool() } }, config: ({ cfg }) => ({ own: { §mode: "onn", count: cfg.my.§om } }) })`,
      /Type '"onn"' is not assignable to type 'V<"off" \| "on">/,
    ],
    ["in a container alone", `container(() => ({ own: { §mode: true, count: 3 } }))`, /Type 'true' is not assignable/],
    [
      "in a container's attribute set",
      `container({ own: { §mode: true, count: 3 } })`,
      /Type 'true' is not assignable/,
    ],
    [
      "in an image",
      `container({ image: "debian", instances: { web: { §autostart: 5 } } })`,
      /Type 'number' is not assignable/,
    ],
    [
      "in the config of a module, by what its own options hold",
      `module("my", { options: { on: opt.bool() }, config: ({ cfg }) => ({ own: { count: §cfg.on, mode: "on" } }) })`,
      /Type 'Typed<boolean>' is not assignable to type 'V<number/,
    ],
    [
      "in the config of a module, by what a list of its own holds",
      `module("my", { options: { names: opt.listOf(opt.str()) }, config: ({ cfg }) => ({ networking: { firewall: { allowedTCPPorts: §cfg.names } } }) })`,
      /Typed<readonly string\[\]>/,
    ],
    [
      "in the config of a module, inside a wrapper",
      `module("my", { options: { name: opt.str() }, config: ({ cfg, lib }) => ({ own: { count: lib.mkForce(§cfg.name) } }) })`,
      /Typed<string>/,
    ],
    ["in a container", `container({}, () => ({ own: { §mode: true, count: 3 } }))`, /Type 'true' is not assignable/],
    [
      "in a submodule that is a function",
      `host(() => ({ own: { sites: { a: ({ name }) => ({ root: "/x", §rot: \`\${name}\` }) } } }))`,
      /no option \\"rot\\"/,
    ],
  ])("%s", async (_, body, message) => {
    const { found, marks } = await check(
      `import { container, host, module, opt } from "floe";\nexport default ${body};\n`,
    );
    expect(found.map(place)).toEqual(marks);
    expect(found[0]?.text).toMatch(message);
  });

  test("several in one host are all told", async () => {
    const { found, marks } = await check(`import { host } from "floe";
export default host({ system: "x86_64-linux" }, ({ config, lib, pkgs }) => ({
  networking: { hostName: "crown", §hostNam: "x", firewall: { allowedTCPPorts: [§"22"] } },
  own: {
    §mode: "of",
    sites: { a: { §rot: "/x" } },
  },
}));
`);
    expect(found.map(place)).toEqual(marks);
  });
});

describe("what is right compiles", () => {
  test("a host with all there is", async () => {
    const { found } = await check(`import { host, module, nix, sh } from "floe";
const web = module("web", ({ lib }) => lib.mkMerge([{ own: { mode: "on" } }, lib.mkIf(true, { own: { count: 3 } })]));
const port: string = "80";
export default host({ system: "x86_64-linux", tags: ["x"] }, ({ config, lib, pkgs, inputs, utils }) => ({
  imports: [nix.path("./hardware.nix"), web, inputs.other.nixosModules.default],
  networking: { hostName: lib.mkForce("crown"), firewall: { allowedTCPPorts: [22, lib.toInt(port)] } },
  environment: {
    systemPackages: [pkgs.hello, nix\`pkgs.hello\`, ...[pkgs.hello]],
    etc: { motd: { text: sh\`hello \${pkgs.hello} on \${config.networking.hostName}\` }, other: lib.mkIf(config.own.settings.x, { text: "x" }) },
  },
  own: {
    mode: config.own.mode,
    count: null,
    package: pkgs.hello,
    root: \`\${pkgs.hello}/share\`,
    sites: {
      a: { root: pkgs.hello, aliases: lib.mkBefore(["x"]), keys: [{ bits: 1 }, lib.mkIf(true, { bits: 2 })] },
      b: ({ name }) => ({ root: \`/srv/\${name}\` }),
      c: lib.mkDefault({ root: nix.path("./site") }),
      ...(port === "80" ? { d: {} } : {}),
    },
    settings: { anything: [1, { at: [pkgs.hello, null] }], left: undefined },
  },
  users: { users: { me: { isNormalUser: true } } },
  system: { stateVersion: utils.version },
}));
export const plain = host({ networking: { hostName: "plain" } });
export const long = host(({ lib }) => ({ options: { x: lib.mkOption({}) }, config: lib.mkIf(true, { networking: { hostName: "x" } }) }));
`);
    expect(found).toEqual([]);
  });

  test("what a module's own options are set to fits where it may, sets of options too", async () => {
    const { found } = await check(`import { host, module, nix, opt } from "floe";
export const web = module("web", {
  options: {
    mode: opt.enum(["on", "off"]),
    count: opt.nullOr(opt.int()),
    ports: opt.listOf(opt.port()),
    settings: opt.attrsOf(opt.anything()),
    attrs: opt.attrs(),
    site: opt.submodule({ root: opt.path(), aliases: opt.listOf(opt.str()) }),
    sites: opt.attrsOf(opt.submodule({ root: opt.path() })),
    parsed: opt.str({ apply: (value) => nix\`lib.toInt \${value}\` }),
    any: opt.either(opt.int(), opt.package()),
  },
  config: ({ cfg, lib }) => ({
    networking: { firewall: { allowedTCPPorts: lib.concatLists([cfg.ports, [cfg.parsed, cfg.any]]) } },
    own: { mode: cfg.mode, count: cfg.count, settings: cfg.settings, sites: cfg.sites },
  }),
});
export const more = module("more", {
  options: { site: opt.submodule({ root: opt.path() }), attrs: opt.attrs() },
  config: ({ cfg, lib }) =>
    lib.mkMerge([{ own: { settings: cfg.site, sites: { a: cfg.site } } }, lib.mkIf(true, { own: { settings: cfg.attrs } })]),
});
export default host(({ config, lib }) => ({
  own: { sites: config.own.sites, settings: config.own.settings },
  environment: { systemPackages: lib.attrValues(config.own.sites) },
}));
`);
    expect(found).toEqual([]);
  });

  test("dev shells, outputs and options made of typed packages", async () => {
    const { found } = await check(`import { fleet, module, opt, shells } from "floe";
export default shells(({ pkgs, lib }) => ({
  default: { packages: [pkgs.hello, pkgs.hello.dev], inputsFrom: lib.optional(true, pkgs.hello), shellHook: \`\${pkgs.hello}\` },
  whole: pkgs.hello,
}));
export const all = fleet({
  inputs: {},
  packages: ({ pkgs }) => ({ hello: pkgs.hello }),
  formatter: ({ pkgs }) => pkgs.hello,
  overlays: { mine: (final, prev) => ({ mine: prev.hello }) },
});
export const web = module("web", {
  imports: [],
  options: ({ pkgs, config }) => ({
    package: opt.package({ default: pkgs.hello }),
    name: opt.str({ default: config.networking.hostName }),
    extra: opt.listOf(opt.package(), { default: [pkgs.hello] }),
  }),
  config: ({ cfg, pkgs }) => ({
    environment: { systemPackages: [cfg.package, pkgs.hello] },
    networking: { hostName: cfg.name },
    own: { package: cfg.package, sites: { a: { root: \`\${cfg.package}/share\` } } },
  }),
});
`);
    expect(found).toEqual([]);
  });

  test("dev shells know the packages there are", async () => {
    const { found, marks } = await check(`import { shells } from "floe";
export default shells(({ pkgs }) => ({ default: { packages: [pkgs.hello, pkgs.§helo] } }));
`);
    expect(found.map(place)).toEqual(marks);
  });
});

test("without types everything compiles, untyped", async () => {
  const untyped = await tempProject({
    "hosts/crown.ts": `import { host } from "floe";
export default host(({ config, lib, pkgs, anything }) => ({
  networking: { hostNam: config.a.b.c, x: lib.mkForce(pkgs.whatever), y: anything.z },
}));
export const plain = host({ a: { b: [1, "x", null] } });
export const merged = host(({ lib }) => lib.mkMerge([{ a: 1 }]));
`,
  });
  try {
    await typedProject(untyped);
    expect(await compile(untyped.root)).toEqual([]);
  } finally {
    await rm(untyped.root, { recursive: true });
  }
});
