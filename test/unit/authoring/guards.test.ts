import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { toNixModule } from "../../../src/authoring/record.ts";
import type { SynthError } from "../../../src/errors.ts";
import { load, record, recordValue } from "../../support/record.ts";

async function failureOf(recording: Promise<string>): Promise<SynthError> {
  try {
    const text = await recording;
    throw new Error(`nothing was refused: ${text}`);
  } catch (error) {
    return error as SynthError;
  }
}

/** Code, and what the refusal must say. The code stands on line 3 of hosts/crown.ts. */
const refusedInPlace: readonly (readonly [code: string, message: string])[] = [
  ["config.a * 2", "Cannot calculate with config.a or compare it in TypeScript: only Nix knows its value"],
  ["-config.a", "Cannot calculate with config.a or compare it in TypeScript: only Nix knows its value"],
  ["+config.a", "Cannot calculate with config.a or compare it in TypeScript: only Nix knows its value"],
  ["config.a > 3", "Cannot calculate with config.a or compare it in TypeScript: only Nix knows its value"],
  ["Math.max(config.a, 1)", "Cannot calculate with config.a or compare it in TypeScript: only Nix knows its value"],
  ["[...config.a]", "Cannot go through config.a in TypeScript: only Nix knows its elements"],
  ["Array.from(config.a)", "Cannot go through config.a in TypeScript: only Nix knows its elements"],
  ["new Map(config.a)", "Cannot go through config.a in TypeScript: only Nix knows its elements"],
  [
    "(() => { for (const y of config.a) return y; })()",
    "Cannot go through config.a in TypeScript: only Nix knows its elements",
  ],
  ["(() => { for (const y in config.a) return y; })()", "Cannot list or spread config.a: only Nix knows what is in it"],
  ["({ ...config.a })", "Cannot list or spread config.a: only Nix knows what is in it"],
  ["Object.keys(config.a)", "Cannot list or spread config.a: only Nix knows what is in it"],
  ["Object.assign({}, config.a)", "Cannot list or spread config.a: only Nix knows what is in it"],
  ['"b" in config.a', 'Cannot ask whether "b" is in config.a: only Nix knows'],
  ['config.a.hasOwnProperty("b")', "Cannot call hasOwnProperty on a reference"],
  ["JSON.stringify(config.a)", "Cannot turn config.a into JSON: only Nix knows its value"],
  ["JSON.stringify({ deep: [config.a] })", "Cannot turn config.a into JSON: only Nix knows its value"],
  ["(config.a = 1)", "Cannot change config: it is a reference"],
  ["delete config.a.b", "Cannot change config.a: it is a reference"],
  ["new config.a()", "The module's function failed: config.a is not a constructor"],
  ["!config.a", "Cannot ask in TypeScript whether config.a is true: only Nix knows"],
  ["config.a || 1", "Cannot ask in TypeScript whether config.a is true: only Nix knows"],
  ["config.a && 1", "Cannot ask in TypeScript whether config.a is true: only Nix knows"],
  ["config.a ? 1 : 2", "Cannot ask in TypeScript whether config.a is true: only Nix knows"],
  [
    "(() => { if (config.a) return 1; return 2; })()",
    "Cannot ask in TypeScript whether config.a is true: only Nix knows",
  ],
  [
    "(() => { while (config.a as any) return 1; })()",
    "Cannot ask in TypeScript whether config.a is true: only Nix knows",
  ],
  ["config.a === 'x'", "Cannot compare config.a in TypeScript: only Nix knows its value"],
  ["null !== config.a", "Cannot compare config.a in TypeScript: only Nix knows its value"],
  ["`${config.a}` === 'x'", "Cannot compare text with a reference in it in TypeScript: only Nix knows its value"],
  [
    "(() => { switch (config.a) { case 1: return 1; } })()",
    "Cannot compare config.a in TypeScript: only Nix knows its value",
  ],
  ["config.a + 1", "Cannot add config.a in TypeScript: only Nix knows its value"],
  ["1 + config.a", "Cannot add config.a in TypeScript: only Nix knows its value"],
  ["config.a + config.b", "Cannot add config.a in TypeScript: only Nix knows its value"],
  ["config.a ?? 1", 'Cannot tell in TypeScript whether config has "a": only Nix knows'],
  ["config.a == null", 'Cannot tell in TypeScript whether config has "a": only Nix knows'],
  ["config.a !== undefined", 'Cannot tell in TypeScript whether config has "a": only Nix knows'],
  ["`${config.a}` in { b: 1 }", "Cannot compare text with a reference in it in TypeScript: only Nix knows its value"],
  ["['b'].includes(config.a)", "Cannot compare config.a in TypeScript: only Nix knows its value"],
  [
    "['b'].indexOf(`${config.a}`)",
    "Cannot compare text with a reference in it in TypeScript: only Nix knows its value",
  ],
  [
    "`${config.a}`.startsWith('b')",
    "Cannot compare text with a reference in it in TypeScript: only Nix knows its value",
  ],
  ["config.a.includes('b')", "Cannot compare config.a in TypeScript: only Nix knows its value"],
  ["((ports: any) => ports[config.a])({ b: 1 })", "Cannot look up config.a in TypeScript: only Nix knows its value"],
  [
    "((ports: any) => ports[`${config.a}`])({ b: 1 })",
    "Cannot look up text with a reference in it in TypeScript: only Nix knows its value",
  ],
  ["config.a.map((x) => x)", "Cannot call map on config.a: it is no array or text of TypeScript, only Nix knows it"],
  ["config.a.b.join()", "Cannot call join on config.a.b: it is no array or text of TypeScript, only Nix knows it"],
  ["`a${undefined}`", "Cannot put undefined into text"],
  ["`a${null as any}`", "Cannot put null into text"],
  ["`a${[1, 2]}`", "Cannot put an array into text"],
  ["`a${{}}`", "Cannot put an object into text"],
  ["`a${() => 1}`", "Cannot put a function into text"],
  ["`a${module({})}`", "Cannot put a module definition into text"],
  ["'a' + undefined", "Cannot put undefined into text"],
  ["((text: any) => text + {})('a')", "Cannot put an object into text"],
  ["config.a()", "Cannot call config.a without an argument"],
  ["lib.f(undefined)", "Cannot give undefined to lib.f"],
  ['"abc".split(config.a)', "Cannot compare or search with config.a in TypeScript: only Nix knows its value"],
  ['"abc".replace(config.a, "")', "Cannot compare or search with config.a in TypeScript: only Nix knows its value"],
  ["(1 as any) instanceof config.a", "Cannot compare or search with config.a in TypeScript: only Nix knows its value"],
  ["sh`${[1]}`", "Cannot put an array into text"],
  ["sh`${undefined}`", "Cannot put a value of type undefined into text"],
  ["sh`${true}`", "Cannot put a value of type boolean into text"],
  ["text`${null}`", "Cannot put null into text"],
  ["sh`${{}}`", "Cannot put a value of type object into text"],
  ["nix`(1`", 'Nix text ends too early: ")" is missing'],
  ['nix`"a`', "Nix text ends too early: a string is not closed"],
  ["nix`a }`", 'Nix text has "}" where nothing is open'],
  ["nix`a # ${1}`", "An expression stands in a comment of Nix text"],
  ["nix`1 # one`", "Nix text ends in a comment"],
  ["nix`${1}${2}`", "Two expressions stand side by side in Nix text"],
  ["nix`foo${1}`", "An expression in Nix text touches the word beside it"],
  ["nix`./a/${1}`", "An expression in Nix text touches the word beside it"],
  ["nix``", "Cannot make Nix of an empty text"],
  ['nix`"a\n  b"`', 'Nix text has a "..." string over several lines'],
  ["nix.float(NaN)", "Cannot write NaN in Nix: it has no such number"],
  ['nix.path("/etc/passwd")', 'Cannot use "/etc/passwd" as a path of the project'],
];

