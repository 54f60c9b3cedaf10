import { describe, expect, test } from "vitest";
import type { SynthError } from "../../../src/errors.ts";
import { record } from "../../support/record.ts";

const declared = (code: string): Promise<string> =>
  record(`import { module, nix, opt } from "floe";
export default ${code};`);

/** The options of a module that declares \`o\`. */
async function option(code: string): Promise<string> {
  const text = await declared(`module({ options: { o:\n${code}\n} })`);
  return text.replace(/^[\s\S]*?options\.o =\s*/, "").replace(/;\n\}$/, "");
}

describe("module() with options", () => {
  test("stands under its path, with cfg bound where it is used", async () => {
    expect(
      await declared(`module("my.web", {
        imports: [nix.path("./base.nix")],
        options: { enable: opt.bool({ default: false, description: "serve the site" }), domain: opt.str() },
        config: ({ cfg, lib, pkgs }) => lib.mkIf(cfg.enable, {
          services: { nginx: { enable: true, virtualHosts: { [\`\${cfg.domain}\`]: { root: \`\${pkgs.site}\` } } } },
        }),
      })`),
    ).toMatchSnapshot();
  });

  test("takes the whole tree, where cfg is config itself", async () => {
    expect(
      await declared(`module({
        options: { my: { web: { port: opt.port({ default: 80 }) } }, other: { on: opt.enable("the other") } },
        config: ({ cfg, lib }) => lib.mkIf(cfg.other.on, { networking: { firewall: { allowedTCPPorts: [cfg.my.web.port] } } }),
      })`),
    ).toMatchSnapshot();
  });

  test("needs no config, and gives functions of the module arguments to what wants them", async () => {
    expect(
      await declared(`module("my.tool", {
        imports: ({ modulesPath }) => [nix\`\${modulesPath} + "/profiles/minimal.nix"\`],
        options: ({ pkgs }) => ({ package: opt.package({ default: pkgs.hello, defaultText: "pkgs.hello" }) }),
      })`),
    ).toMatchSnapshot();
  });

  test("finds an option that is defined by itself through cfg", async () => {
    const recording = declared(`module("my.web", {
      options: { name: opt.str() },
      config: ({ cfg }) => ({ my: { web: { name: \`\${cfg.name}-2\` } } }),
    })`);
    await expect(recording).rejects.toMatchObject({
      message: 'Option "my.web.name" is defined by itself: its value mentions config.my.web.name',
      at: { line: 4 },
    });
  });

  test.each([
    ['module("a..b", { options: {} })', 'Cannot declare options at "a..b"'],
    ["module({ options: { o: opt.str({ defualt: 1 }) } })", 'An option has no setting "defualt"'],
    ["module({ options: { o: opt.nullOr(opt.str({ default: 'a' })) } })", 'The type of an element has a "default"'],
    ["module({ options: { o: opt.str(opt.int()) } })", "An option's settings are an object"],
  ])("refuses %s", async (code, message) => {
    const failure = (await declared(code).catch((error: unknown) => error)) as SynthError;
    expect(failure.message).toContain(message);
    expect(failure.at).toMatchObject({ file: expect.stringContaining("hosts/crown.ts"), line: 2 });
  });
});

/** Every type, as it is written in Nix. */
const types: readonly (readonly [code: string, nix: string])[] = [
  ["opt.bool()", "bool"],
  ["opt.int()", "int"],
  ["opt.int.between(1, 64)", "(ints.between 1 64)"],
  ["opt.int.positive()", "ints.positive"],
  ["opt.str()", "str"],
  ["opt.strMatching('[a-z]+')", '(strMatching "[a-z]+")'],
  ["opt.separatedString(':')", '(separatedString ":")'],
  ["opt.enum(['a', 'b', null])", '(enum [ "a" "b" null ])'],
  ["opt.listOf(opt.str())", "(listOf str)"],
  ["opt.attrsOf(opt.listOf(opt.port()))", "(attrsOf (listOf port))"],
  ["opt.nullOr(opt.package())", "(nullOr package)"],
  ["opt.either(opt.int(), opt.str())", "(either int str)"],
  ["opt.oneOf([opt.int(), opt.str(), opt.bool()])", "(oneOf [ int str bool ])"],
  ["opt.coercedTo(opt.int(), (n) => nix`toString ${n}`, opt.str())", "(coercedTo int (n: toString n) str)"],
  ["opt.addCheck(opt.int(), (n) => nix`${n} > 2`)", "(addCheck int (n: n > 2))"],
  ["opt.functionTo(opt.listOf(opt.package()))", "(functionTo (listOf package))"],
  ["opt.of(nix`lib.types.passwdEntry lib.types.str`)", "(passwdEntry str)"],
  ["opt.submodule({ a: opt.int() })", "(submodule { options.a = mkOption { type = int; }; })"],
];

describe("opt", () => {
  test.each(types)("%s", async (code, nix) => {
    const text = (await option(code)).replace(/\s+/g, " ");
    const short = text.replace(/lib\.types\./g, "").replace(/lib\./g, "");
    expect(short).toBe(`mkOption { type = ${nix.replace(/^\((.*)\)$/, "$1")}; }`);
  });

  test("writes settings in one order, text of computed defaults as expressions", async () => {
    expect(
      await option(
        "opt.str({ internal: true, description: 'd', apply: (v) => nix`lib.toUpper ${v}`, example: 'e', defaultText: 'a + b', default: nix`a` })",
      ),
    ).toMatchSnapshot();
  });

  test("submodules as functions know their name and options, and take what is not declared", async () => {
    expect(
      await option(`opt.attrsOf(opt.submodule(({ name, config }) => ({
        freeformType: opt.attrsOf(opt.str()),
        options: { host: opt.str({ default: name }), url: opt.str() },
        config: { url: \`https://\${config.host}\` },
      })), { default: {}, description: "Sites" })`),
    ).toMatchSnapshot();
  });

  test("a submodule that asks for lib itself has its types from there", async () => {
    const text = await option("opt.submodule(({ lib }) => ({ options: { a: opt.str({ default: lib.id('b') }) } }))");
    expect(text.replace(/\s+/g, " ")).toBe(
      'mkOption { type = lib.types.submodule ( { lib, ... }: { options.a = lib.mkOption { type = lib.types.str; default = lib.id "b"; }; } ); }'.replace(
        "mkOption",
        "lib.mkOption",
      ),
    );
  });

  test("enable and packageFrom use what nixpkgs has for them", async () => {
    expect(await option("opt.enable('the site')")).toBe('lib.mkEnableOption "the site"');
    expect(await option("opt.packageFrom('nginx')")).toBe('lib.mkPackageOption pkgs "nginx" { }');
  });
});