/** Values that have no meaning in Nix: the option is named; the place is that of the definition, on line 2. */
const refusedValues: readonly (readonly [code: string, message: string])[] = [
  ["NaN", '"x" holds NaN: Cannot write NaN in Nix: it has no such number'],
  ["{ y: [1, Infinity] }", '"x.y.[1]" holds Infinity: Cannot write Infinity in Nix: it has no such number'],
  ["2 ** 60", '"x" holds 1152921504606847000: Cannot write 1152921504606847000 as a Nix integer: it is not exact'],
  [
    "2n ** 63n",
    '"x" holds 9223372036854775808: Cannot write 9223372036854775808 as a Nix integer: it does not fit in 64 bits',
  ],
  ["[undefined]", '"x.[0]" holds undefined'],
  ["[1, , 2]", '"x.[1]" holds undefined'],
  ["{ y: { z: Symbol('s') } }", '"x.y.z" holds a symbol'],
  ["{ [Symbol.iterator]: 1 }", '"x" has a key that is a symbol'],
  ["new Date(0)", '"x" holds an object of class Date, which is not plain data'],
  ["new Map()", '"x" holds an object of class Map, which is not plain data'],
  ["new (class Port { n = 1 })()", '"x" holds an object of class Port, which is not plain data'],
  ["Promise.resolve(1)", '"x" holds an object of class Promise, which is not plain data'],
  ["/re/", '"x" holds an object of class RegExp, which is not plain data'],
  ["(() => { const y: any = {}; y.z = [y]; return y; })()", '"x.z.[0]" holds itself: the value is part of a cycle'],
  ["class Y {}", '"x" holds a class'],
  ["async (y: any) => y", '"x" holds an async function'],
  ["function* (y: any) { yield y; }", '"x" holds a generator'],
  ["(...y: any[]) => y", '"x" holds a function with a rest parameter'],
  ["(y = 1) => y", '"x" holds a function with a default value for a parameter'],
  ["({ y = 1 }) => y", '"x" holds a function with a default value for a parameter'],
  ["() => 1", '"x" holds a function without parameters'],
  ["(y: any) => { y.z; }", '"x" holds a function that returns nothing'],
  ["host({})", '"x" holds a host definition'],
  ['dir("./x")', '"x" holds a dir definition'],
  ['"a\\0b"', '"x" holds a NUL character, which Nix cannot'],
  ['"a\\ud800b"', '"x" holds half of a character (a lone surrogate)'],
  ["{ y: '\\ufdd0' }", '"x.y" holds a damaged reference'],
];

/** Text with references that was worked on in TypeScript: the token cannot be put right any more. */
const damagedTokens: readonly string[] = [
  "`${config.a}`.slice(1)",
  "`${config.a}`.slice(0, 3)",
  "`a${config.a}`.slice(0, -1)",
  "[...`${config.a}`].reverse().join('')",
  "`${config.a}`.replace(/\\d/, '7')",
  "`${config.a}`.split('').join(' ')",
  "encodeURIComponent(`${config.a}`)",
  "`${config.a}`.padStart(9).substring(1, 3)+'\\ufdd1'",
  "({ [`${config.a}`.slice(2)]: 1 })",
];

describe("what cannot be right throws, with the line it is written on", () => {
  test.each(refusedInPlace)("%s", async (code, message) => {
    const failure = await failureOf(recordValue(code));
    expect(failure.message).toBe(message);
    expect(failure.name).toBe("SynthError");
    expect(failure.at).toMatchObject({ file: "hosts/crown.ts", line: 3 });
  });

  test.each(refusedValues)("%s", async (code, message) => {
    const failure = await failureOf(recordValue(code));
    expect(failure.message).toBe(message);
    expect(failure.at).toMatchObject({ file: "hosts/crown.ts", line: 2 });
  });

  test.each(damagedTokens)("%s", async (code) => {
    const failure = await failureOf(recordValue(code));
    expect(failure.message).toBe('"x" holds a damaged reference');
    expect(failure.at?.file).toBe("hosts/crown.ts");
  });
});

describe("what is right stays right", () => {
  const accepted: readonly (readonly [code: string, nix: string])[] = [
    ["`a${config.a}b`", '"a${config.a}b"'],
    ["'a' + config.a + 'b'", '"a${config.a}b"'],
    ["String(config.a)", '"${config.a}"'],
    ["config.a.toString()", '"${config.a}"'],
    ["`${config.a}`.toUpperCase()", '"${config.a}"'],
    ["[`${config.a}`, 'b'].join(':')", '"${config.a}:b"'],
    ["[].concat(config.a)", "[ config.a ]"],
    ["config.name.length.constructor.prototype.call", "config.name.length.constructor.prototype.call"],
    ["config.$('a.b', `${pkgs.c}`).then_", 'config."a.b"."${pkgs.c}".then_'],
    ["config.$('then')", 'config."then"'],
    ["(await_ => await_)", "await_: await_"],
    ["lib.generators.toJSON({}, 1)", "lib.generators.toJSON { } 1"],
    ["typeof config.a", '"function"'],
    ["[{ a: undefined, b: null }]", "[ { b = null; } ]"],
    ["[{ [`${config.a}-x`]: 1 }]", '[ { "${config.a}-x" = 1; } ]'],
    ["lib.f('x')(2)(-3)", 'lib.f "x" 2 (-3)'],
    ["(ps => [ps.a])", "ps: [ ps.a ]"],
    ["((given?: any) => (given === undefined ? 1 : given))(config.a)", "config.a"],
    ["((given?: any) => (given == null ? 1 : given))(config.a)", "config.a"],
    ["((given?: any) => given ?? 1)(config.a)", "config.a"],
    ["((given: any) => given.a == null)({ a: config.a })", "false"],
    ["((given: any) => given.b === undefined)({ a: config.a })", "true"],
    ["((keyed: any, key: any) => { keyed[key] = 1; return keyed[key] ?? 2; })({}, `${config.a}`)", "1"],
    ["((name: any) => pkgs[name])(`${config.a}`)", 'pkgs."${config.a}"'],
    ["lib.map(config.a, 1).filter(2)", "(lib.map config.a 1).filter 2"],
    ["['a'].includes('a')", "true"],
    ["`${1}${true}${new URL('http://a/')}`", '"1truehttp://a/"'],
    ["nix.toString(config.a)", "toString config.a"],
    ["((given: { a?: any }) => given.a ?? 1)({ a: config.a })", "config.a"],
    ["((given: { a?: any }) => given.a ?? 1)({})", "1"],
    ['"a" + config.a', '"a${config.a}"'],
    ["[1 + 2, !true, 1 === 1 ? 1 : 2, null ?? 3]", "[\n    3\n    false\n    1\n    3\n  ]"],
    ["((a, b) => [a, b])", "a: b: [\n    a\n    b\n  ]"],
    ["(({ a, b }) => [b, a])", "{ a, b, ... }:\n    [\n      b\n      a\n    ]"],
    ["(function (lib) { return lib; })", "lib2: lib2"],
    ["(map => map(1))", "map2: map2 1"],
    ["($ => $)", "x: x"],
    ["nix.map([1], y => nix.map([2], y => y))", "map (y: map (y2: y2) [ 2 ]) [ 1 ]"],
    ["nix.float(1)", "1.0"],
    ["-0", "0"],
    ["nix`${config.a} * 2`", "config.a * 2"],
    ["nix`f ${-1} ${[1]} ${{ a: 'b' }} ${pkgs.f(1)}`", 'f (-1) [ 1 ] { a = "b"; } (pkgs.f 1)'],
    ["nix`\"x ${config.a} ${'$'} ${1}\"`", '"x ${config.a} ${"$"} ${1}"'],
    ["nix`{ ${config.a} = 1; ${'b c'} = 2; }.${config.d}`", '{ ${config.a} = 1; "b c" = 2; }.${config.d}'],
  ];

  test.each(accepted)("%s", async (code, nix) => {
    expect(await recordValue(code)).toBe(nix);
  });

  test("a reference is no promise", async () => {
    expect(
      await record(
        `import { host } from "floe"; export default host(({ pkgs }: any) => ({ x: [pkgs.then, pkgs.a.then].length }));`,
      ),
    ).toContain("x = 2;");
    const made = await load<unknown>(
      `import { nix } from "floe"; const value = await nix\`1\`; export default { value };`,
    );
    expect(inspect(made)).toContain("[Nix ");
  });
});

describe("references stay in their own function", () => {
  test("one that leaves its function is refused", async () => {
    const failure = await failureOf(
      recordValue(
        "(() => { let kept: any; const f = lib.f((y: any) => { kept = y; return y; }); return { a: f, b: lib.g((_: any) => kept) }; })()",
      ),
    );
    expect(failure.message).toBe('"x.b" uses "y" outside the function that has it as a parameter');
  });

  test("one of another module is refused", async () => {
    const twice = await load<{ one: never; two: never }>(`import { host } from "floe";
let kept: any;
export default { one: host(({ pkgs }: any) => { kept = pkgs; return {}; }), two: host(() => ({ x: kept.hello })) };`);
    const context = { root: "/project", outputFile: "nix/x.nix", exists: () => true, moduleFile: () => "" };
    toNixModule(twice.one, context);
    expect(() => toNixModule(twice.two, context)).toThrow(
      '"x" uses "pkgs" outside the function that has it as a parameter',
    );
  });

  test("an outer argument that an inner function hides is refused", async () => {
    const failure = await failureOf(recordValue("({ config: inner }: any) => ({ a: inner.b, c: config.d })"));
    expect(failure.message).toBe('"x.c" uses an outer "config" where an inner function has a parameter of that name');
  });

  test("the arguments cannot be taken as a whole", async () => {
    const rest = await failureOf(
      record(`import { host } from "floe";\nexport default host(({ pkgs, ...rest }: any) => ({ x: rest }));`),
    );
    expect(rest).toMatchObject({ message: "Cannot list, spread or change the module arguments", at: { line: 2 } });
    const whole = await failureOf(
      record(`import { host } from "floe";\nexport default host((args: any) => ({ x: [args] }));`),
    );
    expect(whole.message).toBe('"x.[0]" holds all module arguments at once');
  });
});

describe("an option that is defined by itself", () => {
  const body = (code: string) =>
    record(`import { host, nix } from "floe";\nexport default host(({ config, lib }: any) => (\n${code}\n));`);
  test.each([
    "{ networking: { hostName: `${config.networking.hostName}-x` } }",
    "{ config: { networking: { hostName: config.networking.hostName } } }",
    "{ networking: { hostName: lib.mkForce(lib.toUpper(config.networking.hostName)) } }",
    'lib.mkMerge([{ networking: lib.mkIf(config.a, { hostName: nix`${config.networking.hostName} + "x"` }) }])',
    "{ networking: { hostName: lib.mkIf(config.networking.hostName, 'x') } }",
    "{ networking: { hostName: ['x', config.networking.hostName] } }",
  ])("%s", async (code) => {
    const failure = await failureOf(body(code));
    expect(failure.message).toBe(
      'Option "networking.hostName" is defined by itself: its value mentions config.networking.hostName',
    );
    expect(failure.at).toMatchObject({ file: "hosts/crown.ts", line: 3 });
  });

  test.each([
    "{ networking: { domain: config.networking.hostName } }",
    "{ services: lib.mkIf(config.services.nginx.enable, { acme: { enable: true } }) }",
    "{ services: { nginx: lib.mkIf(config.services.nginx.enable, { port: 1 }) } }",
    "{ environment: { etc: { a: { text: config.environment.etc.b.text } } } }",
    "{ options: { a: { b: lib.mkOption({ default: config.a.b }) } } }",
    "{ a: { b: lib.genAttrs(['x'], (name: any) => config.a.b) } }",
    "{ a: { b: nix.get(config, ['a', 'b'], 1) } }",
  ])("is not found in %s", async (code) => {
    expect(await body(code)).toContain("config");
  });
});

test("an error of the user's own function keeps its line", async () => {
  const failure = await failureOf(
    record(`import { host } from "floe";\nconst read = (x: any) =>\n  x.a.b;\nexport default host(() => read({}));`),
  );
  expect(failure).toMatchObject({
    name: "SynthError",
    message: "The module's function failed: Cannot read properties of undefined (reading 'b')",
    at: { file: "hosts/crown.ts", line: 3 },
  });
});
